// SPDX-License-Identifier: Apache-2.0
// Small pictures, drawn in strokes on a field of 24 by 24.

import { svg } from "./dom.js";

const PATHS = {
    __proto__: null,
    now: "M12 7v5l3 2M12 3a9 9 0 1 0 .01 0",
    calls: "M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a1 1 0 0 1-1 1" +
        "A15 15 0 0 1 4 5a1 1 0 0 1 1-1",
    reports: "M4 20h16M7 16v-5M12 16V6M17 16v-8",
    audit: "M8 6h12M8 12h12M8 18h12M3.5 6h.01M3.5 12h.01M3.5 18h.01",
    health: "M3 12h4l2.5-7 4 14 2.5-7h5",
    bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4l2-2M10 21h4",
    skip: "M5 5l8 7-8 7V5M18 5v14",
    check: "M5 12.5l4.5 4.5L19 7",
    cross: "M6 6l12 12M18 6L6 18",
    warn: "M12 4L2.5 20h19L12 4M12 10v4M12 17h.01",
    away: "M20 14A8 8 0 1 1 10 4a6.5 6.5 0 0 0 10 10",
    voicemail: "M6.5 9a3.5 3.5 0 1 0 .01 0M17.5 9a3.5 3.5 0 1 0 .01 0" +
        "M6.5 16h11",
    missed: "M4 8l8 8 8-8M4 8v6M4 8h6",
    ban: "M12 3a9 9 0 1 0 .01 0M6 6l12 12",
    person: "M12 4a4 4 0 1 0 .01 0M4 21c0-4.5 3.5-7 8-7s8 2.5 8 7",
    talk: "M4 5h16v11H10l-5 4v-4H4V5",
    fork: "M5 5v4a4 4 0 0 0 4 4h9M14 8l5 5-5 5",
    back: "M19 12H5M11 6l-6 6 6 6",
    down: "M6 9l6 6 6-6",
    save: "M12 4v11M7 11l5 5 5-5M5 20h14",
    dots: "M6 12h.01M12 12h.01M18 12h.01",
};

/**
 * A picture beside a word that says the same, so it is hidden from readers.
 * @param {string} name one of PATHS
 * @returns {SVGElement}
 */
export function icon(name) {
    return svg("svg", { class: "icon", viewBox: "0 0 24 24",
                        "aria-hidden": "true", focusable: "false" },
               svg("path", { d: PATHS[name] || PATHS.dots }));
}
