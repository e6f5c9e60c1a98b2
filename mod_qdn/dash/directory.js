// SPDX-License-Identifier: Apache-2.0
// Numbers and people by name. They change with the configuration alone.

import { get } from "./api.js";
import { phone } from "./format.js";

const KEEP_MS = 60000;

let known = { lines: [], operators: [] };
let asked = 0;

/**
 * All numbers and people.
 * @returns {Promise<{lines: Object[], operators: Object[]}>} what was known
 *     before, if the server does not answer: the view itself tells of that
 */
export async function directory() {
    if (Date.now() - asked > KEEP_MS) {
        try {
            const [lines, operators] = await Promise.all(
                [get("lines"), get("operators")]);

            known = { lines: lines.data.lines,
                      operators: operators.data.operators };
            asked = Date.now();
        } catch {
            return known;
        }
    }
    return known;
}

/** The name of a person, the id if it is not known. */
export function nameOf(id) {
    return known.operators.find((person) => person.id === id)?.name || id;
}

/** The zone of a person; null if it is not known. */
export function zoneOf(id) {
    return known.operators.find((person) => person.id === id)?.zone || null;
}

/** Numbers as a choice: [number, text]. @param {Object[]} lines */
export function lineChoices(lines) {
    return lines.map(({ number, name }) =>
        [number, `${name || ""} ${phone(number)}`.trim()]);
}

/** People as a choice: [id, name]. @param {Object[]} operators */
export function personChoices(operators) {
    return operators.map(({ id, name }) => [id, name]);
}
