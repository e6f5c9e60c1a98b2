// SPDX-License-Identifier: Apache-2.0
// Why somebody is or is not rung: who set it, why, since when, until when.

import { h } from "./dom.js";
import { timeTag } from "./format.js";

/**
 * Each fact by itself.
 * @param {{who: ?string, why: ?string, since: ?number, until: ?number}} of
 * @param {string} zone in which the times are told
 * @param {...*} more after them
 */
export function facts({ who, why, since, until }, zone, ...more) {
    return h("p", { class: "facts" },
        why ? h("span", { class: "quote" }, `“${why}”`) : null,
        who ? h("span", null, `set by ${who}`) : null,
        since ? h("span", null, "since ", timeTag(since, zone)) : null,
        until ? h("span", null, "until ", timeTag(until, zone)) : null,
        more);
}

/**
 * The sentence and the facts, nothing twice: what was set by hand is told by
 * its facts alone, other sentences name their ends themselves.
 * @param {string} sentence
 * @returns {Array<?Element>}
 */
export function told(sentence, of, zone, ...more) {
    const until = sentence.includes(" until ") ? null : of.until;

    return of.who ? [facts(of, zone, more)]
        : [h("p", { class: "sentence" }, sentence),
           facts({ ...of, until }, zone, more)];
}
