// SPDX-License-Identifier: Apache-2.0
// Now: who would be rung this minute, number by number, and people with
// their status.

import { delegate, h, hidden, render } from "./dom.js";
import { told } from "./facts.js";
import { phone, timeTag } from "./format.js";
import { icon } from "./icons.js";
import { Poll } from "./poll.js";
import { ringOrder } from "./ringorder.js";
import { isMine, maySet } from "./session.js";
import * as shell from "./shell.js";
import { StatusDialog } from "./status.js";
import { CHANGED } from "./change.js";
import { reasonPill, reasonText } from "./words.js";

const EVERY_MS = 3000;

function standingFacts(person) {
    const s = person.standing;

    return told(person.sentence, { who: s?.who, why: s?.why,
                                   since: person.since,
                                   until: s ? s.until : person.until },
        person.zone,
        s && !s.until ? h("span", null, "until it is changed") : null);
}

/** Set by hand for one number alone. */
function otherStanding(person) {
    return (person.standings || []).filter((s) => s.line).map((s) =>
        h("p", { class: "facts", "data-key": `standing${s.line}` },
          h("span", null, `${reasonText(s.state === "away"
              ? "status-away" : "available")} for ${phone(s.line)}`),
          s.why ? h("span", { class: "quote" }, `“${s.why}”`) : null,
          s.until ? h("span", null, "until ",
                      timeTag(s.until, person.zone)) : null));
}

function feedTrouble(feed) {
    return feed.error
        ? h("p", { class: "trouble" }, icon("warn"),
            `${feed.name}: ${feed.error}`) : null;
}

function pillOf(person) {
    const byHand = person.standing && person.available &&
        person.reason === "available";

    return [reasonPill(person.reason),
            byHand ? h("span", { class: "tag" }, "set by hand") : null];
}

function personCard(person) {
    const mine = isMine(person.id);

    return h("li", { class: `person${mine ? " mine" : ""}`,
                     "aria-label": person.name, "data-key": person.id },
        h("div", { class: "person-top" },
          h("h3", null, person.name,
            mine ? h("span", { class: "tag" }, "you") : null),
          h("span", { class: "pills" }, pillOf(person))),
        standingFacts(person),
        otherStanding(person),
        (person.feeds || []).map(feedTrouble),
        maySet(person.id)
            ? h("button", { type: "button", class: "button", "data-key":
                            "change", "data-act": "status",
                            "data-id": person.id },
                "Change status", hidden(` of ${person.name}`)) : null);
}

function people(id, title, list) {
    return list.length === 0 ? null
        : h("section", { class: `panel-list ${id}`, "data-key": id,
                         "aria-labelledby": `${id}-title` },
            h("h2", { id: `${id}-title` }, title),
            h("ul", { class: "people" }, list.map(personCard)));
}

function content(data) {
    const mine = data.operators.filter((person) => isMine(person.id));
    const others = data.operators.filter((person) => !isMine(person.id));

    return h("div", { class: "now-grid", "data-key": "grid" },
        people("you", "You", mine),
        h("section", { class: "numbers", "data-key": "numbers",
                       "aria-labelledby": "numbers-title" },
          h("h2", { id: "numbers-title" },
            "Who would be rung this minute"),
          data.lines.length === 0
              ? shell.emptyState("No number yet", "The configuration has no " +
                  "number: the administrator adds one with QDNLine.")
              : data.lines.map((line) => ringOrder(line, data.operators))),
        people("others", mine.length ? "Others" : "People", others));
}

/** The view; see app.js. */
export const now = {
    title: () => "Now",
    mount(root) {
        const fresh = new shell.Freshness();
        let data = null;
        const dialog = new StatusDialog();
        const poll = new Poll({
            path: () => "now", every: EVERY_MS,
            onData(answer) {
                data = answer;
                render(root, content(data));
                dialog.refresh(data.operators);
                fresh.ok();
            },
            onSame: () => fresh.ok(),
            onTrouble(problem) {
                fresh.trouble(problem);
                if (!data) {
                    render(root, shell.problemState(problem));
                }
            },
        });
        const again = () => poll.now();

        render(root, shell.loading());
        delegate(root, {
            status(button) {
                dialog.open(data.operators.find(
                    (person) => person.id === button.dataset.id), data.lines);
            },
        });
        document.addEventListener(CHANGED, again);
        return {
            stop() {
                poll.stop();
                dialog.close();
                document.removeEventListener(CHANGED, again);
            },
        };
    },
};
