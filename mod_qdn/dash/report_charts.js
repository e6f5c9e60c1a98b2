// SPDX-License-Identifier: Apache-2.0
// The pictures of the reports.

import { picture, roundUp } from "./chart.js";
import { svg } from "./dom.js";
import { count, dayText, plural } from "./format.js";

/** What bars are made of, from below: [filling, word]. */
export const STACK = [
    ["answered", "Answered"], ["voicemail", "Voicemail"],
    ["unanswered", "Not answered or hung up"], ["other", "Other"],
];

/** Monday first. */
export const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

const LEFT = 34;
const BOTTOM = 24;
const HEIGHT = 220;
const LEVELS = 5;

/** The parts of a bar, by name of STACK. @param {Object} sum SUM */
export function partsOf(sum) {
    const unanswered = sum.missed - sum.voicemail;

    return { answered: sum.answered, voicemail: sum.voicemail, unanswered,
             other: sum.calls - sum.answered - sum.voicemail - unanswered };
}

function grid(most, width, y) {
    const lines = most > 1 ? [0, most / 2, most] : [0, most];

    return lines.map((n) => [
        svg("line", { x1: LEFT, x2: width, y1: y(n), y2: y(n),
                      class: "tick" }),
        svg("text", { x: LEFT - 6, y: y(n) + 4, class: "note end" },
            Number.isInteger(n) ? count(n) : n.toFixed(1)),
    ]);
}

function bar({ name, sum }, left, width, y, fill) {
    const parts = partsOf(sum);
    let below = 0;

    return svg("g", null,
        svg("title", null, `${name}: ${plural(sum.calls, "call")}, ` +
            STACK.map(([key, word]) => `${word} ${parts[key]}`).join(", ")),
        STACK.filter(([key]) => parts[key] > 0).map(([key]) => {
            const top = y(below + parts[key]);
            const height = y(below) - top;

            below += parts[key];
            return svg("rect", { x: left, y: top, width, height,
                                 ...fill(key) });
        }));
}

/**
 * Calls by day.
 * @param {Array<{name: string, label: string, sum: Object}>} bars
 * @param {number} width
 */
export function barChart(bars, width) {
    const most = roundUp(Math.max(1, ...bars.map(({ sum }) => sum.calls)));
    const y = (n) => 10 + (HEIGHT - 10) * (1 - n / most);
    const slot = (width - LEFT) / bars.length;
    const size = Math.max(1, Math.min(44, slot * 0.72));
    const every = Math.ceil(bars.length / Math.max(1, (width - LEFT) / 84));
    const busiest = bars.reduce((a, b) => b.sum.calls > a.sum.calls ? b : a);

    return picture({
        title: "Calls by day", width, height: HEIGHT + BOTTOM,
        desc: `${plural(bars.length, "bar")} from ${bars[0].name} to ` +
            `${bars[bars.length - 1].name}. The most: ` +
            `${plural(busiest.sum.calls, "call")}, ${busiest.name}.`,
    }, (fill) => [
        grid(most, width, y),
        bars.map((one, i) => bar(one, LEFT + slot * i + (slot - size) / 2,
                                 size, y, fill)),
        bars.map(({ label }, i) => i % every ? null
            : svg("text", { x: LEFT + slot * (i + 0.5), y: HEIGHT + 17,
                            class: "note middle" }, label)),
    ]);
}

function heatCell(value, most, x, y, width, height, name) {
    const level = value ? Math.ceil(value / most * LEVELS) : 0;

    return svg("g", null, svg("title", null, `${name}: ${value}`),
        svg("rect", { x: x + 1, y: y + 1, width: width - 2,
                      height: height - 2, rx: 2, class: `heat${level}` }),
        value && width >= 26
            ? svg("text", { x: x + width / 2, y: y + height / 2 + 4,
                            class: `middle heat-text${level}` }, value)
            : null);
}

/**
 * By hour of the week.
 * @param {number[][]} week seven days of 24 figures
 * @param {string} what they count
 * @param {number} width
 */
export function heatMap(week, what, width) {
    const cell = (width - LEFT) / 24;
    const height = Math.max(20, Math.min(30, cell));
    const most = Math.max(1, ...week.flat());
    let busiest = [0, 0];

    week.forEach((hours, d) => hours.forEach((n, hour) => {
        busiest = n > week[busiest[0]][busiest[1]] ? [d, hour] : busiest;
    }));
    return picture({
        title: `${what} by hour of the week`, width, height: 7 * height + 22,
        desc: `The most: ${week[busiest[0]][busiest[1]]} on ` +
            `${WEEKDAYS[busiest[0]]} from ${busiest[1]} to ` +
            `${busiest[1] + 1} o'clock.`,
    }, () => week.map((hours, d) => [
        svg("text", { x: 0, y: d * height + height / 2 + 4, class: "note" },
            WEEKDAYS[d]),
        hours.map((n, hour) => heatCell(
            n, most, LEFT + cell * hour, d * height, cell, height,
            `${WEEKDAYS[d]} ${hour}:00 to ${hour + 1}:00`)),
    ]).concat([0, 3, 6, 9, 12, 15, 18, 21].map((hour) =>
        svg("text", { x: LEFT + cell * hour + 2, y: 7 * height + 16,
                      class: "note" }, `${hour}h`))));
}

function loadBar(load, word, most, y, width, fill) {
    const all = width - 120;
    const x = (n) => all * n / most;

    return svg("g", null,
        svg("text", { x: 0, y: y + 11, class: "note" }, word),
        svg("rect", { x: 46, y, width: Math.max(1, x(load.rung)),
                      height: 13, rx: 2, class: "part fill-wait" }),
        svg("rect", { x: 46, y, width: x(load.answered), height: 13, rx: 2,
                      ...fill(word === "day" ? "answered" : "night") }),
        svg("text", { x: 52 + x(load.rung), y: y + 11, class: "note" },
            `${load.answered} of ${load.rung}`));
}

/**
 * Load per person, nights apart.
 * @param {Array<{name: string, day: Object, night: Object}>} people
 * @param {number} width
 */
export function loadChart(people, width) {
    const row = 58;
    const most = Math.max(1, ...people.flatMap(({ day, night }) =>
        [day.rung, night.rung]));

    return picture({
        title: "Load per person", width, height: people.length * row,
        desc: people.map(({ name, day, night }) =>
            `${name}: by day ${day.answered} answered of ${day.rung} rung, ` +
            `by night ${night.answered} of ${night.rung}`).join(". "),
    }, (fill) => people.map(({ name, day, night }, i) => [
        svg("text", { x: 0, y: i * row + 14, class: "strong" }, name),
        loadBar(day, "day", most, i * row + 20, width, fill),
        loadBar(night, "night", most, i * row + 37, width, fill),
    ]));
}

/** Days as bars, or weeks if there are too many of them. */
export function barsOf(days, most = 70) {
    if (days.length <= most) {
        return days.map(({ iso, sum }) => ({ name: dayText(iso),
                                             label: dayText(iso), sum }));
    }
    const weeks = [];

    days.forEach(({ iso, sum }, i) => {
        if (i % 7 === 0) {
            weeks.push({ name: `week from ${dayText(iso)}`,
                         label: dayText(iso), sum: {} });
        }
        const total = weeks[weeks.length - 1].sum;

        for (const [key, n] of Object.entries(sum)) {
            total[key] = (total[key] || 0) + n;
        }
    });
    return weeks;
}
