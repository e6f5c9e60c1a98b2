// SPDX-License-Identifier: Apache-2.0
// One person at one page. Whatever goes wrong in it is remembered: errors and
// warnings of the console, exceptions, dialogs, answers above 399 that the
// scene does not expect, and requests to anybody else.
const WIDTHS = [1280, 360];
const SCHEMES = ['light', 'dark'];

// What can differ between the schemes, of axe's rules.
const COLOURS = ['color-contrast', 'link-in-text-block'];

// The console repeats each answer above 399 and each broken request without a
// cause; these are judged where they arrive, with status and path.
const REPEATED = /^Failed to load resource: /;

// How a page that is left ends its requests.
const LEFT = new Set(['net::ERR_ABORTED']);

export class Guest {
    constructor(stage, name, context, page) {
        Object.assign(this, { stage, name, context, page });
        this.seen = [];
        this.expected = [];
        this.watch(page);
        context.on('request', (request) => this.judgeRequest(request));
    }

    watch(page) {
        page.on('console', (message) => {
            if (['error', 'warning', 'assert'].includes(message.type()) &&
                !REPEATED.test(message.text())) {
                this.seen.push(`console ${message.type()}: ${message.text()}`);
            }
        });
        page.on('pageerror', (error) => this.seen.push(error.stack));
        page.on('dialog', (dialog) => {
            this.seen.push(`dialog: ${dialog.message()}`);
            dialog.dismiss();
        });
        page.on('response', (answer) => this.judgeAnswer(answer));
        page.on('requestfailed', (request) => {
            const why = request.failure()?.errorText;
            if (!LEFT.has(why)) {
                this.seen.push(`${why}: ${request.url()}`);
            }
        });
    }

    judgeRequest(request) {
        const url = new URL(request.url());
        if (!['data:', 'blob:'].includes(url.protocol) &&
            url.origin !== this.stage.origin) {
            this.seen.push(`a request to ${url.origin}`);
        }
    }

    judgeAnswer(answer) {
        const status = answer.status();
        const { pathname } = new URL(answer.url());
        if (status >= 400 && !this.expected.some(
            (e) => e.status === status && e.path.test(pathname))) {
            this.seen.push(`${status}: ${pathname}`);
        }
    }

    /** From now on, answers with this status at such a path are no fault. */
    expect(status, path) {
        this.expected.push({ status, path });
    }

    /** What went wrong, and forget it. */
    faults() {
        return this.seen.splice(0);
    }

    // -- moving --

    /** Open a view ('#/calls' and the like) and wait for its data. */
    async open(view) {
        await this.page.goto(this.stage.home + view);
        await this.settled();
    }

    /** The view that is shown has its data. */
    async settled() {
        await this.page.locator('#view:not(:empty):not(:has(.loading))')
            .waitFor();
    }

    // -- looking --

    /**
     * Everything that must be true of whatever is shown: axe finds nothing,
     * nothing sticks out to the right, in each width and scheme. Pictures of
     * it are kept.
     */
    async look(check, name) {
        const before = this.page.viewportSize();
        for (const width of WIDTHS) {
            await this.page.setViewportSize({ width, height: 800 });
            for (const colorScheme of SCHEMES) {
                await this.page.emulateMedia({ colorScheme });
                const what = `${name}, ${width} px, ${colorScheme}`;
                await this.settled();
                await this.picture(`${name}-${width}-${colorScheme}`);
                const found = await this.flaws(colorScheme === SCHEMES[0]
                    ? {} : { runOnly: COLOURS });
                check(found.length === 0, `${what}: axe finds nothing`, found);
            }
            const over = await this.sticksOut();
            check(over.length === 0,
                `${name}, ${width} px: no scrolling sideways`, over);
        }
        await this.page.emulateMedia({ colorScheme: 'light' });
        await this.page.setViewportSize(before);
    }

    async picture(name) {
        await this.page.evaluate(() => scrollTo(0, 0));
        await this.page.screenshot({ fullPage: true,
            path: `${this.stage.screens}/${file(name)}.png` });
    }

    /** What axe finds, a line for each element. */
    async flaws(options = {}) {
        await this.page.evaluate(this.stage.axe);
        const { violations } = await this.page.evaluate((more) =>
            globalThis.axe.run(document, { resultTypes: ['violations'],
                ...more }), options);
        return violations.flatMap((v) => v.nodes.map((node) =>
            `${v.id}: ${v.help}: ${node.target.join(' ')}: ` +
            node.failureSummary.replace(/\s+/g, ' ')));
    }

    /** Elements that make the page wider than the screen. */
    sticksOut() {
        return this.page.evaluate(() => {
            const root = document.documentElement;
            if (root.scrollWidth <= root.clientWidth) {
                return [];
            }
            return [`${root.scrollWidth} > ${root.clientWidth}`,
                ...[...document.querySelectorAll('body *')].filter((e) =>
                    e.getBoundingClientRect().right > root.clientWidth + 1)
                    .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
        });
    }
}

/** A name as a file's. */
export function file(name) {
    return name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}
