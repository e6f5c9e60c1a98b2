// SPDX-License-Identifier: Apache-2.0
// play.mjs NAME... - play the scenes of NAME.mjs, one after the other, and
// print TAP without numbers; QDN::Browser counts.
import { Stage } from './stage.mjs';
import { say } from './tap.mjs';

const stage = await Stage.open(JSON.parse(process.env.QDN_STAGE));
for (const name of process.argv.slice(2)) {
    const { scenes } = await import(`./${name}.mjs`);
    for (const scene of scenes) {
        await stage.play(scene);
    }
    say(scenes.length > 0, `${name}: there are scenes`);
}
await stage.close();
