// SPDX-License-Identifier: Apache-2.0
// Fields of forms with their labels. What is chosen is set by the caller:
// values are properties, and render() leaves them to the person who types.

import { h } from "./dom.js";

function field(name, label, control) {
    return h("label", { class: "field", "data-key": name },
             h("span", null, label), control);
}

/**
 * A choice of one, or of none.
 * @param {string} name
 * @param {string} label
 * @param {?string} all the text of "none"; null: there is always one
 * @param {Array<[string, string]>} list value and text
 * @param {string} [value] that must be among them, known or not
 */
export function selectField(name, label, all, list, value = "") {
    const known = list.some(([code]) => code === value);
    const more = value && !known ? [[value, value]] : [];

    return field(name, label, h("select", { name, "data-key": `in-${name}` },
        all === null ? null : h("option", { value: "" }, all),
        [...list, ...more].map(([code, text]) =>
            h("option", { value: code }, text))));
}

/** One line of text, a date ... @param {string} type of the input */
export function inputField(type, name, label, extra = {}) {
    return field(name, label, h("input", { type, name, autocomplete: "off",
                                           "data-key": `in-${name}`,
                                           ...extra }));
}

/** A box to tick. */
export function checkField(name, label) {
    return h("label", { class: "check", "data-key": name },
             h("input", { type: "checkbox", name, "data-key": `in-${name}` }),
             h("span", null, label));
}

/**
 * A choice of one among few, each of them to be tapped.
 * @param {Array<Array<string>>} list value, text, and maybe what it means
 * @param {string} chosen
 */
export function chipsField(name, legend, list, chosen) {
    return h("fieldset", { "data-key": name }, h("legend", null, legend),
        h("div", { class: `chips chips-${name}` },
          list.map(([code, text, title]) =>
              h("label", { class: "chip", title, "data-key":
                           `${name}-${code}` },
                h("input", { type: "radio", name, value: code,
                             checked: code === chosen }),
                h("span", null, text)))));
}

/** Values of the fields of a form by name. @param {Object} values */
export function setFields(form, values) {
    for (const [name, value] of Object.entries(values)) {
        const control = form.elements[name];

        if (control?.type === "checkbox") {
            control.checked = value === "1";
        } else if (control) {
            control.value = value;
        }
    }
}

/** What stands in the fields with these names; "" where there is none. */
export function readFields(form, names) {
    return Object.fromEntries(names.map((name) => {
        const control = form.elements[name];

        if (control?.type === "checkbox") {
            return [name, control.checked ? "1" : ""];
        }
        return [name, control ? control.value.trim() : ""];
    }));
}
