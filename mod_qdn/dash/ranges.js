// SPDX-License-Identifier: Apache-2.0
// Spans of days that a report is made of.

import { addDays, isoDay, nowUs } from "./format.js";

/** Offered by name; they move on with the calendar: [code, text]. */
export const RANGES = [
    ["today", "Today"], ["yesterday", "Yesterday"], ["7d", "7 days"],
    ["30d", "30 days"], ["month", "This month"], ["last", "Last month"],
];

function monthStart(iso) {
    return `${iso.slice(0, 8)}01`;
}

const SPANS = {
    __proto__: null,
    "today": (today) => [today, today],
    "yesterday": (today) => [addDays(today, -1), addDays(today, -1)],
    "7d": (today) => [addDays(today, -6), today],
    "30d": (today) => [addDays(today, -29), today],
    "month": (today) => [monthStart(today), today],
    "last": (today) => {
        const end = addDays(monthStart(today), -1);

        return [monthStart(end), end];
    },
};

/**
 * The days of a range in that zone.
 * @param {string} code of RANGES
 * @param {string} zone
 * @returns {[string, string]} first and last day, "2026-11-22"
 */
export function daysOf(code, zone) {
    return (SPANS[code] || SPANS["30d"])(isoDay(nowUs(), zone));
}

/** Every day from one to the other, both included; at most 1200. */
export function everyDay(from, to) {
    const days = [];

    for (let day = from; day <= to && days.length < 1200;
        day = addDays(day, 1)) {
        days.push(day);
    }
    return days;
}
