// SPDX-License-Identifier: Apache-2.0
// One call: what became of it, as a picture, and step by step as text.

import { callerText, callsHref, outcomeOf } from "./calls.js";
import { fit } from "./chart.js";
import { detailList } from "./detail.js";
import { h, pairs, render } from "./dom.js";
import { clockSeconds, momentFull, nowUs, phone, span,
         timeTag } from "./format.js";
import { icon } from "./icons.js";
import { Poll } from "./poll.js";
import * as router from "./router.js";
import * as shell from "./shell.js";
import { timelineOf } from "./timeline_model.js";
import { timeline, timelineLegend } from "./timeline.js";
import { reasonPill } from "./words.js";

const EVERY_MS = 4000;

const DECISIONS = new Set(["hop.skipped", "hop.dialled", "call.rejected",
                           "voicemail.offered", "call.goodbye"]);

function revisionLink(revision) {
    return revision ? h("a", { href: router.link("revisions", revision) },
                        h("code", null, revision.slice(0, 12))) : "–";
}

function summary(call) {
    const list = [
        ["Outcome", h("span", { class: "pills" }, outcomeOf(call))],
        ["Caller", callerText(call)],
        ["Number", [call.line_name, " ",
            h("span", { class: "nowrap" }, phone(call.line))]],
        ["Began", timeTag(call.started_at, call.zone, momentFull)],
        ["Ended", timeTag(call.ended_at, call.zone, momentFull) || "not yet"],
        ["Answered by", call.operator_name || call.answered_by || "nobody"],
        ["Ring time", span(call.ring_seconds || 0)],
        ["Talk time", call.talk_seconds === null ? "–"
            : span(call.talk_seconds)],
        ["Configuration then", revisionLink(call.config)],
    ];

    return h("section", { class: "card", "aria-label": "Summary",
                          "data-key": "summary" },
        pairs("summary", list));
}

function step(event, call) {
    const where = [event.operator_name || event.operator, event.phone]
        .filter(Boolean).join(", ");

    return h("li", { "data-key": event.id, class: `kind-${
        event.kind.replace(".", "-")}` },
        timeTag(event.at, call.zone, clockSeconds),
        h("div", null,
          h("p", { class: "step-line" },
            h("span", { class: "sentence" }, event.sentence),
            event.reason ? reasonPill(event.reason) : null),
          detailList(event.detail, call.zone, DECISIONS.has(event.kind)
                     ? "What this was decided from" : "Details",
                     ["Step", event.hop || null], ["Person", where],
                     ["Event", event.kind], ["Host", event.host],
                     ["Configuration", event.config &&
                         event.config !== call.config
                         ? revisionLink(event.config) : null])));
}

function steps(call) {
    return h("section", { class: "card", "aria-labelledby": "steps-title",
                          "data-key": "steps" },
        h("h2", { id: "steps-title" }, "Step by step"),
        h("ol", { class: "events" },
          call.events.map((event) => step(event, call))));
}

class CallView {
    constructor(root, route) {
        this.call = null;
        this.stopFit = null;
        this.fresh = new shell.Freshness();
        this.root = root;
        this.picture = h("div", { class: "picture-box" });
        render(root, shell.loading());
        this.poll = new Poll({
            path: () => `calls/${encodeURIComponent(route.id)}`,
            every: EVERY_MS,
            onData: (call) => this.got(call),
            onSame: () => this.fresh.same(),
            onTrouble: (problem) => this.trouble(problem),
        });
    }

    got(call) {
        const first = this.call === null;

        this.call = call;
        this.fresh.asOf(call.as_of || nowUs(),
                        "newer steps are not in the database yet");
        if (first) {
            this.begin();
        } else {
            this.draw(this.picture.clientWidth);
        }
        render(this.summary, summary(call));
        render(this.steps, steps(call));
    }

    begin() {
        this.summary = h("div");
        this.steps = h("div");
        render(this.root,
            h("p", { class: "back" }, h("a", { href: callsHref() },
                icon("back"), "All calls")),
            this.summary,
            h("section", { class: "card", "aria-labelledby": "line-title" },
              h("h2", { id: "line-title" }, "What happened when"),
              this.picture, timelineLegend()),
            this.steps);
        this.stopFit = fit(this.picture, (width) =>
            timeline(timelineOf(this.call, nowUs()), width));
    }

    draw(width) {
        if (width > 0) {
            this.picture.replaceChildren(
                timeline(timelineOf(this.call, nowUs()), width));
        }
    }

    trouble(problem) {
        this.fresh.trouble(problem);
        if (!this.call) {
            render(this.root,
                h("p", { class: "back" }, h("a", { href: callsHref() },
                    icon("back"), "All calls")),
                shell.problemState(problem));
        }
    }

    stop() {
        this.poll.stop();
        this.stopFit?.();
    }
}

/** The view; see app.js. */
export const call = {
    title: () => "Call",
    tab: "calls",
    mount: (root, route) => new CallView(root, route),
};
