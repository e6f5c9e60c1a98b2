// SPDX-License-Identifier: Apache-2.0
// Audit: who changed what, when and why, and proof that nothing was altered.

import { get, withQuery } from "./api.js";
import { changeOf, relate } from "./audit_change.js";
import { detailList } from "./detail.js";
import { directory, personChoices, zoneOf } from "./directory.js";
import { delegate, h, render } from "./dom.js";
import { readFields, selectField, setFields } from "./fields.js";
import { facts } from "./facts.js";
import { count, momentFull, nowUs, plural, sentence,
         timeTag } from "./format.js";
import { icon } from "./icons.js";
import { Roll } from "./roll.js";
import * as router from "./router.js";
import { officeZone } from "./session.js";
import * as shell from "./shell.js";

const EVERY_MS = 5000;
const PAGE = 50;

const KINDS = {
    __proto__: null,
    "status.changed": ["Status", "person"],
    "status.ended": ["Status ended", "now"],
    "config.loaded": ["Configuration", "audit"],
    "credential.loaded": ["Credential", "check"],
    "feed.failed": ["Source failed", "warn"],
    "feed.recovered": ["Source is back", "check"],
    "privacy.forgotten": ["Erased on request", "ban"],
};

function kindPill(kind) {
    const [text, picture] = KINDS[kind] || [kind, "dots"];

    return h("span", { class: "pill off" }, icon(picture), text);
}

/** Who and why, unless the sentence says it. */
function unsaid({ sentence: text, who, why }) {
    return { who: who && !text.includes(who) ? who : null,
             why: why && !text.includes(why) ? why : null };
}

function row(entry) {
    const zone = entry.zone || officeZone();

    return h("li", { class: "entry" },
        h("p", { class: "entry-when" },
          timeTag(entry.at, zone, momentFull), kindPill(entry.kind)),
        h("div", null,
          h("p", { class: "sentence" }, entry.sentence),
          changeOf(entry, zoneOf(entry.operator) || zone),
          facts(unsaid(entry), zone, entry.erased
              ? h("span", { class: "tag" },
                  `${plural(entry.erased, "value")} erased on request`)
              : null),
          detailList(entry.detail, zone, "Everything that was kept",
                     ["Person", entry.operator_name],
                     ["For", entry.line_name || entry.line],
                     ["Host", entry.host], ["Entry", count(entry.seq)],
                     ["Configuration", entry.config],
                     ["Hash", h("code", null, entry.hash)])));
}

function verdict({ ok, entries, erased, flaws }) {
    const checked = `${plural(entries, "entry").replace("entrys", "entries")
        } checked` +
        (erased ? `, ${plural(erased, "value")} erased on request` : "");

    return h("div", { class: `verify ${ok ? "good" : "bad"}` },
        icon(ok ? "check" : "cross"),
        h("div", null,
          h("p", null, h("strong", null, ok
              ? "Nothing was altered or removed."
              : `${plural(flaws.length, "flaw")} found.`), ` ${checked}.`),
          ok ? null : h("ul", null, flaws.map((flaw) =>
              h("li", null, `${flaw.host}, entry ${flaw.seq}: `, flaw.what))),
          ok ? null : h("p", null, "The administrator: compare with the " +
              "heads in the error log and with a backup.")));
}

class AuditView {
    constructor(root, route) {
        this.operator = route.query.get("operator") || "";
        this.people = [];
        this.fresh = new shell.Freshness();
        this.form = h("form", { class: "row audit-form" });
        this.proof = h("div", { role: "status" });
        this.list = h("ol", { class: "entries" });
        this.state = h("div");
        this.foot = h("div", { class: "list-foot" });
        this.form.addEventListener("submit", (e) => e.preventDefault());
        this.form.addEventListener("change", () => this.chose());
        delegate(this.form, { verify: (button) => this.verify(button) });
        render(root, this.form, this.proof,
               h("section", { class: "card flush", "aria-label": "Changes" },
                 this.list), this.state, this.foot);
        this.draw();
        render(this.state, shell.loading());
        this.roll = new Roll({
            body: this.list, foot: this.foot, every: EVERY_MS,
            older: "More entries",
            path: (before) => withQuery("audit", { operator: this.operator,
                                                   before, limit: PAGE }),
            items: ({ entries }) => entries,
            prepare: relate,
            keyOf: (entry) => `${entry.host}/${entry.seq}`,
            make: row,
            onData: (data) => this.got(data),
            onSame: () => this.fresh.same(),
            onTrouble: (problem) => this.trouble(problem),
        });
        this.load();
    }

    async load() {
        this.people = (await directory()).operators;
        this.draw();
        this.roll.redraw();
    }

    draw() {
        render(this.form,
            selectField("operator", "Person", "Everybody and everything",
                        personChoices(this.people), this.operator),
            h("button", { type: "button", class: "button", "data-act":
                          "verify", "data-key": "verify" },
              icon("check"), "Verify"));
        setFields(this.form, { operator: this.operator });
    }

    chose() {
        const { operator } = readFields(this.form, ["operator"]);

        router.replace(router.link("audit", null, { operator }));
        this.update(router.current());
    }

    /** Another address of this view. */
    update(route) {
        const operator = route.query.get("operator") || "";

        if (operator !== this.operator) {
            this.operator = operator;
            this.draw();
            this.roll.reset();
        }
    }

    async verify(button) {
        button.disabled = true;
        render(this.proof, h("p", { class: "loading" },
                             "Checking every entry …"));
        try {
            render(this.proof, verdict((await get("audit/verify")).data));
        } catch (problem) {
            render(this.proof, h("p", { class: "trouble" }, icon("warn"),
                sentence(`Not checked: ${problem.message}`),
                " Try again later, or use qdnctl audit --verify on the " +
                "server."));
        }
        button.disabled = false;
    }

    got(data) {
        this.fresh.asOf(data.as_of || nowUs(),
                        "newer changes are not in the database yet");
        render(this.state, this.roll.items.length ? null
            : shell.emptyState("Nothing was changed yet",
                "Every change of a status and of the configuration will " +
                "stand here."));
    }

    trouble(problem) {
        this.fresh.trouble(problem);
        if (!this.roll.items.length) {
            render(this.state, shell.problemState(problem));
        }
    }

    stop() {
        this.roll.stop();
    }
}

/** The view; see app.js. */
export const audit = {
    title: () => "Audit",
    mount: (root, route) => new AuditView(root, route),
};
