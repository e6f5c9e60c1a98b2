// SPDX-License-Identifier: Apache-2.0
// Reports: a span of days in figures and pictures.

import { withQuery } from "./api.js";
import { directory, lineChoices } from "./directory.js";
import { h, render } from "./dom.js";
import { chipsField, inputField, readFields, selectField,
         setFields } from "./fields.js";
import { isDay, nowUs } from "./format.js";
import { Poll } from "./poll.js";
import { daysOf, RANGES } from "./ranges.js";
import { daySection, loadSection, spoken, tiles,
         weekSection } from "./report_parts.js";
import * as router from "./router.js";
import { officeZone } from "./session.js";
import * as shell from "./shell.js";

const EVERY_MS = 60000;
const WEEK_KEYS = [["calls", "All calls"], ["missed", "Missed"],
                   ["answered", "Answered"], ["failover", "With failover"]];

/** The days that an address asks for. */
function wishOf(query, lines) {
    const own = isDay(query.get("from")) && isDay(query.get("to"));
    const range = own ? "" : query.get("range") || "30d";
    const key = query.get("week");
    const line = query.get("line") || "";
    const zone = lines.find(({ number }) => number === line)?.zone;
    const [from, to] = own ? [query.get("from"), query.get("to")].sort()
        : daysOf(range, zone || officeZone());

    return { range, from, to, line,
             week: WEEK_KEYS.some(([k]) => k === key) ? key : "calls" };
}

function hrefOf(wish) {
    return router.link("reports", null, {
        range: wish.range,
        from: wish.range ? "" : wish.from,
        to: wish.range ? "" : wish.to,
        line: wish.line, week: wish.week === "calls" ? "" : wish.week });
}

class ReportsView {
    constructor(root, route) {
        this.stops = [];
        this.data = null;
        this.figures = null;
        this.late = false; // other figures are asked for than are shown
        this.lines = [];
        this.wish = wishOf(route.query, this.lines);
        this.fresh = new shell.Freshness();
        this.form = h("form", { class: "card report-form", role: "search",
                                "aria-label": "Days of the report" });
        this.body = h("div", { class: "report" });
        this.form.addEventListener("change", (event) => this.chose(event));
        this.form.addEventListener("submit", (e) => e.preventDefault());
        this.body.addEventListener("change", ({ target }) =>
            target.name === "week" && this.go({ week: target.value }));
        render(root, this.form, this.body);
        this.drawForm();
        render(this.body, shell.loading());
        this.load();
        this.poll = new Poll({
            path: () => this.path(), every: EVERY_MS,
            onData: (data) => this.got(data),
            onSame: () => this.fresh.same(),
            onTrouble: (problem) => this.trouble(problem),
        });
    }

    path() {
        const { from, to, line } = this.wish;

        return withQuery("reports", { from: from.replaceAll("-", ""),
                                      to: to.replaceAll("-", ""), line });
    }

    async load() {
        this.lines = (await directory()).lines;
        if (!this.poll.stopped) {
            this.update(router.current());
        }
    }

    drawForm() {
        const { wish } = this;

        render(this.form,
            chipsField("range", "Days", RANGES, wish.range),
            h("div", { class: "row", "data-key": "own" },
              inputField("date", "from", "From"),
              inputField("date", "to", "To"),
              selectField("line", "Number", "All numbers",
                          lineChoices(this.lines), wish.line)));
        setFields(this.form, wish);
        for (const radio of this.form.querySelectorAll("[type=radio]")) {
            radio.checked = radio.value === wish.range;
        }
    }

    chose({ target }) {
        const { from, to, line } = readFields(this.form,
                                              ["from", "to", "line"]);

        if (target.name === "range") {
            this.go({ range: target.value });
        } else if (target.name === "line") {
            this.go({ line });
        } else if (from && to) {
            this.go({ range: "", from, to });
        }
    }

    go(change) {
        const href = hrefOf({ ...this.wish, ...change });

        router.replace(href);
        this.update(router.current());
    }

    /** Another address of this view. */
    update(route) {
        const before = this.path();

        this.wish = wishOf(route.query, this.lines);
        this.drawForm();
        if (this.path() !== before) {
            this.late = true;
            this.poll.anew();
        } else if (this.data) {
            this.draw();
        }
    }

    got(data) {
        const figures = JSON.stringify({ ...data, as_of: null });

        this.late = false;
        this.fresh.asOf(data.as_of || nowUs(),
                        "newer calls are not counted yet");
        if (figures !== this.figures) {
            this.figures = figures;
            this.data = data;
            this.draw();
            shell.say(spoken(data));
        }
    }

    draw() {
        const chooser = chipsField("week", "Show", WEEK_KEYS, this.wish.week);
        const open = [...this.body.querySelectorAll("details")].map(
            (details) => details.open);
        const focused = document.activeElement?.value;

        this.end();
        if (this.data.total.calls === 0) {
            this.body.replaceChildren(shell.emptyState("No call in these days",
                "Choose other days, or another number."));
            return;
        }
        this.body.replaceChildren(
            tiles(this.data), daySection(this.data, this.stops),
            weekSection(this.data, this.wish.week, chooser, this.stops),
            loadSection(this.data, this.stops));
        this.body.querySelectorAll("details").forEach((details, i) => {
            details.open = open[i] || false;
        });
        if (document.activeElement === document.body && focused) {
            this.body.querySelector(`[name=week][value="${focused}"]`)
                ?.focus();
        }
    }

    trouble(problem) {
        this.fresh.trouble(problem);
        if (this.late) {
            // Those are the figures of other days, or another number.
            this.end();
            this.data = null;
            this.figures = null;
        }
        if (!this.data) {
            render(this.body, shell.problemState(problem));
        }
    }

    end() {
        this.stops.forEach((stop) => stop());
        this.stops = [];
    }

    stop() {
        this.end();
        this.poll.stop();
    }
}

/** The view; see app.js. */
export const reports = {
    title: () => "Reports",
    mount: (root, route) => new ReportsView(root, route),
};
