// SPDX-License-Identifier: Apache-2.0
// Who looks at this page, and what that person may do.

import { get } from "./api.js";
import { setClock } from "./format.js";

let me = { user: null, role: "viewer", operators: [], masked: true,
           zone: "UTC", host: "", version: "" };

let office = null;

const ROLES = { __proto__: null,
                admin: "administrator", operator: "own status",
                viewer: "may look" };

/** Ask the server. @throws {Problem} */
export async function load() {
    me = (await get("me")).data;
    setClock(me.now);
    return me;
}

/** The numbers are known: if all have one zone, the office is there. */
export function setLines(lines) {
    const zones = new Set(lines.map(({ zone }) => zone));

    office = zones.size === 1 ? lines[0].zone : null;
}

/** The zone of what belongs to no number: the office's, else the server's. */
export function officeZone() {
    return office || me.zone || "UTC";
}

/** Are numbers of callers hidden from this person? */
export function masked() {
    return me.masked;
}

/** Is this person the one with that id? */
export function isMine(id) {
    return me.operators.includes(id);
}

/** May this person change the status of that one? */
export function maySet(id) {
    return me.role === "admin" || me.role === "operator" && isMine(id);
}

/** The role in words. */
export function roleText() {
    return ROLES[me.role] || me.role;
}
