// SPDX-License-Identifier: Apache-2.0
// Somebody else's page, in the browser of somebody who is logged in: on another
// port of the same host (the same site for a browser), and under another name.
import { ask } from './tap.mjs';

const HOSTS = ['127.0.0.1', 'localhost'];
const STATUS = 'api/operators/sergio/status';
const BODY = '{"state":"away","line":null,"until":null,"why":"owned"}';

// Each returns what it could read or see, or null. They run in the page.
const ATTACKS = {
    'fetch reads data': (home) =>
        fetch(`${home}api/now`, { credentials: 'include' })
            .then((r) => r.text()),
    'fetch without CORS reads data': (home) =>
        fetch(`${home}api/now`, { credentials: 'include', mode: 'no-cors' })
            .then((r) => r.text()).then((text) => text || null),
    'fetch puts JSON': (home, path, body) =>
        fetch(home + path, { method: 'PUT', credentials: 'include', body,
            headers: { 'Content-Type': 'application/json' } })
            .then((r) => `${r.status}`),
    'fetch posts text': (home, path, body) =>
        fetch(home + path, { method: 'POST', credentials: 'include', body,
            mode: 'no-cors' }).then((r) => r.text())
            .then((text) => text || null),
    'fetch pretends to be a PUT': (home, path, body) =>
        fetch(`${home}${path}?_method=PUT`, { method: 'POST', body,
            credentials: 'include', headers: {
                'X-HTTP-Method-Override': 'PUT' } })
            .then((r) => `${r.status}`),
    'a beacon': (home, path, body) => navigator.sendBeacon(home + path,
        new Blob([body], { type: 'text/plain' })) && null,
    'a form': (home, path, body) => new Promise((done) => {
        const frame = document.createElement('iframe');
        const form = document.createElement('form');
        const input = document.createElement('input');
        frame.name = 'target';
        Object.assign(form, { method: 'post', enctype: 'text/plain',
            action: home + path, target: 'target' });
        input.name = body.slice(0, -1) + ',"x":"';
        input.value = '"}';
        form.append(input);
        document.body.append(frame, form);
        form.submit();
        setTimeout(() => {
            let text = null;
            try { text = frame.contentDocument?.body?.innerText || null; }
            catch { /* of another origin, as it must be */ }
            done(text);
        }, 1000);
    }),
    'an image': (home, path) => new Promise((done) => {
        const image = new Image();
        image.onload = () => done(`${image.naturalWidth} px`);
        image.onerror = () => done(null);
        image.src = home + path;
    }),
    'the icon as an image': (home) => new Promise((done) => {
        const image = new Image();
        image.onload = () => done(`${image.naturalWidth} px`);
        image.onerror = () => done(null);
        image.src = `${home}icon.svg`;
    }),
    'a script': (home) => new Promise((done) => {
        const script = document.createElement('script');
        script.onload = () => done('it runs');
        script.onerror = () => done(null);
        script.src = `${home}api/now`;
        document.head.append(script);
    }),
    'a module': (home) => import(`${home}app.js`).then(() => 'it runs'),
    'a style sheet': (home) => new Promise((done) => {
        const link = document.createElement('link');
        link.onload = () => done('it applies');
        link.onerror = () => done(null);
        link.rel = 'stylesheet';
        link.href = `${home}base.css`;
        document.head.append(link);
    }),
    'a frame': (home) => new Promise((done) => {
        const frame = document.createElement('iframe');
        frame.id = 'framed';
        frame.src = home;
        frame.onload = () => {
            try { done(frame.contentDocument?.body?.innerText || null); }
            catch { done(null); }
        };
        document.body.append(frame);
    }),
};

async function standings(guest) {
    return guest.page.evaluate(async (path) => {
        const answer = await fetch(path);
        return JSON.stringify((await answer.json()).standings);
    }, STATUS);
}

function strange(host) {
    return {
        name: `a page of http://${host}`,
        async play(stage, check) {
            const victim = await stage.guest('sergio');
            const page = `http://${host}:${stage.elsewhere}/trap`;
            await ask('page', { path: '/trap', body:
                '<!doctype html><title>Prizes</title><body>You have won' });
            await victim.open('');
            const before = await standings(victim);
            await victim.page.goto(page);
            check(await victim.page.evaluate(() => fetch('trap').then(
                (r) => r.text()).then((text) => text.includes('won'))),
                'it can fetch what is its own');
            for (const [name, attack] of Object.entries(ATTACKS)) {
                const got = await victim.page.evaluate(
                    `Promise.resolve((${attack})(` +
                    `${JSON.stringify(stage.home)},` +
                    `${JSON.stringify(STATUS)}, ${JSON.stringify(BODY)}))` +
                    '.catch(() => null)').catch((error) => `${error}`);
                check(got === null, `${name}: nothing comes of it`, `${got}`);
            }
            const framed = await Promise.all(victim.page.frames().slice(1).map(
                (frame) => frame.evaluate(() => document.body?.innerText)));
            check(!framed.some((text) => /Call desk|Sergio|detail/.test(text)),
                'no frame shows anything of ours', framed);
            // What the console says of all this is the browser's defence.
            victim.faults();
            await victim.open('');
            check(await standings(victim) === before,
                'the status is what it was');
        },
    };
}

async function statusOf(page, path, options) {
    return page.evaluate(([p, o]) => fetch(p, o).then((r) => r.status),
        [path, options]);
}

export const scenes = [
    ...HOSTS.map(strange),
    {
        name: 'rights',
        async play(stage, check) {
            const put = { method: 'PUT', body: BODY,
                headers: { 'Content-Type': 'application/json' } };
            for (const [name, path, status] of [
                ['guest', STATUS, 403],
                ['ana', STATUS, 403],
                ['stranger', STATUS, 403],
                ['stranger', 'api/now', 403],
            ]) {
                const guest = await stage.guest(name);
                guest.expect(403, /./);
                await guest.page.goto(`${stage.home}icon.svg`);
                const got = await statusOf(guest.page, stage.home + path,
                    path === STATUS ? put : {});
                check(got === status, `${name} at ${path}: ${status}`,
                    `${got}`);
            }
        },
    },
];
