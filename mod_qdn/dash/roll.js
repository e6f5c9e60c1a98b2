// SPDX-License-Identifier: Apache-2.0
// A long list, newest first: its head is asked for again and again, its tail
// goes on from the last row, however many rows come in meanwhile.

import { get } from "./api.js";
import { h, patch, render } from "./dom.js";
import { sentence } from "./format.js";
import { Poll } from "./poll.js";

const NEAR = "600px"; // before the end of the list comes into sight
const TOP_PX = 40; // scrolled further than this, somebody reads below

/** The nodes of a list, each made once and mended when its item changes. */
class Rows {
    constructor(body, keyOf, make) {
        Object.assign(this, { body, keyOf, make, seen: new Map() });
    }

    node(item) {
        const key = this.keyOf(item);
        const text = JSON.stringify(item);
        const known = this.seen.get(key);

        if (!known) {
            const node = this.make(item);

            this.seen.set(key, { text, node });
            return node;
        }
        if (known.text !== text) {
            patch(known.node, this.make(item));
            known.text = text;
        }
        return known.node;
    }

    /** Names that rows are made with have become known. */
    forget() {
        for (const known of this.seen.values()) {
            known.text = null;
        }
    }

    show(items) {
        const keys = new Set(items.map(this.keyOf));
        let cursor;

        for (const [key, { node }] of this.seen) {
            if (!keys.has(key)) {
                node.remove();
                this.seen.delete(key);
            }
        }
        cursor = this.body.firstChild;
        for (const item of items) {
            const node = this.node(item);

            if (node === cursor) {
                cursor = cursor.nextSibling;
            } else {
                this.body.insertBefore(node, cursor);
            }
        }
    }

    /** The first row that can be seen, and where it is. */
    anchor() {
        for (const { node } of this.seen.values()) {
            const { top, bottom } = node.getBoundingClientRect();

            if (bottom > TOP_PX && node.isConnected) {
                return { node, top };
            }
        }
        return null;
    }
}

/**
 * @typedef {Object} RollOptions
 * @property {Element} body that gets the rows
 * @property {Element} foot that gets the button for older ones
 * @property {string} older the text of that button
 * @property {number} every milliseconds between looks at the head
 * @property {function(?string): string} path of the page before that key
 * @property {function(Object): Object[]} items of an answer
 * @property {function(Object): string} keyOf an item
 * @property {function(Object): Element} make the row of an item
 * @property {function(Object[], boolean)} [prepare] all items, and whether
 *     there are no more, before they are shown
 * @property {function(Object, number)} onData answer, and new rows on top
 * @property {function()} [onSame]
 * @property {function(Problem)} onTrouble
 */

/** The list; it asks until stop(). */
export class Roll {
    /** @param {RollOptions} options */
    constructor(options) {
        this.options = options;
        this.rows = new Rows(options.body, options.keyOf, options.make);
        this.generation = 0;
        this.clear();
        this.watcher = new IntersectionObserver(
            (entries) => entries.some((entry) => entry.isIntersecting) &&
                this.more(), { rootMargin: NEAR });
        options.foot.addEventListener("click", (event) =>
            event.target.closest("button") && this.more());
        this.watcher.observe(options.foot);
        this.poll = new Poll({
            path: () => options.path(null), every: options.every,
            onData: (data) => this.head(data),
            onSame: () => options.onSame?.(),
            onTrouble: (problem) => this.failed(problem),
        });
    }

    failed(problem) {
        if (!this.known) {
            // The rows that are left answer another question.
            this.show();
        }
        this.options.onTrouble(problem);
    }

    clear() {
        this.generation++;
        this.items = [];
        this.next = null;
        this.known = false;
        this.busy = false;
        this.trouble = null;
    }

    /** What is asked for has changed: begin anew. */
    reset() {
        this.clear();
        this.poll.anew();
    }

    /** Make every row again from what is known. */
    redraw() {
        this.rows.forget();
        this.show();
    }

    /** Ask no more. */
    stop() {
        this.poll.stop();
        this.watcher.disconnect();
    }

    head(data) {
        const { items, keyOf, onData } = this.options;
        const fresh = items(data);
        const before = new Set(this.items.map(keyOf));
        const added = this.known
            ? fresh.filter((item) => !before.has(keyOf(item))).length : 0;
        const last = fresh.length ? keyOf(fresh[fresh.length - 1]) : null;
        const at = this.items.findIndex((item) => keyOf(item) === last);
        const rest = at < 0 ? [] : this.items.slice(at + 1);

        if (at < 0) {
            // What is on its way would go on from rows that are let go.
            this.generation++;
            this.busy = false;
        }

        this.items = fresh.concat(rest);
        this.next = rest.length ? this.next : data.next;
        this.known = true;
        this.show();
        onData(data, added);
    }

    show() {
        const { body } = this.options;
        const reading = window.scrollY > TOP_PX || body.matches(":hover") ||
            body.contains(document.activeElement);
        this.options.prepare?.(this.items, this.next === null);
        const anchor = reading ? this.rows.anchor() : null;

        this.rows.show(this.items);
        this.showFoot();
        if (anchor?.node.isConnected) {
            window.scrollBy(0, anchor.node.getBoundingClientRect().top -
                            anchor.top);
        }
    }

    showFoot() {
        const { foot, older } = this.options;

        render(foot,
            this.trouble ? h("p", { class: "trouble", role: "status" },
                             sentence(this.trouble.message)) : null,
            this.next ? h("button", { type: "button", class: "button",
                                      disabled: this.busy },
                          this.busy ? "Loading …" : older) : null);
    }

    async more() {
        const { path, items, keyOf } = this.options;
        const { generation } = this;

        if (!this.next || this.busy) {
            return;
        }
        this.busy = true;
        this.trouble = null;
        this.showFoot();
        try {
            const { data } = await get(path(this.next));

            if (generation !== this.generation) {
                return;
            }
            const have = new Set(this.items.map(keyOf));

            this.items.push(...items(data).filter(
                (item) => !have.has(keyOf(item))));
            this.next = data.next;
        } catch (problem) {
            if (generation !== this.generation) {
                return;
            }
            this.trouble = problem;
        }
        this.busy = false;
        this.show();
        this.watchAgain();
    }

    /** The end may still be in sight: then nothing would tell. */
    watchAgain() {
        this.watcher.unobserve(this.options.foot);
        if (!this.trouble) {
            this.watcher.observe(this.options.foot);
        }
    }
}
