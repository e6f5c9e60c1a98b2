// SPDX-License-Identifier: Apache-2.0
// What an event was decided from, as a list of names and values.

import { h, pairs } from "./dom.js";
import { moment, phone, span } from "./format.js";

const SPANS = new Set(["age", "ring", "left", "seconds", "screen"]);
const TIMES = new Set(["until", "at", "since"]);

const LABELS = {
    __proto__: null,
    from: "Caller", to: "Called", caller_kind: "Kind of caller",
    forwarded_from: "Forwarded from", stir_verstat: "Proof of the number",
    ring: "Rings for", left: "Time left for the call",
    screen: "Time for key 1", age: "Age of that knowledge",
    verdict: "Status", availability: "Known", by: "by", feed: "from",
    why: "Why", who: "Who", until: "Until", at: "At", state: "Set to",
    number: "Phone", rule: "Rule", cascade: "Ring order",
    status: "Twilio says", seconds: "Took", key: "Key 1",
    dial_call_status: "Twilio says", dial_bridged: "Two people connected",
    decision: "Decision", after: "After decision", error: "Error",
};

function label(name) {
    return LABELS[name] || name.replaceAll("_", " ");
}

function valueText(name, value, zone) {
    if (value === null) {
        return "erased";
    }
    if (typeof value === "number" && SPANS.has(name)) {
        return span(value);
    }
    if (typeof value === "number" && TIMES.has(name) && value > 0) {
        // Details count in seconds; what is larger is in microseconds.
        return moment(value > 1e12 ? value : value * 1e6, zone);
    }
    if (typeof value === "string" && /^\+\d+$/.test(value)) {
        return phone(value);
    }
    return Array.isArray(value) ? value.map((one) =>
        typeof one === "object" ? JSON.stringify(one) : one).join(", ")
        : String(value);
}

function rows(detail, zone, prefix) {
    return Object.entries(detail).flatMap(([name, value]) => {
        const full = prefix ? `${prefix}, ${label(name)}` : label(name);

        return value && typeof value === "object" && !Array.isArray(value)
            ? rows(value, zone, full)
            : [[full, valueText(name, value, zone)]];
    });
}

/**
 * @param {?Object} detail of an event; erased members are null
 * @param {string} zone in which times are told
 * @param {string} title what opens it
 * @param {...[string, *]} more names and values that go before
 * @returns {?HTMLElement} closed; null if there is nothing
 */
export function detailList(detail, zone, title, ...more) {
    const all = [...more.filter(([, value]) => value),
                 ...rows(detail || {}, zone, "")];

    return all.length === 0 ? null
        : h("details", { class: "inputs" }, h("summary", null, title),
            pairs("pairs", all));
}
