// SPDX-License-Identifier: Apache-2.0
// Health: every check, what is, and who must do what.

import { table } from "./chart.js";
import { h, render } from "./dom.js";
import { ago, bytes, span, timeTag } from "./format.js";
import { icon } from "./icons.js";
import { Poll } from "./poll.js";
import { officeZone } from "./session.js";
import * as shell from "./shell.js";
import { colourPill } from "./words.js";

const EVERY_MS = 5000;

const NAMES = {
    __proto__: null,
    secrets: "Secrets", journal: "Journal on disk",
    drain: "Journal to database", database: "Database",
    availability: "Calendars and presence",
    webhooks: "Calls from Twilio", rotation: "Age of credentials",
    disk: "Room on the disk", daemon: "Background service",
};

const VERDICTS = {
    __proto__: null,
    green: ["good", "check", "Everything works."],
    amber: ["note", "warn", "Calls are answered, but something needs a look."],
    red: ["bad", "cross", "Something is broken and needs somebody now."],
};

function checkItem(check) {
    return h("li", { class: `check-item ${check.colour}`,
                     "data-key": check.name },
        h("div", { class: "check-top" },
          h("h3", null, NAMES[check.name] || check.name),
          colourPill(check.colour)),
        h("p", { class: "sentence" }, check.what),
        check.do ? h("p", { class: "todo" }, check.do) : null,
        h("p", { class: "facts" },
          check.since ? h("span", null, "since ",
                          timeTag(check.since, officeZone())) : null,
          check.age !== null && check.age !== undefined
              ? h("span", null, `Age: ${span(check.age)}`) : null));
}

function verdict(data) {
    const [look, picture, text] = VERDICTS[data.health] || VERDICTS.red;

    return h("div", { class: `verify ${look}`, role: "status",
                      "data-key": "verdict" },
        icon(picture), h("p", null, h("strong", null, text),
                         ` Host ${data.host}.`));
}

function journal({ pending_bytes: pending, lag_seconds: lag }) {
    return pending
        ? `${bytes(pending)} wait in the journal, the eldest for ` +
            `${span(lag || 0)}.`
        : "Nothing waits in the journal: everything is in the database.";
}

function ageOf(feed) {
    return feed.age === null || feed.age === undefined ? "never"
        : ago(feed.age);
}

function feeds(list) {
    return table("Sources", ["Source", "Kind", "State", "Last answer",
                             "Error"],
        list.map((feed) => [feed.name, feed.kind, feed.state, ageOf(feed),
                            feed.error || "–"]), "left");
}

function rotation(days) {
    if (days === null || days === undefined) {
        return "–";
    }
    return days < 0 ? `overdue by ${-days} days` : `in ${days} days`;
}

function credentials(list) {
    return table("Credentials", ["Name", "Fingerprint", "Age",
                                 "New one due"],
        list.map((one) => [one.name, h("code", null, one.fingerprint || "–"),
            one.age_days === null || one.age_days === undefined
                ? "not known" : `${one.age_days} days`,
            rotation(one.rotate_in_days)]), "left");
}

function section(id, title, ...content) {
    return h("section", { class: "card", "aria-labelledby": id,
                          "data-key": id },
             h("h2", { id }, title), content);
}

function scrolling(label, content) {
    return h("div", { class: "scroll", tabindex: "0", role: "region",
                      "aria-label": label }, content);
}

function content(data) {
    const none = (text) => h("p", { class: "hint" }, text);

    return [
        verdict(data),
        h("h2", { class: "vh", "data-key": "checks-title" }, "Checks"),
        h("ul", { class: "checks", "data-key": "checks", "aria-label":
                  "Checks" }, data.checks.map(checkItem)),
        section("journal-title", "Journal",
                h("p", null, journal(data.journal || {}))),
        section("feeds-title", "Sources",
                data.feeds?.length
                    ? scrolling("List of sources", feeds(data.feeds))
                    : none("No calendar or other source is configured.")),
        section("credentials-title", "Credentials",
                data.credentials?.length
                    ? scrolling("List of credentials",
                                credentials(data.credentials))
                    : none("No credential is loaded.")),
    ];
}

/** The view; see app.js. */
export const health = {
    title: () => "Health",
    mount(root) {
        const fresh = new shell.Freshness();
        let known = false;
        const poll = new Poll({
            path: () => "health", every: EVERY_MS, whole: true,
            onData(data) {
                known = true;
                render(root, content(data));
                fresh.ok();
            },
            onTrouble(problem) {
                fresh.trouble(problem);
                if (!known) {
                    render(root, shell.problemState(problem));
                }
            },
        });

        render(root, shell.loading());
        return { stop: () => poll.stop() };
    },
};
