// SPDX-License-Identifier: Apache-2.0
// Without a mouse.

const STEPS = 60;

/** What has the focus: role-ish name, and whether one sees it. */
function focused(page) {
    return page.evaluate(() => {
        const e = document.activeElement;
        const style = getComputedStyle(e);
        const box = e.closest('label')?.getBoundingClientRect() ??
            e.getBoundingClientRect();
        const around = [e, e.nextElementSibling, e.parentElement]
            .filter(Boolean).map((n) => getComputedStyle(n));
        return {
            text: (e.getAttribute('aria-label') || e.innerText ||
                e.value || '').trim(),
            tag: e.tagName,
            shown: around.some((s) => s.outlineStyle !== 'none' &&
                parseFloat(s.outlineWidth) > 0 || s.boxShadow !== 'none'),
            inView: box.width > 0 && box.bottom > 0 &&
                box.top < innerHeight && style.visibility === 'visible',
        };
    });
}

/** Press a key until that has the focus; each stop must be visible. */
async function reach(guest, check, pattern, key = 'Tab') {
    const lost = [];
    for (let i = 0; i < STEPS; i++) {
        await guest.page.keyboard.press(key);
        const at = await focused(guest.page);
        if (at.tag !== 'BODY' && (!at.shown || !at.inView)) {
            lost.push(`${at.tag} ${at.text.slice(0, 40)}`);
        }
        if (pattern.test(at.text)) {
            check(lost.length === 0,
                `the focus is seen on the way to ${pattern}`, lost);
            return;
        }
    }
    throw new Error(`${key} does not reach ${pattern}`);
}

export const scenes = [
    {
        name: 'a status with keys alone',
        async play(stage, check) {
            const guest = await stage.guest('sergio');
            const { page } = guest;
            await guest.open('#/now');
            await reach(guest, check, /^Skip to/);
            await page.keyboard.press('Enter');
            check((await focused(page)).tag === 'MAIN',
                'the skip link leads to the content');
            await reach(guest, check, /^Change status/);
            await page.keyboard.press('Enter');
            const dialog = page.getByRole('dialog');
            await dialog.waitFor();
            check(await dialog.evaluate(
                (node) => node.contains(document.activeElement)),
                'the focus is in the dialog');
            await page.keyboard.press('Escape');
            await dialog.waitFor({ state: 'hidden' });
            check(/^Change status/.test((await focused(page)).text),
                'Escape gives the focus back');
            await page.keyboard.press('Enter');
            await reach(guest, check, /^At lunch/);
            await page.keyboard.press('Enter');
            await dialog.waitFor({ state: 'hidden' });
            await page.getByText(/Sergio is away until/).first().waitFor();
            await reach(guest, check, /^Undo/);
            await page.keyboard.press('Enter');
            await page.getByText('Undone').first().waitFor();
            check((await focused(page)).tag !== 'BODY',
                'the focus is not lost with the button');
        },
    },
    {
        name: 'from view to view with keys alone',
        async play(stage, check) {
            const guest = await stage.guest('boss');
            const { page } = guest;
            await guest.open('#/now');
            await reach(guest, check, /^Colours/);
            for (const name of ['Calls', 'Reports', 'Audit', 'Health']) {
                await reach(guest, check, new RegExp(`^${name}`), 'Shift+Tab');
                await page.keyboard.press('Enter');
                await page.getByRole('heading', { level: 1, name }).waitFor();
                await guest.settled();
                check(await focused(page).then((f) => f.tag === 'H1'),
                    `the focus is at the heading of ${name}`);
            }
            await page.goBack();
            await page.getByRole('heading', { level: 1, name: 'Audit' })
                .waitFor();
            check(true, 'the way back works');
        },
    },
];
