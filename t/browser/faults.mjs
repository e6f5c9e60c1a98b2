// SPDX-License-Identifier: Apache-2.0
// See faults.t. An answer 503 is expected of the API in these scenes, and of
// nothing else.
import { ask } from './tap.mjs';

const NOTICED = 20000; // the page polls, the daemon gives up after 3 s
const BACK = 50000;    // half a minute at most between two tries

const FAULTS = [
    ['a frozen database', () => ask('freeze'), () => ask('thaw')],
    ['a stopped database', () => ask('stop'), () => ask('start')],
];

async function asOf(page) {
    const banner = page.getByRole('region', { name: 'Warnings' });
    await banner.getByText(/as of \d+:\d\d/).waitFor({ timeout: NOTICED });
    return banner.innerText();
}

async function isBack(page) {
    await page.getByRole('region', { name: 'Warnings' })
        .getByText(/as of \d+:\d\d/)
        .waitFor({ state: 'detached', timeout: BACK });
}

export const scenes = [
    ...FAULTS.map(([name, begin, end]) => ({
        name,
        async play(stage, check) {
            const boss = await stage.guest('boss');
            const sergio = await stage.guest('sergio');
            for (const guest of [boss, sergio]) {
                guest.expect(503, /\/api\//);
            }
            await Promise.all([boss.open('#/calls'), sergio.open('#/now')]);
            await begin();
            try {
                const text = await asOf(boss.page);
                check(/database/i.test(text), 'the banner names the database',
                    text);
                check(await boss.page.getByRole('row').count() > 5,
                    'what was known is still shown');
                await boss.look(check, name);
                const { page } = sergio;
                await page.getByRole('button', { name: 'Change status' })
                    .first().click();
                await page.getByRole('button', { name: 'In a meeting' })
                    .click();
                await page.getByText('“In a meeting”').first().waitFor();
                check(true, 'a status can be set');
            } finally {
                await end();
            }
            await isBack(boss.page);
            check(true, 'and all is well again by itself');
            await sergio.page.getByRole('button', { name: 'Undo' }).click();
            await sergio.page.getByText('Undone').first().waitFor();
        },
    })),
    {
        name: 'a daemon that hangs',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            guest.expect(503, /\/api\//);
            await guest.open('#/now');
            await ask('daemon', { signal: 'STOP' });
            try {
                await asOf(guest.page);
                await guest.look(check, 'Now without a daemon');
            } finally {
                await ask('daemon', { signal: 'CONT' });
            }
            await isBack(guest.page);
            check(true, 'it comes back');
        },
    },
    {
        name: 'a daemon that is killed',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            guest.expect(503, /\/api\//);
            await guest.open('#/now');
            await ask('daemon', { signal: 'KILL' });
            await guest.page.waitForResponse((answer) =>
                answer.url().endsWith('/api/now') &&
                [200, 304].includes(answer.status()),
                { timeout: BACK });
            await isBack(guest.page);
            check(true, 'another one takes over');
        },
    },
];
