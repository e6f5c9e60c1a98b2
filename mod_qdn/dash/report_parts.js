// SPDX-License-Identifier: Apache-2.0
// The sections of the reports: figures, pictures, and the same as tables.

import { figures, fit, legend, table } from "./chart.js";
import { h } from "./dom.js";
import { count, dayText, dayToIso, plural, share, span } from "./format.js";
import { everyDay } from "./ranges.js";
import { barChart, barsOf, heatMap, loadChart, partsOf, STACK,
         WEEKDAYS } from "./report_charts.js";

const NOTHING = { calls: 0, answered: 0, voicemail: 0, unanswered: 0,
                  abandoned: 0, impatient: 0, rejected: 0, failed: 0,
                  failover: 0, missed: 0 };
const NO_LOAD = { rung: 0, answered: 0, talk_seconds: 0 };

const SUM_COLUMNS = [["calls", "Calls"], ["answered", "Answered"],
                     ["missed", "Missed"], ["voicemail", "Voicemail"],
                     ["unanswered", "Not answered"],
                     ["abandoned", "Caller hung up"],
                     ["impatient", "of these within 5 s"],
                     ["rejected", "Rejected"], ["failed", "Failed"],
                     ["failover", "With failover"]];

function tile(name, value, more, look = "") {
    return h("div", { class: `tile ${look}` }, h("dt", null, name),
        h("dd", null, h("span", { class: "figure" }, value),
          more ? h("span", { class: "hint" }, more) : null));
}

/** The figures that matter most. @param {Object} report of the API */
export function tiles({ total, median_wait: median, p90_wait: p90 }) {
    const seconds = (s) => s === null || s < 0 ? "–" : span(s);

    return h("dl", { class: "tiles", "data-key": "tiles" },
        tile("Calls", count(total.calls)),
        tile("Answered", count(total.answered),
             share(total.answered, total.calls), "good"),
        tile("Missed", count(total.missed),
             share(total.missed, total.calls), "bad"),
        tile("Voicemail", count(total.voicemail),
             share(total.voicemail, total.calls)),
        tile("Caller hung up", count(total.abandoned),
             `${count(total.impatient)} within 5 s`),
        tile("With failover", count(total.failover),
             share(total.failover, total.calls)),
        tile("Time to answer", seconds(median), "median"),
        tile("Nine of ten within", seconds(p90), "time to answer"));
}

function section(id, title, draw, stops, ...more) {
    const box = h("div", { class: "picture-box" });

    stops.push(fit(box, draw));
    return h("section", { class: "card", "aria-labelledby": id },
        h("h2", { id }, title), box, more);
}

/** Calls by day. @param {Array<function()>} stops gets how to end it */
export function daySection(report, stops) {
    const known = new Map(report.days.map((day) => [dayToIso(day.day), day]));
    const days = everyDay(dayToIso(report.from), dayToIso(report.to)).map(
        (iso) => ({ iso, sum: known.get(iso) || NOTHING }));
    const bars = barsOf(days);

    return section("by-day", bars.length === days.length ? "By day"
        : "By week", (width) => barChart(bars, width), stops, legend(STACK),
        figures("Calls by day", ["Day", ...SUM_COLUMNS.map(([, t]) => t)],
                days.map(({ iso, sum }) => [dayText(iso),
                    ...SUM_COLUMNS.map(([key]) => count(sum[key]))])));
}

/**
 * By hour of the week.
 * @param {string} key of SUM: calls, missed ...
 * @param {Element} chooser of that key
 */
export function weekSection(report, key, chooser, stops) {
    const week = report.week.map((hours) => hours.map((sum) => sum[key]));
    const what = SUM_COLUMNS.find(([name]) => name === key)[1];

    return section("by-hour", "By hour of the week",
        (width) => heatMap(week, what, width), stops, chooser,
        h("p", { class: "hint" }, `Hours by the clock of ${report.zone}. ` +
          "The stronger the colour, the more."),
        figures(`${what} by hour of the week`,
                ["Hour", ...WEEKDAYS],
                week[0].map((_, hour) => [`${hour}:00`,
                    ...week.map((hours) => count(hours[hour]))])));
}

function peopleOf(loads) {
    const people = new Map();

    for (const load of loads) {
        const one = people.get(load.operator) ||
            { name: load.name || load.operator, day: NO_LOAD,
              night: NO_LOAD };

        one[load.night ? "night" : "day"] = load;
        people.set(load.operator, one);
    }
    return [...people.values()];
}

/** Load per person, nights apart. */
export function loadSection(report, stops) {
    const people = peopleOf(report.loads);

    if (people.length === 0) {
        return h("section", { class: "card", "aria-labelledby": "load-title" },
            h("h2", { id: "load-title" }, "Load per person"),
            h("p", { class: "hint" }, "Nobody was rung in these days."));
    }
    return section("load-title", "Load per person",
        (width) => loadChart(people, width), stops,
        legend([["answered", "Answered by day"],
                ["night", "Answered by night, 22:00 to 7:00"],
                ["wait", "Rung"]]),
        h("div", { class: "scroll", tabindex: "0", role: "region",
                   "aria-label": "The same as a table" },
          table("Load per person", ["Person", "Rung by day", "Answered",
                                    "Talked", "Rung by night", "Answered",
                                    "Talked"],
                people.map(({ name, day, night }) => [name,
                    ...[day, night].flatMap((load) =>
                        [count(load.rung), count(load.answered),
                         span(load.talk_seconds)])]))));
}

/** A sentence that says it all, for those who hear it. */
export function spoken({ total }) {
    const parts = partsOf(total);

    return `${plural(total.calls, "call")}, ${parts.answered} answered, ` +
        `${total.missed} missed.`;
}
