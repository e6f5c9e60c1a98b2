// SPDX-License-Identifier: Apache-2.0
// What stands around every view: navigation, title, warnings, the last
// change with its undo, and what screen readers are told.

import { byId, h, hidden, render } from "./dom.js";
import { icon } from "./icons.js";
import { clockSeconds, nowUs, sentence } from "./format.js";
import { officeZone } from "./session.js";

const TABS = [
    ["now", "Now"],
    ["calls", "Calls"],
    ["reports", "Reports"],
    ["audit", "Audit"],
    ["health", "Health"],
];

const banners = new Map();
let colour = null;

/** Draw the navigation; `name` is the view that is shown. */
export function showTabs(name) {
    const dot = colour && colour !== "green"
        ? h("span", { class: `dot ${colour}` }, hidden(`Health is ${colour}`))
        : null;

    render(byId("tabs"), h("ul", null, TABS.map(([id, text]) =>
        h("li", { "data-key": id },
          h("a", { href: `#/${id}`, "aria-current":
                   id === name ? "page" : null },
            icon(id), h("span", null, text)),
          id === "health" ? dot : null))));
}

/** The colour of health, for the tab. */
export function setColour(next, name) {
    if (next !== colour) {
        colour = next;
        showTabs(name);
    }
}

/** Title of the page and of the view. */
export function setTitle(text) {
    byId("title").textContent = text;
    document.title = `${text} · Call desk`;
}

/** Tell screen readers. */
export function say(text) {
    const node = byId("say");

    node.textContent = "";
    setTimeout(() => { node.textContent = text; }, 50);
}

function bannerOf([key, { level, text, remedy, href, label }]) {
    return h("div", { class: `banner ${level}`, "data-key": key,
                      role: level === "red" ? "alert" : "status" },
             icon(level === "red" ? "cross" : "warn"),
             h("p", null, h("strong", null, text), " ",
               remedy ? h("span", null, remedy) : null, " ",
               href ? h("a", { href }, label) : null));
}

/**
 * Show a warning above every view, or take it away.
 * @param {string} key one warning per key
 * @param {?{level: string, text: string, remedy: ?string}} warning
 */
export function warn(key, warning) {
    if (warning) {
        banners.set(key, warning);
    } else if (!banners.delete(key)) {
        return;
    }
    render(byId("banners"), [...banners].map(bannerOf));
}

const OLD_US = 55e6; // the server gives data of a minute ago an ETag anew

/**
 * Keeps what the top of a view says of the age of its data.
 */
export class Freshness {
    constructor() {
        this.good = 0;
        this.late = null;
        byId("main").setAttribute("aria-busy", "true");
        warn("data", null);
        render(byId("fresh"));
    }

    /** There was an answer; `us`: its data are as of then. */
    ok(us = nowUs()) {
        this.good = us;
        byId("main").removeAttribute("aria-busy");
        warn("data", null);
        render(byId("fresh"), h("span", { class: "live-dot" }),
               `as of ${clockSeconds(us, officeZone())}`);
    }

    /**
     * There was an answer with data as of then.
     * @param {number} us
     * @param {string} why they may be older than they should be
     */
    asOf(us, why) {
        this.late = nowUs() - us > OLD_US ? [us, why] : null;
        this.same(us);
    }

    /** There was the same answer as before. */
    same(us = nowUs()) {
        if (this.late) {
            this.old(...this.late);
        } else {
            this.ok(us);
        }
    }

    /** They are older than they should be. */
    old(us, why) {
        this.good = us;
        byId("main").removeAttribute("aria-busy");
        render(byId("fresh"));
        warn("data", { level: "amber", text:
                       `as of ${clockSeconds(us, officeZone())}: ${why}.`,
                       remedy: "This page goes on looking." });
    }

    /**
     * There was none. Before the first one the view says so in its place.
     * @param {Problem} problem
     */
    trouble(problem) {
        byId("main").removeAttribute("aria-busy");
        render(byId("fresh"));
        if (this.good) {
            const since = clockSeconds(this.good, officeZone());

            warn("data", { level: "amber",
                           text: `as of ${since}: ${problem.message}`,
                           remedy: problem.remedy ||
                               "This page tries again by itself." });
        }
    }
}

/** In place of what cannot be shown: what is, and what to do. */
export function emptyState(title, text, ...more) {
    return h("div", { class: "empty" }, h("p", { class: "empty-title" }, title),
             h("p", null, text), more);
}

/** A problem in place of a view. @param {Problem} problem */
export function problemState(problem) {
    return emptyState(
        problem.status === 404 ? "There is no such thing here"
                               : "This cannot be shown now",
        `${sentence(problem.message)} ${problem.remedy || ""}`);
}

/** While nothing has come yet. */
export function loading() {
    return h("p", { class: "loading" }, "Loading …");
}
