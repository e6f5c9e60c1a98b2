// SPDX-License-Identifier: Apache-2.0
// Who looks at this page, and what that person may do.

import { get } from "./api.js";
import { setClock } from "./format.js";

let me = { user: null, role: "viewer", operators: [], masked: true,
           zone: "UTC", host: "", version: "" };

const ROLES = { __proto__: null,
                admin: "administrator", operator: "own status",
                viewer: "may look" };

/** Ask the server. @throws {Problem} */
export async function load() {
    me = (await get("me")).data;
    setClock(me.now);
    return me;
}

/** The zone of the server, for what belongs to no number. */
export function serverZone() {
    return me.zone || "UTC";
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
