// SPDX-License-Identifier: Apache-2.0
// Looking back: finding calls, one call, reports, who changed what, and proof.
import { readFile } from 'node:fs/promises';
import { ask } from './tap.mjs';

const SOON = 15000; // on a busy machine, too
const CROWD = 210; // office.t

const HARBOR = '+12125550110';

function rowsOf(page) {
    return page.getByRole('table', { name: /^Calls/ }).getByRole('row')
        .filter({ has: page.getByRole('cell') });
}

function rowOf(page, sid) {
    return rowsOf(page).filter({
        has: page.locator(`a[href="#/calls/${sid}"]`) });
}

function form(page) {
    return page.getByRole('search', { name: 'Filter calls' });
}

const choose = (label, value) =>
    (fields) => fields.getByLabel(label).selectOption(value);
const type = (label, text) =>
    (fields) => fields.getByLabel(label, { exact: true }).fill(text);

// What is chosen, the address that it gives, and which calls of QDN::Past it
// leaves; none of the crowd.
const FILTERS = [
    [choose('Outcome', 'voicemail'), 'outcome=voicemail', ['voicemail']],
    [choose('Outcome', 'rejected'), 'outcome=rejected', ['rejected']],
    [choose('Outcome', 'answered'), 'outcome=answered',
        ['answered', 'declined', 'failover']],
    [choose('Number', HARBOR), 'line=', ['skipped']],
    [choose('Outcome', 'unanswered'), 'outcome=unanswered', ['skipped']],
    [type('Caller', '5550124'), 'number=5550124', ['failover']],
    [type('Caller', '(202) 555-0124'), 'number=', ['failover']],
    [type('Search', '5550125'), 'q=5550125', ['voicemail']],
    [(fields) => fields.getByLabel('Failovers only').check(), 'failover=1',
        ['declined', 'failover', 'voicemail']],
    [type('To', '2020-01-01'), 'to=2020-01-01', []],
];

function filterScene([act, address, wanted]) {
    return {
        name: `calls with ${address}`,
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/calls');
            await act(form(page));
            const shown = async (label) => {
                await page.waitForFunction((n) => document.querySelectorAll(
                    'table.calls tbody tr').length === n, wanted.length,
                    { timeout: SOON }).catch(() => {});
                const hrefs = await page.locator('table.calls tbody a')
                    .evaluateAll((all) => all.map((a) => a.hash));
                const sids = wanted.map((name) =>
                    `#/calls/${stage.past[name].sid}`);
                const same = `${hrefs.sort()}` === `${sids.sort()}`;
                check(same, `${label}: ${wanted.join(', ') || 'none'}`,
                    `${hrefs.length}: ${hrefs.slice(0, 9)}`);
            };
            await shown('exactly these are shown');
            check(page.url().includes(address), 'the address has it',
                page.url());
            await page.reload();
            await guest.settled();
            await shown('after a reload');
            await page.getByRole('button', { name: 'Clear' }).click();
            await page.waitForFunction(() => document.querySelectorAll(
                'table.calls tbody tr').length >= 50);
            check(!page.url().includes('?'), 'Clear shows all again');
        },
    };
}

async function saved(page, name) {
    const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name }).click()]);
    return { name: download.suggestedFilename(),
        text: await readFile(await download.path(), 'utf8') };
}

const calls = [
    ...FILTERS.map(filterScene),
    {
        name: 'a filter of days',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            await guest.open('#/calls?from=2020-01-01&to=2020-01-02');
            await guest.page.getByText('No such call').waitFor();
            await guest.look(check, 'Calls, none');
            await guest.open('#/calls?from=2020-01-01&outcome=voicemail');
            await rowOf(guest.page, stage.past.voicemail.sid).waitFor();
            check(await rowsOf(guest.page).count() === 1, 'one is shown');
        },
    },
    {
        name: 'back to a filter before the next one is answered',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/calls');
            await page.route(/outcome=failed/, async (route) => {
                await page.waitForTimeout(1000);
                await route.continue().catch(() => {});
            });
            await page.goto(`${stage.home}#/calls?outcome=failed`);
            await page.goBack();
            await page.waitForTimeout(1500);
            await page.mouse.wheel(0, 9000);
            await page.waitForFunction(() => document.querySelectorAll(
                'table.calls tbody tr').length > 50, null, { timeout: SOON });
            check(true, 'the list goes on to older calls');
        },
    },
    {
        name: 'every call to the last',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/calls');
            const last = rowOf(page, stage.past.answered.sid);
            for (let i = 0; i < 40 && await last.count() === 0; i++) {
                await page.mouse.wheel(0, 4000);
                await page.waitForTimeout(100);
            }
            const hrefs = await rowsOf(page).getByRole('link').evaluateAll(
                (all) => all.map((a) => a.href));
            check(hrefs.length >= CROWD + Object.keys(stage.past).length &&
                new Set(hrefs).size === hrefs.length,
                `scrolling shows all ${hrefs.length}, each once`);
        },
    },
    {
        name: 'a call comes in while one reads further down',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/calls');
            await page.mouse.move(10, 10);
            await page.mouse.wheel(0, 900);
            await page.waitForTimeout(500);
            const read = rowsOf(page).nth(25);
            const href = await read.getByRole('link').getAttribute('href');
            const before = (await read.boundingBox()).y;
            const { sid } = await ask('call', { from: '+12025550141', ago: 1,
                caller: 'hangs-up@hop1+8s' });
            await rowOf(page, sid).waitFor({ state: 'attached',
                timeout: SOON });
            const now = (await page.locator(`tr:has(a[href="${href}"])`)
                .boundingBox()).y;
            check(Math.abs(now - before) < 2, 'what one reads does not move',
                `${before} ${now}`);
        },
    },
    {
        name: 'exports',
        async play(stage, check) {
            for (const who of ['boss', 'guest']) {
                const guest = await stage.guest(who);
                await guest.open('#/calls?outcome=voicemail');
                await rowOf(guest.page, stage.past.voicemail.sid).waitFor();
                const csv = await saved(guest.page, 'CSV');
                check(/\.csv$/.test(csv.name), `${who}: ${csv.name}`);
                const lines = csv.text.trim().split('\r\n');
                check(lines.length === 2, 'CSV has this one and its names',
                    csv.text);
                const json = await saved(guest.page, 'JSON');
                const { calls: list } = JSON.parse(json.text);
                check(/\.json$/.test(json.name) && list.length === 1 &&
                    list[0].call_sid === stage.past.voicemail.sid,
                    'JSON has it', json.text);
                const digits = `${csv.text}${json.text}`.includes('5550125');
                check(digits === (who === 'boss'), who === 'boss'
                    ? 'with the number' : 'without the number');
            }
        },
    },
    {
        name: 'from the list to a call and back',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/calls?failover=1');
            await rowOf(page, stage.past.failover.sid).getByRole('link')
                .click();
            await page.getByRole('heading', { name: 'Step by step' })
                .waitFor();
            const text = await page.locator('main').innerText();
            for (const said of [/mailbox/i, /Ana/, /nobody pressed/i,
                /P[SD]T/]) {
                check(said.test(text), `the chain says ${said}`, text);
            }
            const inputs = page.locator('main summary').filter({
                hasText: 'decided from' });
            check(await inputs.count() === 3, 'with what it was decided from');
            await inputs.nth(1).click();
            await guest.look(check, 'Call with inputs');
            await page.goBack();
            await rowOf(page, stage.past.failover.sid).waitFor();
            check(/failover=1/.test(page.url()), 'back at the filter');
        },
    },
    {
        name: 'a call that is not there',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            guest.expect(404, /\/api\/calls\/CA0+$/);
            await guest.open(`#/calls/CA${'0'.repeat(32)}`);
            await guest.page.getByText(/no such/i).first().waitFor();
            await guest.look(check, 'Call, none');
        },
    },
];

const reports = [
    {
        name: 'reports',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/reports');
            await page.getByRole('radio', { name: '7 days' }).check();
            const tile = (name) => page.locator('dl.tiles div', {
                has: page.getByText(name, { exact: true }) })
                .locator('.figure').first();
            const answered = Number(await tile('Answered').innerText());
            check(answered >= 3, `${answered} are answered, 3 at least`);
            check(Number(await tile('Voicemail').innerText()) === 1,
                'one left a message');
            check(page.url().includes('range=7d'), 'the address has the days');
            const pictures = page.locator('main svg[role="img"]');
            await pictures.nth(2).waitFor(); // they are drawn in their turn
            check(await pictures.count() === 3, 'three pictures',
                `${await pictures.count()}`);
            for (const closed of await page.getByText('As a table').all()) {
                await closed.click();
            }
            check(await page.locator('main table:visible').count() === 3,
                'which can be read as tables');
            await guest.look(check, 'Reports as tables');
            await page.getByRole('radio', { name: 'Missed' }).check();
            await page.waitForURL(/week=missed/);
            await page.getByLabel('Number').selectOption(HARBOR);
            await page.waitForURL(/line=/);
            await page.waitForFunction(() => document.querySelector(
                'dl.tiles .figure')?.textContent === '1');
            check(true, 'of one number there is one call');
            await page.reload();
            await guest.settled();
            check(await page.getByLabel('Number').inputValue() === HARBOR,
                'a reload keeps the choice');
            await guest.open('#/reports?from=2020-01-01&to=2020-01-31');
            await page.getByText('No call in these days').waitFor();
            await guest.look(check, 'Reports, none');
        },
    },
];

const audit = [
    {
        name: 'who changed what',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/now');
            await page.getByRole('button', { name: 'Change status of Ana' })
                .click();
            const dialog = page.getByRole('dialog');
            await dialog.getByRole('radio', { name: 'Away' }).check();
            await dialog.getByLabel('Another reason').fill('Dentist at ten');
            await page.keyboard.press('Enter');
            await dialog.waitFor({ state: 'hidden' });
            await guest.open('#/audit');
            const entry = page.getByRole('listitem').filter({
                hasText: 'Dentist at ten' }).first();
            await entry.waitFor({ timeout: SOON });
            const text = await entry.innerText();
            check(/boss/.test(text) && /Ana/.test(text) && /away/.test(text),
                'an entry says who, whom and what', text);
            await page.getByRole('button', { name: 'Verify' }).click();
            await page.getByText('Nothing was altered or removed')
                .waitFor();
            await entry.getByText('Everything that was kept').click();
            await guest.look(check, 'Audit verified');
            await page.getByLabel('Person').selectOption('kim');
            await page.waitForFunction(() => !document.body.innerText
                .includes('Dentist at ten'));
            check(/operator=kim/.test(page.url()), 'a person can be chosen');
            await ask('reset');
        },
    },
    {
        name: 'what changed in the configuration',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/audit');
            await page.getByRole('link', { name: 'What changed' }).first()
                .click();
            await page.getByRole('heading', { level: 1,
                name: 'Configuration' }).waitFor();
            const diff = page.getByRole('region', { name: 'Difference' });
            await diff.waitFor();
            const text = await diff.innerText();
            check(/Kim Lee/.test(text), 'the new name is in it', text);
            await page.getByText('Show the whole configuration').click();
            await guest.look(check, 'Configuration');
        },
    },
];

const health = [
    {
        name: 'health',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/health');
            const checks = page.getByRole('list', { name: 'Checks' })
                .getByRole('listitem');
            check(await checks.count() === 9, 'nine checks');
            const names = await checks.getByRole('heading').allInnerTexts();
            check(new Set(names).size === 9, 'each once', names);
            for (const said of ['TWILIO_AUTH_TOKEN', 'kim']) {
                check((await page.locator('main').innerText()).includes(said),
                    `it tells of ${said}`);
            }
        },
    },
];

export const scenes = [...calls, ...reports, ...audit, ...health];
