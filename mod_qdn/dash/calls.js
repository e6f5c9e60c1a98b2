// SPDX-License-Identifier: Apache-2.0
// Calls: one row each, newest first, live.

import { withQuery } from "./api.js";
import { apiFilter, FilterForm, readFilter } from "./calls_filter.js";
import { nameOf } from "./directory.js";
import { h, hidden, render } from "./dom.js";
import { nowUs, phone, plural, span, timeTag } from "./format.js";
import { icon } from "./icons.js";
import { Roll } from "./roll.js";
import * as router from "./router.js";
import * as shell from "./shell.js";
import { outcomePill } from "./words.js";

const EVERY_MS = 3000;
const PAGE = 50;
const LONGEST_US = 4 * 3600e6; // what lasts longer was never told to end

const COLUMNS = [["when", "When"], ["caller", "Caller"], ["number", "Number"],
                 ["outcome", "Outcome"], ["rung", "Who was rung"],
                 ["ring", "Ring time"], ["talk", "Talk time"]];

let href = router.link("calls");

/** The address of the list as it was last shown. */
export function callsHref() {
    return href;
}

/** Is it still going on, as far as anybody knows? */
function inProgress(call) {
    return !call.ended_at && nowUs() - call.started_at < LONGEST_US;
}

/** The caller for people. @param {Object} call */
export function callerText(call) {
    return call.caller ? phone(call.caller) : "Number withheld";
}

/** Outcome, and that it needed more than one step. @param {Object} call */
export function outcomeOf(call) {
    return [
        inProgress(call) && call.outcome === "unknown"
            ? h("span", { class: "pill live" }, icon("bell"), "In progress")
            : outcomePill(call.outcome, call.outcome_text),
        call.failover
            ? h("span", { class: "pill failover" }, icon("fork"), "Failover")
            : null,
    ];
}

function cell(name, ...children) {
    return h("td", { class: `col-${name}`, role: "cell" }, children);
}

function row(call) {
    return h("tr", { role: "row", class: [call.missed ? "missed" : "",
                                          call.failover ? "failed-over" : ""]
                         .join(" ").trim() || null },
        cell("when", h("a", { href: router.link("calls", call.call_sid) },
            timeTag(call.started_at, call.zone),
            hidden(", how this call went"))),
        cell("caller", callerText(call)),
        cell("number", call.line_name || phone(call.line)),
        cell("outcome", h("span", { class: "pills" }, outcomeOf(call))),
        cell("rung", (call.rung || []).map(nameOf).join(", ")),
        cell("ring", span(call.ring_seconds || 0)),
        cell("talk", call.talk_seconds === null ? "–"
            : span(call.talk_seconds)));
}

function table(body) {
    return h("table", { class: "calls", role: "table",
                        "aria-label": "Calls, the newest first" },
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" },
            COLUMNS.map(([name, text]) =>
                h("th", { role: "columnheader", scope: "col",
                          class: `col-${name}` }, text)))),
        body);
}

function exports(filter) {
    return ["csv", "json"].map((kind) =>
        h("a", { class: "button", download: "", "data-key": kind,
                 href: `api/${withQuery(`calls.${kind}`, filter)}` },
          icon("save"), `Export ${kind.toUpperCase()}`,
          hidden(" of all calls of this filter")));
}

class CallsView {
    constructor(root, route) {
        this.fresh = new shell.Freshness();
        this.filter = readFilter(route.query);
        this.form = new FilterForm(this.filter, (filter) => {
            if (!this.stopped) {
                router.replace(router.link("calls", null, filter));
                this.apply(filter);
            }
        });
        this.body = h("tbody", { role: "rowgroup" });
        this.foot = h("div", { class: "list-foot" });
        this.state = h("div");
        this.exports = h("div", { class: "row exports" });
        this.card = h("div", { class: "card flush", hidden: true },
                      table(this.body));
        render(root, this.form.node, this.exports, this.card, this.state,
               this.foot);
        this.start();
    }

    start() {
        this.query = apiFilter(this.filter, this.form.lines);
        href = router.link("calls", null, this.filter);
        render(this.exports, exports(this.query));
        render(this.state, shell.loading());
        this.roll = new Roll({
            body: this.body, foot: this.foot, every: EVERY_MS,
            older: "More calls",
            path: (before) => withQuery("calls", { ...this.query, before,
                                                   limit: PAGE }),
            items: ({ calls }) => calls,
            keyOf: (call) => call.call_sid,
            make: row,
            onData: (data, added) => this.got(data, added),
            onSame: () => this.fresh.same(),
            onTrouble: (problem) => this.trouble(problem),
        });
    }

    got(data, added) {
        this.fresh.asOf(data.as_of || nowUs(),
                        "newer calls are not in the database yet");
        if (added) {
            shell.say(plural(added, "new call"));
        }
        this.card.hidden = this.roll.items.length === 0;
        render(this.state, this.card.hidden ? this.none() : null);
    }

    none() {
        return Object.values(this.filter).some(Boolean)
            ? shell.emptyState("No such call",
                "No call fits this filter. Clear it to see all of them.")
            : shell.emptyState("No call yet",
                "The next call to one of the numbers appears here by itself.");
    }

    trouble(problem) {
        this.fresh.trouble(problem);
        if (!this.roll.items.length) {
            this.card.hidden = true;
            render(this.state, shell.problemState(problem));
        }
    }

    apply(filter) {
        const query = apiFilter(filter, this.form.lines);

        this.filter = filter;
        href = router.link("calls", null, filter);
        if (JSON.stringify(query) === JSON.stringify(this.query)) {
            this.roll.redraw();
            return;
        }
        this.query = query;
        render(this.exports, exports(query));
        this.roll.reset();
    }

    /** Another address of this view. */
    update(route) {
        const filter = readFilter(route.query);

        this.form.set(filter);
        this.apply(filter);
    }

    /** It is shown no longer. */
    stop() {
        this.stopped = true;
        this.roll.stop();
    }
}

/** The view; see app.js. */
export const calls = {
    title: () => "Calls",
    mount: (root, route) => new CallsView(root, route),
};
