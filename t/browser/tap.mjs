// SPDX-License-Identifier: Apache-2.0
// The pipe to QDN::Browser: checks and words go out, answers come in.
import { createInterface } from 'node:readline';

const answers =
    createInterface({ input: process.stdin })[Symbol.asyncIterator]();

/** One check. */
export function say(passed, label) {
    process.stdout.write(`${passed ? '' : 'not '}ok - ${label}\n`);
}

/** What belongs to the check before. */
export function remark(text) {
    process.stdout.write(String(text).replace(/\x1b\[\d+m/g, '')
        .replace(/^/gm, '# ') + '\n');
}

/** Ask QDN::Browser for what only it can do. */
export async function ask(word, more = {}) {
    process.stdout.write(`do ${JSON.stringify({ word, ...more })}\n`);
    const { value, done } = await answers.next();
    if (done) {
        throw new Error(`${word}: nobody listens any more`);
    }
    const reply = JSON.parse(value);
    if (reply.error) {
        throw new Error(reply.error);
    }
    return reply.answer;
}

/** Let the pipe go, so that node can end. */
export function leave() {
    process.stdin.destroy();
}
