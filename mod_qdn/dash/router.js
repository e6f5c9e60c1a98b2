// SPDX-License-Identifier: Apache-2.0
// The part of the address after "#" is what is shown: #/calls?line=%2B1...
// Reload, bookmarks and the browser's own back therefore work.

/**
 * @typedef {Object} Route
 * @property {string} name of the view
 * @property {?string} id of the one thing that it shows
 * @property {URLSearchParams} query
 */

/** @returns {Route} of location.hash */
export function current() {
    const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [name, id] = path.split("/");

    return { name: name || "now", id: id ? decode(id) : null,
             query: new URLSearchParams(query) };
}

function decode(text) {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}

/**
 * The address of a view.
 * @param {string} name
 * @param {?string} [id]
 * @param {?Object<string, string>} [query] empty values are left out
 */
export function link(name, id = null, query = null) {
    const params = new URLSearchParams();

    for (const [key, value] of Object.entries(query || {})) {
        if (value) {
            params.set(key, value);
        }
    }
    const text = params.toString();

    return `#/${name}${id ? `/${encodeURIComponent(id)}` : ""}` +
        (text ? `?${text}` : "");
}

/** Change the address without a step in the history. */
export function replace(href) {
    history.replaceState(null, "", href);
}

/** Go to a view. */
export function go(href) {
    location.hash = href;
}

/** @param {function(Route)} onChange also called at once */
export function start(onChange) {
    window.addEventListener("hashchange", () => onChange(current()));
    onChange(current());
}
