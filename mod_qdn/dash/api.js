// SPDX-License-Identifier: Apache-2.0
// The JSON API beside this page. Every fault becomes a Problem that can be
// read out to people.

const PATIENCE_MS = 8000;

/** What the server, or the way to it, had against a request. */
export class Problem extends Error {
    /**
     * @param {number} status of HTTP; 0: there was no answer
     * @param {Object} body of RFC 9457: title, detail, remedy and more
     */
    constructor(status, body) {
        super(body.detail || body.title || `The server answered ${status}`);
        this.status = status;
        this.body = body;
        this.remedy = body.remedy || null;
    }
}

async function send(path, options) {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE_MS);

    try {
        const response = await fetch(`api/${path}`, {
            cache: "no-store", credentials: "same-origin",
            signal: stop.signal, ...options });

        return { response, text: await response.text() };
    } catch {
        throw new Problem(0, {
            detail: stop.signal.aborted ? "the server takes too long"
                                        : "the server cannot be reached",
            remedy: "This page tries again by itself." });
    } finally {
        clearTimeout(timer);
    }
}

function problemOf(response, text) {
    let body = {};

    try {
        body = JSON.parse(text) || {};
    } catch {
        // An answer of httpd itself is no JSON.
    }
    if (response.status === 401) {
        body = { detail: "you are not logged in any more",
                 remedy: "Reload this page and log in." };
    }
    return new Problem(response.status, body);
}

function dataOf({ response, text }) {
    if (!response.ok) {
        throw problemOf(response, text);
    }
    try {
        return JSON.parse(text);
    } catch {
        throw new Problem(0, { detail: "the answer was cut off",
                               remedy: "Try again in a moment." });
    }
}

/**
 * Read something.
 * @param {string} path below api/
 * @param {?string} [etag] of the answer that is known already
 * @returns {Promise<{same: boolean, data: ?Object, etag: ?string}>}
 * @throws {Problem}
 */
export async function get(path, etag = null) {
    const headers = etag ? { "If-None-Match": etag } : {};
    const answer = await send(path, { headers });
    const { response } = answer;

    if (response.status === 304) {
        return { same: true, data: null, etag };
    }
    return { same: false, data: dataOf(answer),
             etag: response.headers.get("ETag") };
}

/**
 * Change something.
 * @returns {Promise<Object>} what the server says of it
 * @throws {Problem}
 */
export async function put(path, body) {
    const answer = await send(path, {
        method: "PUT", body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" } });

    return dataOf(answer);
}

/**
 * A path with its parameters; empty ones are left out.
 * @param {string} path
 * @param {Object<string, *>} params
 */
export function withQuery(path, params) {
    const query = new URLSearchParams();

    for (const [name, value] of Object.entries(params)) {
        if (value !== null && value !== undefined && value !== "") {
            query.set(name, value);
        }
    }
    const text = query.toString();

    return text ? `${path}?${text}` : path;
}
