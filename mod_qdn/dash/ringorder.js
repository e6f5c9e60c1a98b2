// SPDX-License-Identifier: Apache-2.0
// One number with its ring order as it would run this minute.

import { h, hidden } from "./dom.js";
import { told } from "./facts.js";
import { phone, span } from "./format.js";
import { icon } from "./icons.js";
import { maySet } from "./session.js";
import { reasonPill } from "./words.js";

const ENDS = {
    __proto__: null,
    voicemail: ["voicemail", "Then voicemail"],
    goodbye: ["talk", "Then a goodbye"],
    reject: ["ban", "The call is rejected"],
    busy: ["ban", "The caller hears the busy tone"],
    challenge: ["warn", "The caller is asked for a key first"],
};

/** Steps that ring together, in order. */
function groups(steps) {
    const byHop = new Map();

    for (const step of steps) {
        byHop.set(step.hop, [...(byHop.get(step.hop) || []), step]);
    }
    return [...byHop.values()];
}

function nameOf(step, known) {
    const name = step.operator_name || step.operator;

    return known && maySet(step.operator)
        ? h("button", { type: "button", class: "linklike", "data-act":
                        "status", "data-id": step.operator,
                        title: `Change the status of ${name}` },
            name, hidden(", change status"))
        : h("span", { class: "name" }, name);
}

function stepPart(step, line, operators) {
    const known = operators.some((person) => person.id === step.operator);

    return h("div", { class: step.rung ? "step-part" : "step-part skipped",
                      "data-key": `${step.operator}/${step.phone}` },
        h("div", { class: "step-line" },
          nameOf(step, known),
          h("span", { class: "label" }, step.phone),
          step.rung
              ? h("span", { class: "rings" }, icon("bell"),
                  step.ring ? `rings ${span(step.ring)}` : "rings")
              : h("span", { class: "rings" }, icon("skip"), "skipped"),
          reasonPill(step.reason)),
        told(step.sentence, step, line.zone));
}

function ringStep(parts, first, line, operators) {
    const rung = parts.some((step) => step.rung);

    return h("li", { class: `step${rung ? " rung" : ""}` +
                     `${parts[0].hop === first ? " first" : ""}`,
                     "data-key": `hop${parts[0].hop}` },
        h("span", { class: "step-number" }, hidden("Step "), parts[0].hop),
        h("div", { class: "step-body" },
          parts.length > 1
              ? h("p", { class: "together" }, "Rung together") : null,
          parts.map((step) => stepPart(step, line, operators))));
}

function endStep(end) {
    const [picture, text] = ENDS[end.act] || ["dots", end.act];

    return h("li", { class: "step end", "data-key": "end" },
        h("span", { class: "step-number" }, icon(picture)),
        h("div", { class: "step-body" },
          h("p", { class: "step-line" }, h("span", { class: "name" }, text)),
          end.sentence ? h("p", { class: "sentence" }, end.sentence) : null));
}

function ruleText(rule) {
    return h("p", { class: "rule" }, icon("fork"), "By rule ",
             String(rule.number), ": ", h("code", null, rule.expr),
             rule.origin ? ` (${rule.origin})` : null);
}

function summary(line) {
    const first = line.steps.find((step) => step.rung);

    if (first) {
        return h("p", { class: "verdict" }, icon("bell"),
                 h("span", null, "Rings ",
                   h("strong", null, first.operator_name || first.operator),
                   " first"));
    }
    return h("p", { class: "verdict none" }, icon("warn"),
             h("span", null, "Nobody is rung now"));
}

/**
 * The card of a number.
 * @param {Object} line of api/now
 * @param {Object[]} operators of api/now: whose status can be changed
 * @returns {HTMLElement}
 */
export function ringOrder(line, operators) {
    const first = line.steps.find((step) => step.rung)?.hop;

    return h("article", { class: "card number", "data-key": line.number,
                          "aria-label": line.name },
        h("header", { class: "number-top" },
          h("div", null, h("h3", null, line.name || phone(line.number)),
            h("p", { class: "digits" }, phone(line.number))),
          summary(line)),
        line.rule ? ruleText(line.rule) : null,
        h("ol", { class: "steps", "aria-label":
                  `Ring order of ${line.name || phone(line.number)}` },
          groups(line.steps).map((parts) =>
              ringStep(parts, first, line, operators)),
          line.end ? endStep(line.end) : null));
}
