// SPDX-License-Identifier: Apache-2.0
// What is offered for a change of status: reasons, and when it ends.

import { clock, moment, nowUs } from "./format.js";

const HOUR_US = 3600e6;

/** The states that can be set: [code, word, what it means]. */
export const STATES = [
    ["away", "Away", "Is not rung until it ends."],
    ["available", "Available", "Is rung, whatever hours and calendars say."],
    ["auto", "Automatic", "Hours, calendars and presence decide again."],
];

/** Reasons that one tap gives, each with the end that goes with it. */
export const REASONS = {
    away: [["In a meeting", "1h"], ["At lunch", "1h"],
           ["Appointment", "2h"], ["Off today", "day"],
           ["Sick", "next"], ["Sailing", "next"]],
    available: [["Covering for a colleague", "2h"], ["Back early", "day"],
                ["Working late", "2h"], ["Expecting a call", "1h"]],
    auto: [],
};

/** Ends that can be chosen: [code, word]. */
export const ENDS = [
    ["suggested", "Suggested"], ["30m", "30 min"], ["1h", "1 h"],
    ["2h", "2 h"], ["day", "End of day"], ["next", "Next working day"],
    ["changed", "Until changed"], ["at", "At …"],
];

const SPANS = { "30m": HOUR_US / 2, "1h": HOUR_US, "2h": 2 * HOUR_US };

/**
 * An end as the API wants it.
 * @param {string} end of ENDS, but "suggested"
 * @param {Object} person OPERATOR
 * @param {string} at "2026-11-22T14:30", for "at"
 */
export function untilOf(end, person, at) {
    switch (end) {
    case "day":
        return "00:00"; // the next one
    case "next":
        return person.suggested_until || "00:00";
    case "at":
        return at;
    default:
        return end;
    }
}

/** An end as people read it, before it is set. */
export function endText(end, person) {
    if (SPANS[end]) {
        return `until ${clock(nowUs() + SPANS[end], person.zone)}`;
    }
    if (end === "day") {
        return "until midnight";
    }
    return person.suggested_until
        ? `until ${moment(person.suggested_until, person.zone)}`
        : "until midnight";
}
