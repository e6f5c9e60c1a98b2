// SPDX-License-Identifier: Apache-2.0
// A revision of the configuration, and how it differs from another one.

import { get } from "./api.js";
import { diffLines, withContext } from "./diff.js";
import { h, hidden, pairs, render } from "./dom.js";
import { selectField, setFields } from "./fields.js";
import { momentFull, plural, timeTag } from "./format.js";
import { icon } from "./icons.js";
import * as router from "./router.js";
import { officeZone } from "./session.js";
import * as shell from "./shell.js";

const SIGNS = { "-": ["removed", "gone: "], "+": ["added", "new: "],
                " ": ["same", ""] };

function linesOf(plan) {
    return JSON.stringify(plan, null, 2).split("\n");
}

function diffLine({ sign, text, left }) {
    if (left) {
        return h("span", { class: "diff-left" },
                 `${plural(left, "line")} the same`);
    }
    const [look, word] = SIGNS[sign];

    return h("span", { class: `diff-${look}` },
        h("span", { class: "diff-sign", "aria-hidden": "true" }, sign),
        word ? hidden(word) : null, text);
}

function difference(lines) {
    const changed = lines.filter(({ sign }) => sign !== " ").length;

    if (changed === 0) {
        return shell.emptyState("No difference", "Both are the same.");
    }
    return h("pre", { class: "diff scroll", tabindex: "0", role: "region",
                      "aria-label": "Difference" },
             withContext(lines).map(diffLine));
}

function about({ revision, host, first_at: at }) {
    return pairs("summary", [
        ["Revision", h("code", null, revision)],
        ["First on", host],
        ["Since", timeTag(at, officeZone(), momentFull)],
    ]);
}

/** A revision; null if the database does not have it. */
async function ifKept(id) {
    try {
        return (await get(`revisions/${encodeURIComponent(id)}`)).data;
    } catch (problem) {
        if (problem.status === 404) {
            return null;
        }
        throw problem;
    }
}

class RevisionView {
    constructor(root, route) {
        this.root = root;
        this.id = route.id;
        this.fresh = new shell.Freshness();
        this.turn = 0;
        render(root, shell.loading());
        root.addEventListener("change", ({ target }) => {
            if (target.name === "with") {
                router.replace(router.link("revisions", this.id,
                                           { with: target.value }));
                this.update(router.current());
            }
        });
        this.update(route);
    }

    /** Another address of this view. */
    async update(route) {
        const turn = ++this.turn;

        try {
            const [{ data: list }, { data: mine }] = await Promise.all(
                [get("revisions"),
                 get(`revisions/${encodeURIComponent(this.id)}`)]);
            const others = list.revisions.filter(
                ({ revision }) => revision !== this.id);
            const before = others.filter(
                ({ first_at: at }) => at <= mine.first_at)[0];
            const other = route.query.get("with") || before?.revision;
            const old = other ? await ifKept(other) : null;

            if (turn === this.turn) {
                this.draw(mine, old, others);
                this.fresh.ok();
            }
        } catch (problem) {
            if (turn === this.turn) {
                this.fresh.trouble(problem);
                render(this.root, this.back(), shell.problemState(problem));
            }
        }
    }

    back() {
        return h("p", { class: "back" },
            h("a", { href: router.link("audit") }, icon("back"), "Audit"));
    }

    draw(mine, old, others) {
        const zone = officeZone();

        render(this.root, this.back(),
            h("section", { class: "card", "aria-label": "About" },
              about(mine)),
            h("section", { class: "card", "aria-labelledby": "diff-title" },
              h("h2", { id: "diff-title" }, "What changed"),
              others.length ? selectField("with", "Compared with", null,
                  others.map(({ revision, first_at: at }) => [revision,
                      `${revision.slice(0, 12)}, ${momentFull(at, zone)}`]),
                  old?.revision) : null,
              old ? difference(diffLines(linesOf(old.plan),
                                         linesOf(mine.plan)))
                  : h("p", { class: "hint" },
                      "No configuration before this one was kept.")),
            h("section", { class: "card", "aria-labelledby": "plan-title" },
              h("h2", { id: "plan-title" }, "All of it"),
              h("details", { class: "figures" },
                h("summary", null, "Show the whole configuration"),
                h("pre", { class: "scroll", tabindex: "0", role: "region",
                           "aria-label": "Configuration" },
                  JSON.stringify(mine.plan, null, 2)))));
        this.root.querySelectorAll("[name=with]").forEach((select) =>
            setFields({ elements: { with: select } },
                      { with: old ? old.revision : "" }));
    }

    stop() {
        this.turn = -1;
    }
}

/** The view; see app.js. */
export const revision = {
    title: () => "Configuration",
    tab: "audit",
    mount: (root, route) => new RevisionView(root, route),
};
