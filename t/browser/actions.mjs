// SPDX-License-Identifier: Apache-2.0
// What people do with it.
import { ask } from './tap.mjs';

const SOON = 5000;

function person(page, name) {
    return page.getByRole('listitem').filter({
        has: page.getByRole('heading', { name: new RegExp(`^${name}`) }) });
}

function number(page, name) {
    return page.getByRole('article', { name });
}

async function openStatus(page, name) {
    await person(page, name).getByRole('button', { name: 'Change status' })
        .click();
    return page.getByRole('dialog');
}

async function setStatus(page, name, state, reason) {
    const dialog = await openStatus(page, name);
    await dialog.getByRole('radio', { name: state }).check();
    await dialog.getByRole('button', { name: reason }).click();
    return dialog;
}

/** As it was before the scene. */
async function automatic(guest, ...names) {
    for (const name of names) {
        const dialog = await setStatus(guest.page, name, 'Automatic',
            'Back to automatic');
        await dialog.waitFor({ state: 'hidden' });
    }
}

const status = [
    {
        name: 'a status in two taps, and its undo',
        async play(stage, check) {
            const guest = await stage.guest('sergio');
            const { page } = guest;
            await guest.open('#/now');
            const dialog = await openStatus(page, 'Sergio');
            await guest.look(check, 'Status dialog');
            await dialog.getByRole('button', { name: 'In a meeting' }).click();
            await dialog.waitFor({ state: 'hidden' });
            await page.getByText(/Sergio is away until \d+:\d\d/).first()
                .waitFor();
            await person(page, 'Sergio').getByText('“In a meeting”').waitFor();
            await person(page, 'Sergio').getByText('set by sergio',
                { exact: true }).waitFor();
            await number(page, 'Queen of San Diego')
                .getByText('Rings Ana first').waitFor({ timeout: SOON });
            await guest.look(check, 'Now with an undo');
            await page.getByRole('button', { name: 'Undo' }).click();
            await page.getByText('Undone').first().waitFor();
            await number(page, 'Queen of San Diego')
                .getByText('Rings Sergio first').waitFor({ timeout: SOON });
            check(true, 'what was is back');
        },
    },
    {
        name: 'a status in two taps on a phone',
        async play(stage, check) {
            const guest = await stage.guest('ana', { isMobile: true,
                hasTouch: true, viewport: { width: 360, height: 740 } });
            const { page } = guest;
            await guest.open('#/now');
            await page.getByRole('button', { name: 'Change status of Ana' })
                .tap();
            await page.getByRole('button', { name: 'Sick' }).tap();
            await page.getByText(/Ana is away until/).first().waitFor();
            check((await guest.sticksOut()).length === 0, 'all of it fits');
            await page.getByRole('button', { name: 'Undo' }).tap();
            await page.getByText('Undone').first().waitFor();
        },
    },
    {
        name: 'a reason is required',
        async play(stage, check) {
            const guest = await stage.guest('sergio');
            const { page } = guest;
            await guest.open('#/now');
            const dialog = await openStatus(page, 'Sergio');
            await dialog.getByRole('button', { name: 'Set', exact: true })
                .click();
            await dialog.getByRole('alert').getByText('say why').waitFor();
            await guest.look(check, 'Status dialog without a reason');
            await dialog.getByLabel('Another reason').fill('  ');
            await page.keyboard.press('Enter');
            check(await dialog.isVisible(), 'blanks are none');
            await page.keyboard.press('Escape');
            await dialog.waitFor({ state: 'hidden' });
        },
    },
    {
        name: 'only the own status',
        async play(stage, check) {
            for (const [who, buttons] of [['sergio', 1], ['guest', 0],
                ['boss', 3]]) {
                const guest = await stage.guest(who);
                await guest.open('#/now');
                const n = await guest.page.getByRole('button',
                    { name: /^Change status of/ }).count();
                check(n === buttons, `${who} may change ${buttons}`, `${n}`);
            }
        },
    },
    {
        name: 'nobody would be left',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            guest.expect(409, /\/api\/operators\/sergio\/status$/);
            await guest.open('#/now');
            await (await setStatus(page, 'Ana', 'Away', 'Sick'))
                .waitFor({ state: 'hidden' });
            const dialog = await setStatus(page, 'Sergio', 'Away', 'Sailing');
            await dialog.getByText('Nobody would be left').waitFor();
            await dialog.getByText('Queen of San Diego').waitFor();
            await guest.look(check, 'Nobody would be left');
            await dialog.getByRole('button', { name: 'Go back' }).click();
            await dialog.getByRole('button', { name: 'Sailing' }).click();
            await dialog.getByRole('button', { name: 'anyway' }).click();
            await dialog.waitFor({ state: 'hidden' });
            await number(page, 'Queen of San Diego')
                .getByText('Nobody is rung now').waitFor({ timeout: SOON });
            await guest.look(check, 'Now with nobody');
            await automatic(guest, 'Ana', 'Sergio');
            await number(page, 'Queen of San Diego')
                .getByText('Rings Sergio first').waitFor({ timeout: SOON });
            check(true, 'and back');
        },
    },
    {
        name: 'one number, and an end of one\'s own',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/now');
            const dialog = await openStatus(page, 'Sergio');
            await dialog.getByRole('radio', { name: 'Away' }).check();
            await dialog.getByRole('radio', { name: '30 min' }).check();
            await dialog.getByLabel('For').selectOption('+16195550100');
            await dialog.getByRole('button', { name: 'At lunch' }).click();
            await dialog.waitFor({ state: 'hidden' });
            await person(page, 'Sergio').getByText('“At lunch”').first()
                .waitFor();
            await page.getByRole('button', { name: 'Undo' }).click();
            await page.getByText('Undone').first().waitFor();
            check(true, 'set and undone');
        },
    },
];

const together = [
    {
        name: 'two browsers at once',
        async play(stage, check) {
            const boss = await stage.guest('boss');
            const ana = await stage.guest('ana');
            await Promise.all([boss.open('#/now'), ana.open('#/now')]);
            const open = await openStatus(ana.page, 'Ana');
            const began = Date.now();
            await setStatus(boss.page, 'Ana', 'Away', 'Off today');
            await open.getByText('changed a moment ago').waitFor(
                { timeout: SOON });
            check(Date.now() - began < SOON,
                'a dialog that is open says that somebody was faster');
            await open.getByRole('radio', { name: 'Available' }).check();
            await open.getByRole('button', { name: 'Back early' }).click();
            await open.waitFor({ state: 'hidden' });
            await person(boss.page, 'Ana').getByText('“Back early”')
                .waitFor({ timeout: SOON });
            check(true, 'the last word counts, in both browsers');
            await automatic(boss, 'Ana');
        },
    },
    {
        name: 'a change of what is no longer so',
        async play(stage, check) {
            const guest = await stage.guest('ana');
            guest.expect(412, /\/api\/operators\/ana\/status$/);
            await guest.open('#/now');
            const got = await guest.page.evaluate(async () => {
                const path = 'api/operators/ana/status';
                const put = (etag, body) => fetch(path, { method: 'PUT',
                    body: JSON.stringify(body), headers: { 'If-Match': etag,
                        'Content-Type': 'application/json' } })
                    .then((answer) => answer.status);
                const etag = (await fetch(path)).headers.get('ETag');
                const away = { state: 'away', until: '1h', why: 'once' };
                return [await put(etag, away), await put(etag, away),
                    await put('*', { state: 'auto' })];
            });
            check(`${got}` === '200,412,200', 'If-Match is looked at',
                `${got}`);
        },
    },
    {
        name: 'a call comes in',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/calls');
            const { sid } = await ask('call', { from: '+12025550142', ago: 60,
                people: { 'sergio/primary': 'accept@2s,talk=30s' } });
            await page.locator(`a[href*="${sid}"]`).first()
                .waitFor({ timeout: SOON });
            check(true, 'and is seen without a reload');
        },
    },
];

function afresh(scene) {
    return { ...scene, async play(stage, check) {
        await ask('reset');
        await scene.play(stage, check);
    } };
}

export const scenes = [...status, ...together].map(afresh);
