// SPDX-License-Identifier: Apache-2.0
// One chromium for all scenes. Each scene gets guests: people who are logged
// in, each in a browser context of their own, and watched.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { file, Guest } from './guest.mjs';
import { leave, remark, say } from './tap.mjs';

const CHROMIUM = '/usr/bin/chromium';
const PATIENCE = 10000;
const SCENE = 90000;

export class Stage {
    /**
     * @param {{origin: string, people: Object<string, string>,
     *          screens: string}} settings
     */
    static async open(settings) {
        const stage = new Stage();
        Object.assign(stage, settings);
        stage.home = `${settings.origin}/qdn/dashboard/`;
        stage.axe = readFileSync(
            createRequire(import.meta.url).resolve('axe-core/axe.min.js'),
            'utf8');
        // Only pages of our own are opened, and not every machine lets a
        // process that is nobody special make the sandbox's namespaces.
        stage.browser = await chromium.launch({
            executablePath: CHROMIUM, chromiumSandbox: false });
        return stage;
    }

    /**
     * A scene is {name, play(stage, check)}; check(passed, label, got) is one
     * check, and what there was instead, a text or several.
     */
    async play(scene) {
        this.guests = [];
        const check = (passed, label, got = []) => {
            say(passed, `${scene.name}: ${label}`);
            [got].flat().forEach((line) => passed || remark(line));
        };
        let clock;
        try {
            const late = new Promise((_, reject) => {
                clock = setTimeout(reject, SCENE, new Error('takes too long'));
            });
            await Promise.race([scene.play(this, check), late]);
            say(true, `${scene.name}: played to the end`);
        } catch (error) {
            say(false, `${scene.name}: played to the end`);
            remark(error.stack);
            await this.picture(scene.name);
        }
        clearTimeout(clock);
        for (const guest of this.guests) {
            const faults = guest.faults();
            check(faults.length === 0, `${guest.name} saw no error`, faults);
            await guest.context.close();
        }
    }

    /**
     * A person in a browser of their own.
     * @param {string} name of the people of QDN::Browser
     * @param {object} more options of playwright's contexts
     * @returns {Promise<Guest>} at an empty page
     */
    async guest(name, more = {}) {
        const context = await this.browser.newContext({
            viewport: { width: 1280, height: 800 },
            reducedMotion: 'reduce',
            locale: 'en-US',
            timezoneId: 'America/Los_Angeles',
            httpCredentials: { username: name, password: this.people[name],
                origin: this.origin },
            ...more,
        });
        context.setDefaultTimeout(PATIENCE);
        const guest = new Guest(this, name, context, await context.newPage());
        this.guests.push(guest);
        return guest;
    }

    /** What everybody saw when a scene failed. */
    async picture(name) {
        for (const guest of this.guests) {
            const path = `${this.screens}/${
                file(`failed ${name} ${guest.name}`)}.png`;
            await guest.page.screenshot({ path }).then(
                () => remark(`see ${path}`), () => {});
            remark(`at ${guest.page.url()}`);
        }
    }

    async close() {
        await this.browser.close();
        leave();
    }
}
