// SPDX-License-Identifier: Apache-2.0
// Elements without markup: what comes from elsewhere is only ever text.

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "indeterminate"]);

function setOne(node, name, value) {
    if (name.startsWith("on")) {
        node.addEventListener(name.slice(2), value);
    } else if (PROPERTIES.has(name)) {
        node[name] = value;
        // The attribute as well, for patch() to see.
        if (value !== false && name !== "value") {
            node.setAttribute(name, "");
        }
    } else if (value === true) {
        node.setAttribute(name, "");
    } else {
        node.setAttribute(name, String(value));
    }
}

function fill(node, props, children) {
    for (const [name, value] of Object.entries(props || {})) {
        if (value !== null && value !== undefined && value !== false) {
            setOne(node, name, value);
        }
    }
    node.append(...children.flat(Infinity).filter(
        (child) => child !== null && child !== undefined && child !== false));
    return node;
}

/**
 * Make an element of HTML.
 * @param {string} tag
 * @param {?Object} props attributes; `onNAME` listens; null and false: none
 * @param {...*} children nodes, texts, numbers, nested arrays, null
 * @returns {HTMLElement}
 */
export function h(tag, props, ...children) {
    return fill(document.createElement(tag), props, children);
}

/**
 * Make an element of SVG; as h().
 * @returns {SVGElement}
 */
export function svg(tag, props, ...children) {
    return fill(document.createElementNS(SVG, tag), props, children);
}

/** Text for screen readers alone. */
export function hidden(text) {
    return h("span", { class: "vh" }, text);
}

/**
 * Names and values as a list.
 * @param {string} look its class
 * @param {Array<[string, *]>} list
 */
export function pairs(look, list) {
    return h("dl", { class: look }, list.map(([name, value]) =>
        h("div", null, h("dt", null, name), h("dd", null, value))));
}

/** The element with this id, which index.html has. */
export function byId(id) {
    return document.getElementById(id);
}

/**
 * Hand clicks inside of root to the handler that `data-act` names, so that
 * elements can be made anew without listening anew.
 * @param {Element} root
 * @param {Object<string, function(Element, Event)>} acts
 */
export function delegate(root, acts) {
    root.addEventListener("click", (event) => {
        const target = event.target.closest("[data-act]");

        if (target && root.contains(target) && acts[target.dataset.act]) {
            acts[target.dataset.act](target, event);
        }
    });
}

function keyOf(node) {
    return node.nodeType === 1 ? node.getAttribute("data-key") : null;
}

function alike(a, b) {
    return a.nodeName === b.nodeName && keyOf(a) === keyOf(b);
}

function patchAttributes(old, fresh) {
    for (const { name } of [...old.attributes]) {
        // Whether details are open is the reader's business.
        if (!fresh.hasAttribute(name) &&
            !(name === "open" && old.nodeName === "DETAILS")) {
            old.removeAttribute(name);
        }
    }
    for (const { name, value } of [...fresh.attributes]) {
        if (old.getAttribute(name) !== value) {
            old.setAttribute(name, value);
        }
    }
    if ("disabled" in fresh && old.disabled !== fresh.disabled) {
        old.disabled = fresh.disabled;
    }
}

function patchChildren(old, fresh) {
    const keyed = new Map();
    let cursor = old.firstChild;

    for (const child of old.childNodes) {
        if (keyOf(child)) {
            keyed.set(keyOf(child), child);
        }
    }
    for (const want of [...fresh.childNodes]) {
        const known = keyed.get(keyOf(want));
        let have = cursor && alike(cursor, want) ? cursor : null;

        if (known && alike(known, want)) {
            have = known;
        }
        if (!have) {
            old.insertBefore(want, cursor);
            continue;
        }
        if (have === cursor) {
            cursor = cursor.nextSibling;
        } else {
            old.insertBefore(have, cursor);
        }
        patch(have, want);
    }
    while (cursor) {
        const next = cursor.nextSibling;

        cursor.remove();
        cursor = next;
    }
}

/**
 * Make `old` look like `fresh` and keep what is the same: focus, selection,
 * scroll positions and open details outlive it. Siblings that may change
 * places have a `data-key`. Listeners are not carried over: see delegate().
 * @param {Node} old in the document
 * @param {Node} fresh of the same kind; it is used up
 */
export function patch(old, fresh) {
    if (old.nodeType !== 1) {
        if (old.nodeValue !== fresh.nodeValue) {
            old.nodeValue = fresh.nodeValue;
        }
        return;
    }
    patchAttributes(old, fresh);
    patchChildren(old, fresh);
}

/**
 * Likewise for the content of root.
 * @param {Element} root
 * @param {...*} children as for h()
 */
export function render(root, ...children) {
    const fresh = root.cloneNode(false);
    const focused = document.activeElement;

    fill(fresh, null, children);
    patchChildren(root, fresh);
    if (focused && focused !== document.activeElement &&
        root.contains(focused)) {
        focused.focus({ preventScroll: true });
    }
}
