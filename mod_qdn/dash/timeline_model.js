// SPDX-License-Identifier: Apache-2.0
// From the events of a call to stretches of time, one lane per phone.

/**
 * @typedef {{kind: string, from: number, to: number}} Part wait, ring,
 *     check, talk or voicemail; in microseconds
 * @typedef {{at: number, reason: string}} Mark a phone was left out
 * @typedef {{name: string, label: ?string, parts: Part[], marks: Mark[]}} Lane
 */

function laneOf(lanes, event) {
    const key = `${event.operator}/${event.phone}`;

    if (!lanes.has(key)) {
        lanes.set(key, { name: event.operator_name || event.operator,
                         label: event.phone, tries: [], parts: [],
                         marks: [] });
    }
    return lanes.get(key);
}

function tryOf(lane, hop) {
    return lane.tries.findLast((one) => one.hop === hop) || null;
}

/** Something that a phone's leg tells, put down as `name`. */
function legTold(name) {
    return (lanes, event) => {
        const one = event.operator && tryOf(laneOf(lanes, event), event.hop);

        if (one && !one[name]) {
            one[name] = event.at;
        }
    };
}

const READERS = {
    __proto__: null,
    "hop.skipped"(lanes, event) {
        laneOf(lanes, event).marks.push({ at: event.at,
                                          reason: event.reason });
    },
    "hop.dialled"(lanes, event) {
        laneOf(lanes, event).tries.push({ hop: event.hop,
                                          dialled: event.at });
    },
    "leg.answered": legTold("answered"),
    "leg.ended": legTold("ended"),
    "screen.accepted": legTold("accepted"),
    "screen.declined": legTold("declined"),
    "hop.ended"(lanes, event) {
        for (const [key, lane] of lanes) {
            const one = tryOf(lane, event.hop);

            if (one && !one.over) {
                one.over = event.at;
                one.connected = event.reason === "connected" &&
                    key === `${event.operator}/${event.phone}`;
            }
        }
    },
};

function partsOf(one, end) {
    const over = Math.min(one.ended || Infinity, one.over || Infinity, end);
    const parts = [{ kind: "ring", from: one.dialled,
                     to: one.answered || over }];
    const talk = one.accepted || (one.connected && one.answered);

    if (one.answered && talk !== one.answered) {
        parts.push({ kind: "check", from: one.answered,
                     to: talk || one.declined || over });
    }
    if (talk) {
        parts.push({ kind: "talk", from: talk, to: over });
    }
    return parts;
}

function voicemailParts(events, end) {
    const from = events.find(({ kind }) => kind === "voicemail.offered")?.at;
    const to = events.find(({ kind }) => kind === "voicemail.recorded")?.at;

    return from ? [{ kind: "voicemail", from, to: to || end }] : [];
}

function callerLane(lanes, events, start, end) {
    const later = lanes.flatMap(({ parts }) => parts)
        .filter(({ kind }) => kind === "talk")
        .concat(voicemailParts(events, end))
        .sort((a, b) => a.from - b.from);

    return { name: "Caller", label: null, marks: [], parts: [
        { kind: "wait", from: start, to: later[0]?.from || end }, ...later] };
}

/**
 * @param {Object} call of api/calls/SID
 * @param {number} now for a call that is not over
 * @returns {{start: number, end: number, lanes: Lane[]}} the caller first
 */
export function timelineOf(call, now) {
    const superseded = new Set(call.events
        .filter(({ kind }) => kind === "decision.superseded")
        .map(({ detail }) => detail?.decision));
    const events = call.events.filter(({ detail }) =>
        !detail?.decision || !superseded.has(detail.decision));
    const last = Math.max(call.started_at, ...events.map(({ at }) => at));
    const start = call.started_at;
    const end = Math.max(call.ended_at || Math.min(now, last + 60e6),
                         start + 1e6);
    const byPhone = new Map();

    for (const event of events) {
        READERS[event.kind]?.(byPhone, event);
    }
    const lanes = [...byPhone.values()];

    for (const lane of lanes) {
        lane.parts = lane.tries.flatMap((one) => partsOf(one, end));
    }
    return { start, end,
             lanes: [callerLane(lanes, events, start, end), ...lanes] };
}
