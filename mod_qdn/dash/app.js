// SPDX-License-Identifier: Apache-2.0
// Starts everything, and changes views.

import { directory } from "./directory.js";
import { byId, h, render } from "./dom.js";
import { Poll } from "./poll.js";
import * as router from "./router.js";
import * as session from "./session.js";
import * as shell from "./shell.js";
import { audit } from "./audit.js";
import { call } from "./call.js";
import { calls } from "./calls.js";
import { health } from "./health.js";
import { now } from "./now.js";
import { reports } from "./reports.js";
import { revision } from "./revision.js";

/**
 * A view: `title` of a route; `mount` draws it into an element and returns
 * how it is told of another route of the same view (`update`, may be
 * missing: then it is mounted anew) and how it ends (`stop`).
 */
const VIEWS = { __proto__: null, now, calls, "calls/": call, reports, audit,
                "revisions/": revision, health };

let shown = { name: null, id: null, view: null };

function mount(route, view) {
    const root = h("div", { id: "view", class: `view-${route.name}` });

    shown.view?.stop();
    shell.warn("data", null);
    render(byId("fresh"));
    byId("view").replaceWith(root);
    shown = { name: route.name, id: route.id, view: view.mount(root, route) };
}

function show(route) {
    const first = shown.name === null;
    const view = VIEWS[route.id ? `${route.name}/` : route.name];

    if (!view) {
        router.replace(router.link("now"));
        show(router.current());
        return;
    }
    shell.setTitle(view.title(route));
    shell.showTabs(view.tab || route.name);
    if (shown.name === route.name && shown.id === route.id &&
        shown.view.update) {
        shown.view.update(route);
        return;
    }
    mount(route, view);
    if (!first) {
        window.scrollTo(0, 0);
        byId("title").focus({ preventScroll: true });
    }
}

function showHealth(health) {
    const bad = health.checks.find((check) => check.colour === "red");

    shell.setColour(health.health, shown.name);
    shell.warn("health", health.health === "red" && {
        level: "red", text: bad ? bad.what : "Something is broken.",
        remedy: bad?.do, href: router.link("health"), label: "All checks" });
}

function startPolls() {
    return new Poll({ path: () => "health", every: 10000,
                      onData: showHealth });
}

async function begin() {
    try {
        const me = await session.load();

        session.setLines((await directory()).lines);
        render(byId("who"), h("span", null, me.user),
               h("span", { class: "role" }, session.roleText()));
    } catch (problem) {
        render(byId("view"), shell.problemState(problem));
        // Rights change with the configuration, and that seldom.
        setTimeout(begin, problem.status >= 400 && problem.status < 500
            ? 30000 : 3000);
        return;
    }
    router.start(show);
    startPolls();
}

// The address is the router's: the link only moves the focus.
byId("skip").addEventListener("click", (event) => {
    event.preventDefault();
    byId("main").focus();
});
begin();
