// SPDX-License-Identifier: Apache-2.0
// Every view as each role sees it; pictures of all of them are kept.

const VIEWS = {
    Now: ['#/now', 'Sergio is available: nothing speaks against it'],
    Calls: ['#/calls', 'More calls'],
    Reports: ['#/reports', 'Answered'],
    Audit: ['#/audit', 'Verify|Check'],
    Health: ['#/health', 'database'],
};

// Where a guest sees something else than the others.
const CALLERS = new Set(['Now', 'Calls']);

// A phone number of a caller, however it is written.
const CALLER = /\b202\D{0,3}555\D?01\d\d\b|2025550\d/;

function seenBy(who, name) {
    const [address, text] = VIEWS[name];
    return {
        name: `${name} for ${who}`,
        async play(stage, check) {
            const guest = await stage.guest(who);
            await guest.open(address);
            const { page } = guest;
            check(await page.title().then((t) => t.startsWith(name)),
                'the title says what is shown');
            check(await page.locator('h1').innerText() === name,
                'and so does the heading');
            const tab = page.getByRole('navigation')
                .getByRole('link', { name });
            check(await tab.getAttribute('aria-current') === 'page',
                'and the navigation');
            await page.getByText(new RegExp(text, 'i')).first().waitFor();
            if (who === 'guest') {
                const all = await page.locator('body').innerText();
                check(!CALLER.test(all), 'no number of a caller is shown');
            }
            if (who !== 'guest' || CALLERS.has(name)) {
                await guest.look(check, `${name} ${who}`);
            }
        },
    };
}

export const scenes = [
    ...Object.keys(VIEWS).map((name) => seenBy('boss', name)),
    seenBy('sergio', 'Now'),
    ...Object.keys(VIEWS).map((name) => seenBy('guest', name)),
    ...['failover', 'voicemail', 'answered', 'skipped'].map((kind) => ({
        name: `the chain of a call: ${kind}`,
        async play(stage, check) {
            const guest = await stage.guest('boss');
            await guest.open(`#/calls/${stage.past[kind].sid}`);
            check(await guest.page.locator('main svg[role="img"]').count() > 0,
                'there is a picture');
            await guest.look(check, `Call ${kind}`);
        },
    })),
    {
        name: 'the colours of a choice',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/now');
            const scheme = () => page.evaluate(
                () => getComputedStyle(document.documentElement)
                    .backgroundColor);
            const seen = [await scheme()];
            for (const word of ['light', 'dark']) {
                await page.getByRole('button', { name: /^Colours/ }).click();
                await page.getByRole('button', { name: `Colours: ${word}` })
                    .waitFor();
                seen.push(await scheme());
            }
            check(seen[1] !== seen[2], 'light and dark differ');
            const found = await guest.flaws();
            check(found.length === 0, 'axe finds nothing in the dark', found);
            await page.reload();
            await guest.settled();
            check(await scheme() === seen[2], 'a reload keeps the choice');
        },
    },
];
