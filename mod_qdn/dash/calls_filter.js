// SPDX-License-Identifier: Apache-2.0
// Which calls are shown. The filter lives in the address, so that a reload,
// a bookmark and a colleague see the same.

import { directory, lineChoices, personChoices } from "./directory.js";
import { h, render } from "./dom.js";
import { checkField, inputField, readFields, selectField,
         setFields } from "./fields.js";
import { addDays, dayStart, isDay } from "./format.js";
import { icon } from "./icons.js";
import { masked, officeZone } from "./session.js";
import { outcomeChoices } from "./words.js";

const TYPING_MS = 400;
const NAMES = ["line", "operator", "outcome", "number", "q", "from", "to",
               "failover"];
const DAYS = new Set(["from", "to"]);
const WRITING = /[\s().\-/]/g; // what people put between digits

/** The filter that stands in an address. @param {URLSearchParams} query */
export function readFilter(query) {
    return Object.fromEntries(NAMES.map((name) => {
        const value = query.get(name) || "";

        return [name, DAYS.has(name) && !isDay(value) ? "" : value];
    }));
}

/**
 * The parameters of the API for it.
 * @param {Object} filter
 * @param {Object[]} lines whose zones days are counted in
 */
export function apiFilter(filter, lines) {
    const zone = lines.find(({ number }) => number === filter.line)?.zone ||
        officeZone();

    return { ...filter, number: filter.number.replace(WRITING, ""),
             from: filter.from && dayStart(filter.from, zone),
             to: filter.to && dayStart(addDays(filter.to, 1), zone),
             failover: filter.failover ? 1 : null };
}

/** The form of the filter. */
export class FilterForm {
    /**
     * @param {Object} filter
     * @param {function(Object)} onChange another filter was chosen
     */
    constructor(filter, onChange) {
        this.onChange = onChange;
        this.filter = filter;
        this.lines = [];
        this.people = [];
        this.timer = 0;
        this.node = h("details", { class: "filter card", open:
                                   matchMedia("(min-width: 761px)").matches });
        this.node.addEventListener("input", () => {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.changed(), TYPING_MS);
        });
        this.node.addEventListener("submit", (event) => {
            event.preventDefault();
            this.changed();
        });
        this.node.addEventListener("click", (event) => {
            if (event.target.closest("[data-act=clear]")) {
                this.set(readFilter(new URLSearchParams()));
                onChange(this.filter);
            }
        });
        this.draw();
        this.load();
    }

    async load() {
        const { lines, operators } = await directory();

        this.lines = lines;
        this.people = operators;
        this.draw();
        this.onChange(this.filter);
    }

    changed() {
        const form = this.node.querySelector("form");

        clearTimeout(this.timer);
        this.filter = readFields(form, NAMES);
        this.drawSummary();
        this.onChange(this.filter);
    }

    /** Show another filter. */
    set(filter) {
        this.filter = filter;
        this.draw();
    }

    drawSummary() {
        const used = NAMES.filter((name) => this.filter[name]).length;

        this.node.querySelector("summary span").textContent =
            used ? `Filter (${used} in use)` : "Filter";
    }

    draw() {
        render(this.node,
            h("summary", { "data-key": "summary" }, icon("down"),
              h("span", null, "Filter")),
            h("form", { class: "filter-form", role: "search",
                        "aria-label": "Filter calls", "data-key": "form" },
              this.fields()));
        setFields(this.node.querySelector("form"), this.filter);
        this.drawSummary();
    }

    fields() {
        const { filter } = this;

        return [
            inputField("search", "q", "Search", { placeholder: masked()
                ? "person, outcome" : "caller, person, outcome" }),
            selectField("line", "Number", "All numbers",
                        lineChoices(this.lines), filter.line),
            selectField("operator", "Person", "Everybody",
                        personChoices(this.people), filter.operator),
            selectField("outcome", "Outcome", "All outcomes",
                        outcomeChoices(), filter.outcome),
            masked() ? null
                : inputField("text", "number", "Caller",
                             { inputmode: "tel",
                               placeholder: "part of the number" }),
            inputField("date", "from", "From"),
            inputField("date", "to", "To"),
            checkField("failover", "Failovers only"),
            h("button", { type: "button", class: "button", "data-act":
                          "clear", "data-key": "clear" }, "Clear"),
        ];
    }
}
