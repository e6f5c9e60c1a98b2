// SPDX-License-Identifier: Apache-2.0
// Who said so, why, since when and until when: beside a sentence, without
// what the sentence itself tells already.

import { h } from "./dom.js";
import { timeTag } from "./format.js";

/**
 * @param {string} sentence
 * @param {{who: ?string, why: ?string, since: ?number, until: ?number}} of
 * @param {string} zone in which the times are told
 * @param {...*} more after them
 */
export function facts(sentence, { who, why, since, until }, zone, ...more) {
    const untold = (value, text) => value && !sentence.includes(text);

    return h("p", { class: "facts" },
        untold(why, why) ? h("span", { class: "quote" }, `“${why}”`) : null,
        untold(who, ` by ${who}`) ? h("span", null, `set by ${who}`) : null,
        since ? h("span", null, "since ", timeTag(since, zone)) : null,
        untold(until, " until ")
            ? h("span", null, "until ", timeTag(until, zone)) : null,
        more);
}
