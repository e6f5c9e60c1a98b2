// SPDX-License-Identifier: Apache-2.0
// The picture of a call: who rang when, one lane per phone.

import { picture, legend } from "./chart.js";
import { svg } from "./dom.js";
import { span } from "./format.js";
import { reasonText } from "./words.js";

const LANE = 48;
const BAR_TOP = 22;
const BAR = 18;
const AXIS = 26;
const PAD = 8;
const LETTER = 6.6; // width of a letter, about
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200];

const KINDS = { wait: "waits", ring: "rings", check: "is asked for key 1",
                talk: "talks", voicemail: "voicemail" };

function seconds(part) {
    return (part.to - part.from) / 1e6;
}

/** What the picture shows, in words. */
function described({ start, lanes }) {
    const at = (us) => span((us - start) / 1e6);

    return lanes.map(({ name, label, parts, marks }) =>
        `${name}${label ? ` ${label}` : ""}: ` + [
            ...marks.map(({ reason }) => `skipped, ${reasonText(reason)}`),
            ...parts.map((part) => `${KINDS[part.kind]} from ` +
                `${at(part.from)} for ${span(seconds(part))}`),
        ].join("; ")).join(". ");
}

function barOf(part, x, top, fill) {
    const left = x(part.from);
    const width = Math.max(3, x(part.to) - left);
    const text = span(seconds(part));
    const tip = `${KINDS[part.kind]} ${text}`;

    return svg("g", null, svg("title", null, tip),
        svg("rect", { x: left, y: top + BAR_TOP, width, height: BAR, rx: 3,
                      ...fill(part.kind) }),
        part.kind === "talk" && width > text.length * LETTER + 10
            ? svg("text", { x: left + width / 2, y: top + BAR_TOP + 13,
                            class: "on-bar" }, text) : null);
}

function markOf(mark, x, top) {
    const left = x(mark.at);
    const text = `skipped: ${reasonText(mark.reason)}`;

    return svg("g", null,
        svg("path", { class: "mark", d: `M${left} ${top + BAR_TOP + 2}` +
                      "l9 7-9 7v-14m13 0v14" }),
        svg("text", { x: left + 20, y: top + BAR_TOP + 13, class: "note" },
            text));
}

function laneOf(lane, i, x, width, fill) {
    const top = i * LANE;

    return svg("g", null,
        svg("line", { x1: PAD, x2: width - PAD, y1: top + LANE - 3,
                      y2: top + LANE - 3, class: "rule-line" }),
        svg("text", { x: PAD, y: top + 15 },
            svg("tspan", { class: "strong" }, lane.name),
            lane.label ? svg("tspan", { class: "note", dx: 6 }, lane.label)
                       : null),
        lane.marks.map((mark) => markOf(mark, x, top)),
        lane.parts.map((part) => barOf(part, x, top, fill)));
}

function axis({ start, end }, x, width, top) {
    const all = (end - start) / 1e6;
    const most = Math.max(2, Math.floor(width / 96));
    const step = STEPS.find((s) => all / s <= most) || all;
    const ticks = [];

    for (let s = 0; s <= all; s += step) {
        const left = x(start + s * 1e6);

        ticks.push(svg("line", { x1: left, x2: left, y1: 0, y2: top,
                                 class: "tick" }));
        if (left < width - 36) {
            ticks.push(svg("text", { x: left, y: top + 18, class: s === 0
                ? "note" : "note middle" }, span(s)));
        }
    }
    return ticks;
}

/**
 * @param {Object} model of timeline_model.js
 * @param {number} width in pixels
 * @returns {SVGElement}
 */
export function timeline(model, width) {
    const bottom = model.lanes.length * LANE;
    const x = (us) => PAD + (us - model.start) /
        (model.end - model.start) * (width - 2 * PAD);

    return picture({ title: "The call as a picture", desc: described(model),
                     width, height: bottom + AXIS }, (fill) => [
        axis(model, x, width, bottom),
        model.lanes.map((lane, i) => laneOf(lane, i, x, width, fill)),
    ]);
}

/** What its fillings mean. */
export function timelineLegend() {
    return legend([["wait", "Waiting"], ["ring", "Ringing"],
                   ["check", "Asked for key 1"], ["talk", "Talking"],
                   ["voicemail", "Voicemail"]]);
}
