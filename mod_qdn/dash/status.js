// SPDX-License-Identifier: Apache-2.0
// The dialog in which a status is changed: one tap on a reason sets it.

import { changeStatus } from "./change.js";
import { delegate, h, hidden, render } from "./dom.js";
import { chipsField } from "./fields.js";
import { isoDay, moment, nowUs, phone, sentence } from "./format.js";
import { icon } from "./icons.js";
import { ENDS, REASONS, STATES, endText, untilOf } from "./presets.js";

function emptyText({ line, line_name: name, from, until }, zone) {
    const who = name ? `${name} (${phone(line)})` : phone(line);

    return h("li", null, who,
        from ? ` from ${moment(from, zone)}` : "",
        until ? ` until ${moment(until, zone)}` : "");
}

/** One dialog for all people; open() says for whom. */
export class StatusDialog {
    constructor() {
        this.person = null;
        this.refused = null;
        this.notice = null;
        this.busy = false;
        this.node = h("dialog", { class: "sheet",
                                  "aria-labelledby": "sheet-title" });
        this.node.addEventListener("close", () => this.forget());
        this.node.addEventListener("change", (event) => this.chose(event));
        this.node.addEventListener("submit", (event) => this.submit(event));
        delegate(this.node, {
            close: () => this.close(),
            reason: (button) => this.set(button.dataset.why,
                                         button.dataset.end),
            auto: () => this.set(null, null),
            anyway: () => this.send({ ...this.refused.wish, anyway: true }),
            back: () => { this.refused = null; this.draw(); },
        });
    }

    /**
     * @param {Object} person OPERATOR
     * @param {Object[]} lines of api/now, for "only for one number"
     */
    open(person, lines) {
        this.person = person;
        this.lines = lines;
        this.state = person.standing ? "auto"
            : person.available ? "away" : "available";
        this.end = "suggested";
        this.refused = null;
        this.notice = null;
        this.draw();
        document.body.append(this.node);
        this.node.showModal();
        this.node.querySelector("input:checked").focus();
    }

    /** Close it, if it is open. */
    close() {
        this.node.close();
    }

    forget() {
        this.person = null;
        render(this.node);
        this.node.remove();
    }

    /** There are new data: has somebody else changed this person? */
    refresh(operators) {
        const fresh = this.person &&
            operators.find(({ id }) => id === this.person.id);

        if (!fresh) {
            return;
        }
        if (fresh.standing?.at !== this.person.standing?.at) {
            this.notice = `This was changed a moment ago: ${fresh.sentence}`;
        }
        this.person = fresh;
        if (this.notice) {
            this.draw();
        }
    }

    field(name) {
        return this.node.querySelector(`[name="${name}"]`);
    }

    chose({ target }) {
        if (target.name === "state") {
            this.state = target.value;
            this.draw();
        } else if (target.name === "end") {
            this.end = target.value;
            this.draw();
        }
    }

    submit(event) {
        const why = this.field("why").value.trim();

        event.preventDefault();
        if (why) {
            this.set(why, "next");
        } else {
            this.notice = "Please say why, or tap one of the reasons.";
            this.draw();
            this.field("why").focus();
        }
    }

    set(why, suggested) {
        const end = this.end === "suggested" ? suggested : this.end;
        const at = this.field("at")?.value;

        if (this.end === "at" && !at && this.state !== "auto") {
            this.notice = "Please choose the time at which it ends.";
            this.draw();
            this.field("at").focus();
            return;
        }
        this.send({ state: this.state, line: this.field("line")?.value || null,
                    until: this.state === "auto"
                        ? null : untilOf(end, this.person, at),
                    why });
    }

    async send(wish) {
        const person = this.person;

        if (this.busy) {
            return;
        }
        this.busy = true;
        this.notice = null;
        this.draw();
        try {
            await changeStatus(person, wish);
            this.busy = false;
            this.close();
            return;
        } catch (problem) {
            this.refused = problem.status === 409 && problem.body.empty
                ? { wish, empty: problem.body.empty } : null;
            this.notice = this.refused ? null
                : `${sentence(problem.message)} ${problem.remedy || ""}`;
        }
        this.busy = false;
        if (this.person) {
            this.draw();
        }
    }

    draw() {
        const { person, notice } = this;

        render(this.node,
            h("header", { class: "sheet-top", "data-key": "top" },
              h("h2", { id: "sheet-title" }, hidden("Status of "),
                person.name),
              h("button", { type: "button", class: "button quiet", "data-act":
                            "close", "aria-label": "Close" }, icon("cross"))),
            h("p", { class: "sentence", "data-key": "sentence" },
              person.sentence),
            h("div", { role: "alert", "data-key": "notice" },
              notice ? h("p", { class: "trouble" }, icon("warn"), notice)
                     : null),
            this.refused ? this.warning() : this.form());
        if (this.refused) {
            this.node.querySelector("[data-act=back]").focus();
        }
    }

    warning() {
        return h("div", { class: "warning", role: "alert",
                          "data-key": "warning" },
            h("p", null, icon("warn"),
              h("strong", null, "Nobody would be left to ring for:")),
            h("ul", null, this.refused.empty.map((gap) =>
                emptyText(gap, this.person.zone))),
            h("div", { class: "row" },
              h("button", { type: "button", class: "button", "data-act":
                            "back" }, "Go back"),
              h("button", { type: "button", class: "button danger",
                            "data-act": "anyway" }, "Set it anyway")));
    }

    form() {
        return h("form", { "data-key": "form", novalidate: true },
            chipsField("state", "Set to", STATES, this.state),
            h("p", { class: "hint", "data-key": "hint" },
              STATES.find(([code]) => code === this.state)[2]),
            this.state === "auto" ? null
                : chipsField("end", "Until", ENDS, this.end),
            this.state !== "auto" && this.end === "at" ? this.atField() : null,
            this.lines.length > 1 ? this.lineField() : null,
            this.state === "auto" ? this.autoButton() : this.reasons());
    }

    atField() {
        return h("label", { class: "field", "data-key": "at" },
            h("span", null, `Ends at (${this.person.zone})`),
            h("input", { type: "datetime-local", name: "at", required: true,
                         min: `${isoDay(nowUs(), this.person.zone)}T00:00`,
                         "data-key": "at-input" }));
    }

    lineField() {
        return h("label", { class: "field", "data-key": "line" },
            h("span", null, "For"),
            h("select", { name: "line", "data-key": "line-input" },
              h("option", { value: "" }, "all numbers"),
              this.lines.map((line) => h("option", { value: line.number },
                  `only ${line.name || ""} ${phone(line.number)}`))));
    }

    autoButton() {
        return h("button", { type: "button", class: "button primary wide",
                             "data-act": "auto", "data-key": "auto",
                             disabled: this.busy }, "Back to automatic");
    }

    reasons() {
        const own = this.end === "suggested";

        return h("fieldset", { "data-key": `why-${this.state}` },
            h("legend", null, "Why? One tap sets it"),
            h("div", { class: "reasons" },
              REASONS[this.state].map(([why, end]) =>
                  h("button", { type: "button", class: "button reason",
                                "data-act": "reason", "data-why": why,
                                "data-end": end, disabled: this.busy },
                    h("span", null, why),
                    own ? h("small", null, endText(end, this.person))
                        : null))),
            h("div", { class: "row own" },
              h("label", { class: "field grow" },
                h("span", null, "Another reason"),
                h("input", { type: "text", name: "why", maxlength: 200,
                             autocomplete: "off" })),
              h("button", { type: "submit", class: "button primary",
                            disabled: this.busy }, "Set")));
    }
}
