// SPDX-License-Identifier: Apache-2.0
// Nothing that is only text is ever run: not by the page, and not because
// CSP had to stop it, which the console would tell.

// Counted from before the first script of a page.
const COUNT = 'globalThis.ran = []; globalThis.owned = (n) => ran.push(n);';
const WHO = '<img src=x onerror=owned(7)>';
const TITLE = '<img src=x onerror=owned(8)>';
const TEXT = '<img src=x onerror=owned(14)>';

// What no page of ours has, whatever it shows.
const FOREIGN = 'img, iframe, object, embed, script:not([src]), style, ' +
    '[onerror], [onload], [onmouseover], a[href^="javascript"]';

async function harmless(guest, check, label) {
    const ran = await guest.page.evaluate('ran');
    check(ran.length === 0, `${label}: nothing is run`, `${ran}`);
    const found = await guest.page.locator(FOREIGN).evaluateAll(
        (all) => all.map((element) => element.outerHTML));
    check(found.length === 0, `${label}: no text becomes an element`, found);
}

async function reads(guest, check, text) {
    const all = await guest.page.locator('body').innerText();
    check(all.includes(text), `it reads ${text}`, all.slice(0, 2000));
}

// View, and texts that it must show as they are.
const VIEWS = [
    ['#/now', ['<img src=x onerror=owned(1)>Sergio', WHO,
        '"><svg onload=owned(2)>Kim', '<script>owned(3)</script>Queen',
        TITLE, '<img src=x onerror=owned(13)>']],
    ['#/calls', ['<script>owned(3)</script>Queen', 'javascript:owned(12)',
        'sip:<img src=x onerror=owned(10)>@example.com',
        'client:"><script>owned(11)</script>']],
    ['#/reports', []],
    ['#/audit', ['<img src=x onerror=owned(13)>']],
    ['#/health', []],
];

// Addresses that somebody sends a colleague.
const ADDRESSES = [
    `#/${TEXT}`, `#/calls/${TEXT}`, `#/call/${encodeURIComponent(TEXT)}`,
    `#/calls?q=${encodeURIComponent(TEXT)}`, `#/calls?outcome=${TEXT}`,
    `#/calls?line=${TEXT}&operator=${TEXT}&from=${TEXT}&before=${TEXT}`,
    `#/reports?from=${TEXT}&to=${TEXT}&line=${TEXT}`,
    `#/audit?operator=${TEXT}`, `#/revisions/${TEXT}`,
    `?x=${encodeURIComponent(TEXT)}#/now`, '#javascript:owned(15)',
    '#//127.0.0.1:1/', '#/__proto__', '#/constructor', '#/calls?__proto__=1',
    '#/%', '#/call/%E0%A4%A', '#/calls?from=NaN&to=1e99',
];

async function enter(stage) {
    const guest = await stage.guest(WHO, { userAgent: TEXT });
    await guest.context.addInitScript(COUNT);
    return guest;
}

export const scenes = [
    ...VIEWS.map(([view, texts]) => ({
        name: `markup at ${view}`,
        async play(stage, check) {
            const guest = await enter(stage);
            await guest.open(view);
            for (const text of texts) {
                await reads(guest, check, text);
            }
            await harmless(guest, check, view);
            await guest.look(check, `hostile ${view}`);
        },
    })),
    {
        name: 'markup in the chain of a call',
        async play(stage, check) {
            const guest = await enter(stage);
            for (const sid of stage.calls) {
                await guest.open(`#/calls/${sid}`);
                await guest.page.locator('main details').evaluateAll(
                    (all) => all.forEach((one) => { one.open = true; }));
                await harmless(guest, check, sid);
                await reads(guest, check, TITLE);
            }
            await guest.look(check, 'hostile chain');
        },
    },
    {
        name: 'markup in the configuration',
        async play(stage, check) {
            const guest = await enter(stage);
            await guest.open('#/audit');
            await guest.page.getByRole('link', { name: 'onfiguration' })
                .first().click();
            await guest.page.getByText('Show the whole configuration').click();
            await reads(guest, check, '<b onmouseover=owned(5)>Speak</b>');
            await reads(guest, check, 'srcdoc');
            await harmless(guest, check, 'the plan');
            await guest.look(check, 'hostile configuration');
        },
    },
    {
        name: 'markup as a reason, typed here',
        async play(stage, check) {
            const guest = await enter(stage);
            const { page } = guest;
            await guest.open('#/now');
            await page.getByRole('button', { name: 'Change status of' })
                .first().click();
            await page.getByRole('radio', { name: 'Available' }).check();
            await page.getByLabel('Another reason').fill(TEXT);
            await page.getByRole('button', { name: 'Set', exact: true })
                .click();
            await page.getByRole('button', { name: 'Undo' }).waitFor();
            await page.getByText(`“${TEXT}”`).first().waitFor();
            await harmless(guest, check, 'after the change');
            await page.getByRole('button', { name: 'Undo' }).click();
            await page.getByText('Undone').first().waitFor();
            await harmless(guest, check, 'after the undo');
        },
    },
    {
        name: 'markup in the address',
        async play(stage, check) {
            const guest = await enter(stage);
            // What is no filter is refused by the server: that is no fault.
            guest.expect(400, /\/api\//);
            guest.expect(404, /\/api\//);
            for (const address of ADDRESSES) {
                await guest.page.goto('about:blank');
                await guest.open(address);
                await harmless(guest, check, address);
            }
        },
    },
];
