// SPDX-License-Identifier: Apache-2.0
// Set a status, say so, and offer to put back what was.

import { put } from "./api.js";
import { byId, delegate, h, render } from "./dom.js";
import { moment, sentence } from "./format.js";
import { icon } from "./icons.js";

/** The event on document after a status was changed here. */
export const CHANGED = "qdn-changed";

const UNDO_MS = 60000;
let last = null;
let timer = 0;

function statusPath(person) {
    return `operators/${encodeURIComponent(person.id)}/status`;
}

function told(person, body, answer) {
    const s = answer.standing;

    if (body.state === "auto") {
        return `${person.name} is back to automatic.`;
    }
    return `${person.name} is ${body.state}` + (s && s.until
        ? ` until ${moment(s.until, person.zone)}.` : " until it is changed.");
}

function hide() {
    const focused = byId("toasts").contains(document.activeElement);

    clearTimeout(timer);
    last = null;
    render(byId("toasts"));
    if (focused) {
        byId("title").focus({ preventScroll: true });
    }
}

function show(text, canUndo, trouble = false) {
    clearTimeout(timer);
    render(byId("toasts"), h("div", { class: "toast" },
        icon(trouble ? "warn" : "check"), h("p", null, text),
        canUndo ? h("button", { type: "button", class: "button",
                                "data-act": "undo" }, "Undo") : null,
        h("button", { type: "button", class: "button quiet", "data-act":
                      "close", "aria-label": "Close" }, icon("cross"))));
    timer = setTimeout(hide, UNDO_MS);
}

async function undo() {
    const { person, body } = last;

    hide();
    try {
        await put(statusPath(person), { ...body, anyway: true });
        show(`Undone: ${person.name} is as before.`, false);
    } catch (problem) {
        show(sentence(`Not undone: ${problem.message}`), false, true);
    }
    document.dispatchEvent(new CustomEvent(CHANGED));
}

/**
 * Set a status.
 * @param {Object} person OPERATOR of the API
 * @param {Object} body of the PUT
 * @throws {Problem} with `body.empty` if a number would be left with nobody
 */
export async function changeStatus(person, body) {
    const answer = await put(statusPath(person), body);

    last = answer.undo ? { person, body: answer.undo } : null;
    show([told(person, body, answer), answer.delayed].filter(Boolean).join(" "),
         last !== null);
    document.dispatchEvent(new CustomEvent(CHANGED));
}

delegate(byId("toasts"), { undo, close: hide });
