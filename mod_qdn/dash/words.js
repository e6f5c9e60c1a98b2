// SPDX-License-Identifier: Apache-2.0
// The closed vocabularies of the API as an office says them.

import { h } from "./dom.js";
import { icon } from "./icons.js";

/** Why a person is rung or not, and how a step ended: word, look, picture. */
const REASONS = {
    __proto__: null,
    "available": ["Available", "good", "check"],
    "always": ["Always rung", "good", "bell"],
    "status-away": ["Away", "off", "away"],
    "calendar-busy": ["In a meeting", "off", "away"],
    "outside-hours": ["Outside hours", "off", "away"],
    "holiday": ["Holiday", "off", "away"],
    "presence-away": ["Away from the desk", "off", "away"],
    "off-duty": ["Off duty", "off", "away"],
    "on-a-call": ["On a call", "note", "talk"],
    "already-tried": ["Already tried", "off", "skip"],
    "budget": ["No time left", "off", "skip"],
    "rule": ["By a rule", "note", "fork"],
    "caller-own-phone": ["Is the caller", "off", "skip"],
    "redial-without": ["Tried without it", "off", "skip"],
    "loop": ["Own forwarding", "bad", "ban"],
    "unknown-assumed-available": ["Assumed available", "note", "warn"],
    "connected": ["Connected", "good", "talk"],
    "declined": ["Declined", "note", "cross"],
    "no-key": ["No key pressed", "note", "missed"],
    "no-answer": ["No answer", "note", "missed"],
    "busy": ["Busy", "note", "missed"],
    "failed": ["Failed", "bad", "cross"],
    "canceled": ["Stopped ringing", "off", "skip"],
    "caller-gone": ["Caller hung up", "note", "missed"],
};

/** What became of a call. */
const OUTCOMES = {
    __proto__: null,
    unknown: ["Not over, or not known", "off", "dots"],
    answered: ["Answered", "good", "talk"],
    voicemail: ["Voicemail", "note", "voicemail"],
    rejected: ["Rejected", "off", "ban"],
    abandoned: ["Caller hung up", "bad", "missed"],
    unanswered: ["Not answered", "bad", "missed"],
    failed: ["Failed", "bad", "cross"],
};

const COLOURS = {
    __proto__: null,
    green: ["Green: fine", "good", "check"],
    amber: ["Amber: look at it", "note", "warn"],
    red: ["Red: broken", "bad", "cross"],
};

function pillOf([text, look, picture], instead) {
    return h("span", { class: `pill ${look}` }, icon(picture),
             h("span", null, instead || text));
}

/**
 * A reason as a small label of colour, picture and word.
 * @param {string} code
 */
export function reasonPill(code) {
    return pillOf(REASONS[code] || [code || "Unknown", "off", "dots"]);
}

/**
 * The outcome of a call likewise.
 * @param {string} code
 * @param {?string} text what the server says
 */
export function outcomePill(code, text) {
    return pillOf(OUTCOMES[code] || [code, "off", "dots"], text);
}

/** The colour of a check likewise. @param {string} colour */
export function colourPill(colour) {
    return pillOf(COLOURS[colour] || [colour, "off", "dots"]);
}

/** The outcomes that a filter offers: [code, text]. */
export function outcomeChoices() {
    return [["missed", "Missed, all kinds"],
            ...Object.entries(OUTCOMES).map(([code, [text]]) => [code, text])];
}

/** A reason in a word or two. */
export function reasonText(code) {
    return REASONS[code] ? REASONS[code][0] : code || "";
}
