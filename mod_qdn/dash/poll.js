// SPDX-License-Identifier: Apache-2.0
// Ask again and again while somebody looks, and less often while it fails.

import { get } from "./api.js";

const SLOWEST_MS = 30000;

/**
 * @typedef {Object} PollOptions
 * @property {function(): string} path below api/, asked anew each time
 * @property {number} every milliseconds
 * @property {boolean} [whole] also when nothing changed but ages, which the
 *     ETag does not tell
 * @property {function(Object)} onData a new answer
 * @property {function()} [onSame] an answer, the same as before
 * @property {function(Problem)} [onTrouble]
 */

/** One question that is asked regularly. */
export class Poll {
    /** @param {PollOptions} options */
    constructor(options) {
        this.options = options;
        this.etag = null;
        this.asked = null;
        this.failures = 0;
        this.timer = 0;
        this.turn = 0;
        this.stopped = false;
        this.wake = () => {
            if (document.visibilityState === "visible") {
                this.now();
            }
        };
        document.addEventListener("visibilitychange", this.wake);
        window.addEventListener("online", this.wake);
        this.now();
    }

    /** Ask at once; an answer that is still under way no longer counts. */
    now() {
        clearTimeout(this.timer);
        this.turn++;
        this.ask(this.turn);
    }

    /** Ask at once, and for all of it: what was told before is not kept. */
    anew() {
        this.asked = null;
        this.now();
    }

    /** Never ask again. */
    stop() {
        this.stopped = true;
        clearTimeout(this.timer);
        document.removeEventListener("visibilitychange", this.wake);
        window.removeEventListener("online", this.wake);
    }

    async ask(turn) {
        const path = this.options.path();
        const etag = path === this.asked && !this.options.whole
            ? this.etag : null;
        let answer = null;
        let problem = null;

        try {
            answer = await get(path, etag);
        } catch (fault) {
            problem = fault;
        }
        if (this.stopped || turn !== this.turn) {
            return;
        }
        this.failures = problem ? this.failures + 1 : 0;
        if (!problem) {
            this.asked = path;
            this.etag = answer.etag;
        }
        this.later();
        this.tell(answer, problem);
    }

    tell(answer, problem) {
        const { onData, onSame, onTrouble } = this.options;

        if (problem) {
            onTrouble?.(problem);
        } else if (answer.same) {
            onSame?.();
        } else {
            onData(answer.data);
        }
    }

    later() {
        const wait = Math.min(this.options.every * 2 ** this.failures,
                              Math.max(SLOWEST_MS, this.options.every));

        clearTimeout(this.timer);
        if (document.visibilityState === "visible") {
            this.timer = setTimeout(() => this.now(), wait);
        }
    }
}
