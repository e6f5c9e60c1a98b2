// SPDX-License-Identifier: Apache-2.0
// Old and new: an entry tells what was set, the one before it what was.

import { h, hidden } from "./dom.js";
import { moment } from "./format.js";
import * as router from "./router.js";

/** Entries with the same subject follow each other; null: has none. */
function subjectOf(entry) {
    if (entry.kind === "config.loaded") {
        return `configuration of ${entry.host}`;
    }
    return entry.kind.startsWith("status.")
        ? `${entry.operator} for ${entry.line || "all"}` : null;
}

/**
 * Give each entry the one that it replaced as `before`: null if there was
 * none, undefined if it is not loaded yet.
 * @param {Object[]} entries the newest first
 * @param {boolean} all nothing older exists
 */
export function relate(entries, all) {
    const newer = new Map();

    for (const entry of entries) {
        const subject = subjectOf(entry);

        if (!subject) {
            continue;
        }
        if (newer.has(subject)) {
            // Without its own predecessor: entries are compared as text.
            newer.get(subject).before = { kind: entry.kind, at: entry.at,
                                          config: entry.config,
                                          detail: entry.detail };
        }
        newer.set(subject, entry);
    }
    for (const entry of newer.values()) {
        entry.before = all ? null : undefined;
    }
}

function stateText(entry, zone) {
    const detail = entry?.detail;

    if (!detail || entry.kind === "status.ended" || detail.state === "auto") {
        return "automatic";
    }
    return (detail.state || "erased") + (detail.until
        ? ` until ${moment(detail.until * 1e6, zone)}` : "");
}

function arrow(old, fresh) {
    return h("p", { class: "change" }, hidden("was "),
        h("span", { class: "old" }, old),
        h("span", { "aria-hidden": "true" }, " → "), hidden(", is now "),
        h("span", { class: "new" }, fresh));
}

function configChange({ before, config }) {
    return before?.config && before.config !== config
        ? h("a", { href: router.link("revisions", config,
                                     { with: before.config }) },
            `What changed since ${before.config.slice(0, 12)}`)
        : h("a", { href: router.link("revisions", config) },
            "The configuration");
}

/**
 * What was, and what is, of an entry that relate() has seen.
 * @returns {?Element}
 */
export function changeOf(entry, zone) {
    if (entry.kind === "config.loaded" && entry.config) {
        return configChange(entry);
    }
    if (!entry.kind.startsWith("status.") || entry.before === undefined) {
        return null;
    }
    return arrow(stateText(entry.before, zone),
                 entry.kind === "status.ended" ? "automatic"
                     : stateText(entry, zone));
}
