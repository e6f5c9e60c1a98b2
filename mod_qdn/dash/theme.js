// SPDX-License-Identifier: Apache-2.0
// Not a module: it runs before the first paint, so that nothing flashes.
(() => {
    "use strict";
    const KEY = "qdn-theme";
    const NEXT = { auto: "light", light: "dark", dark: "auto" };
    const WORDS = { auto: "as the device", light: "light", dark: "dark" };
    const ICONS = { auto: "◐", light: "☀", dark: "☾" };
    const system = matchMedia("(prefers-color-scheme: dark)");

    // Storage may be forbidden: then the choice lasts as long as the page.
    let choice = "auto";
    try {
        choice = localStorage.getItem(KEY) || "auto";
    } catch {
        choice = "auto";
    }

    function show() {
        const dark = choice === "dark" ||
            (choice !== "light" && system.matches);
        const button = document.getElementById("theme");

        document.documentElement.dataset.theme = dark ? "dark" : "light";
        if (button) {
            const word = WORDS[choice] || WORDS.auto;

            button.textContent = ICONS[choice] || ICONS.auto;
            button.setAttribute("aria-label", `Colours: ${word}. Change`);
            button.title = `Colours: ${word}`;
        }
    }

    function change(event) {
        if (!event.target.closest("#theme")) {
            return;
        }
        choice = NEXT[choice] || "light";
        try {
            localStorage.setItem(KEY, choice);
        } catch {
            // See above.
        }
        show();
    }

    show();
    system.addEventListener("change", show);
    document.addEventListener("DOMContentLoaded", show);
    document.addEventListener("click", change);
})();
