// SPDX-License-Identifier: Apache-2.0
// What all pictures share: a frame that can be read out, a width that fits,
// fillings that differ in more than colour, and the same figures as a table.

import { h, svg } from "./dom.js";

let frames = 0;

/** Fillings: stripes and dots over the colour of the class. */
const FILLINGS = {
    ring: "M-2 2L2 -2M0 8L8 0M6 10L10 6",
    check: "M2 2h.01M6 6h.01",
    voicemail: "M2 0V8M6 0V8",
    unanswered: "M-2 6L2 10M0 0L8 8M6 -2L10 2",
    other: "M0 2H8M0 6H8",
};

function filling(id, [name, path]) {
    return svg("pattern", { id: `${id}-${name}`, width: 8, height: 8,
                            patternUnits: "userSpaceOnUse" },
               svg("rect", { width: 8, height: 8, class: `fill-${name}` }),
               svg("path", { d: path, class: `stroke-${name}` }));
}

/**
 * The frame of a picture.
 * @param {{title: string, desc: string, width: number, height: number}} what
 * @param {function(function(string): Object): SVGElement[]} draw the content;
 *     it is given a function from the name of a filling to attributes
 * @returns {SVGElement}
 */
export function picture({ title, desc, width, height }, draw) {
    const id = `picture${++frames}`;
    const fill = (name) => ({
        class: `part fill-${name}`,
        fill: FILLINGS[name] ? `url(#${id}-${name})` : null,
    });

    return svg("svg", { class: "picture", role: "img", viewBox:
                        `0 0 ${width} ${height}`, width, height,
                        "aria-labelledby": `${id}-t ${id}-d` },
        svg("title", { id: `${id}-t` }, title),
        svg("desc", { id: `${id}-d` }, desc),
        svg("defs", null, Object.entries(FILLINGS).map((entry) =>
            filling(id, entry))),
        draw(fill));
}

/** The stripes or dots of a filling over 16 by 16. */
function stripes(name) {
    return svg("g", { class: `stroke-${name}` }, [0, 8].flatMap((x) =>
        [0, 8].map((y) => svg("path", { d: FILLINGS[name],
                                        transform: `translate(${x} ${y})` }))));
}

function legendEntry([name, text]) {
    return h("li", null,
        svg("svg", { class: "swatch", width: 16, height: 16, viewBox:
                     "0 0 16 16", "aria-hidden": "true" },
            svg("rect", { width: 16, height: 16, rx: 3,
                          class: `part fill-${name}` }),
            FILLINGS[name] ? stripes(name) : null),
        text);
}

/** What the fillings mean. @param {Array<[string, string]>} entries */
export function legend(entries) {
    return h("ul", { class: "legend" }, entries.map(legendEntry));
}

/**
 * Draw at the width that there is, and again when it changes.
 * @param {Element} box
 * @param {function(number): Element} draw
 * @returns {function()} stops it
 */
export function fit(box, draw) {
    let width = 0;
    const observer = new ResizeObserver(([entry]) => {
        const now = Math.floor(entry.contentRect.width);

        if (now > 0 && now !== width) {
            width = now;
            box.replaceChildren(draw(width));
        }
    });

    observer.observe(box);
    return () => observer.disconnect();
}

/** A round number at or above n, for the end of an axis. */
export function roundUp(n) {
    const power = 10 ** Math.floor(Math.log10(Math.max(n, 1)));

    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((x) => x * power)
        .find((x) => x >= n);
}

/**
 * The same figures to be opened as a table.
 * @param {string} caption
 * @param {string[]} columns the first one names the row
 * @param {Array<Array<*>>} rows
 */
export function figures(caption, columns, rows) {
    return h("details", { class: "figures" },
        h("summary", null, "As a table"),
        h("div", { class: "scroll", tabindex: "0", role: "region",
                   "aria-label": caption },
          table(caption, columns, rows)));
}

/**
 * A plain table; see figures().
 * @param {string} [look] of the cells: figures go to the right
 */
export function table(caption, columns, rows, look = "right") {
    return h("table", null, h("caption", { class: "vh" }, caption),
        h("thead", null, h("tr", null, columns.map((text, i) =>
            h("th", { scope: "col", class: i ? look : null }, text)))),
        h("tbody", null, rows.map(([name, ...cells]) => h("tr", null,
            h("th", { scope: "row" }, name),
            cells.map((value) => h("td", { class: look }, value))))));
}
