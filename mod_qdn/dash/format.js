// SPDX-License-Identifier: Apache-2.0
// Times, spans and numbers as an office reads them. Times come as
// microseconds since 1970 and never go out without the name of their zone.

import { h } from "./dom.js";

const DAY_MS = 86400000;
const formats = new Map();

function formatOf(zone) {
    const key = zone || "UTC";

    if (!formats.has(key)) {
        const options = { weekday: "short", day: "numeric", month: "short",
                          year: "numeric", hour: "2-digit",
                          minute: "2-digit", second: "2-digit",
                          hourCycle: "h23", timeZone: key,
                          timeZoneName: "short" };
        let format;

        try {
            format = new Intl.DateTimeFormat("en-US", options);
        } catch {
            // A zone that this browser does not know.
            format = new Intl.DateTimeFormat(
                "en-US", { ...options, timeZone: "UTC" });
        }
        formats.set(key, format);
    }
    return formats.get(key);
}

function partsOf(us, zone) {
    const parts = {};

    for (const { type, value } of formatOf(zone).formatToParts(us / 1000)) {
        parts[type] = value;
    }
    return parts;
}

function dateOf(p, now) {
    const date = `${p.weekday} ${p.day} ${p.month}`;

    return now.year === p.year ? date : `${date} ${p.year}`;
}

let ahead = 0; // of this device's clock is the server's, microseconds

/** The server says what time it is: its clock counts, not this device's. */
export function setClock(us) {
    ahead = us - Date.now() * 1000;
}

/** Microseconds since 1970, now. */
export function nowUs() {
    return Date.now() * 1000 + ahead;
}

/** "14:02 PST" */
export function clock(us, zone) {
    const p = partsOf(us, zone);

    return `${p.hour}:${p.minute} ${p.timeZoneName}`;
}

/** "14:02:11 PST" */
export function clockSeconds(us, zone) {
    const p = partsOf(us, zone);

    return `${p.hour}:${p.minute}:${p.second} ${p.timeZoneName}`;
}

/** "14:02 PST" of today, else "Mon 23 Nov 14:02 PST" */
export function moment(us, zone) {
    const p = partsOf(us, zone);
    const now = partsOf(nowUs(), zone);
    const date = dateOf(p, now);

    return date === dateOf(now, now) ? clock(us, zone)
                                     : `${date} ${clock(us, zone)}`;
}

/** "Mon 23 Nov 14:02:11 PST", also of today. */
export function momentFull(us, zone) {
    const p = partsOf(us, zone);

    return `${dateOf(p, partsOf(nowUs(), zone))} ${clockSeconds(us, zone)}`;
}

/**
 * A time in the page, which machines can read as well.
 * @param {?number} us
 * @param {string} zone IANA
 * @param {function(number, string): string} [write] clock, moment ...
 * @returns {?HTMLElement} null for none
 */
export function timeTag(us, zone, write = moment) {
    return us ? h("time", { datetime: new Date(us / 1000).toISOString(),
                            title: momentFull(us, zone) }, write(us, zone))
              : null;
}

/** The day in that zone: "2026-11-22" */
export function isoDay(us, zone) {
    const p = partsOf(us, zone);
    const month = new Date(`${p.month} 1, 2000`).getMonth() + 1;

    return `${p.year}-${String(month).padStart(2, "0")}-` +
        p.day.padStart(2, "0");
}

/** "2026-11-22" moved by whole days. */
export function addDays(iso, days) {
    const at = Date.parse(`${iso}T00:00:00Z`) + days * DAY_MS;

    return new Date(at).toISOString().slice(0, 10);
}

/** Is it a day of the calendar, such as "2026-11-22"? */
export function isDay(text) {
    return /^\d{4}-\d{2}-\d{2}$/.test(text || "") &&
        !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text;
}

/** 20261122 as "2026-11-22" */
export function dayToIso(day) {
    const text = String(day);

    return `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)}`;
}

/** "2026-11-22" as "Sun 22 Nov" */
export function dayText(iso) {
    const p = partsOf(Date.parse(`${iso}T00:00:00Z`) * 1000, "UTC");

    return dateOf(p, partsOf(nowUs(), "UTC"));
}

/** What the clocks of a zone are ahead of UTC at that moment, in ms. */
function offsetMs(ms, zone) {
    const p = partsOf(ms * 1000, zone);
    const wall = Date.parse(`${isoDay(ms * 1000, zone)}T${p.hour}:` +
                            `${p.minute}:${p.second}Z`);

    return wall - Math.floor(ms / 1000) * 1000;
}

/** When that day begins in that zone, in microseconds. */
export function dayStart(iso, zone) {
    const wall = Date.parse(`${iso}T00:00:00Z`);
    const guess = wall - offsetMs(wall, zone);

    // Once more: the clocks may have been changed in between.
    return (wall - offsetMs(guess, zone)) * 1000;
}

/** "20 s", "3 min 5 s", "1 h 20 min", "3 days" */
export function span(seconds) {
    const s = Math.max(0, Math.round(seconds));

    if (s < 60) {
        return `${s} s`;
    }
    if (s < 3600) {
        return s % 60 ? `${Math.floor(s / 60)} min ${s % 60} s`
                      : `${s / 60} min`;
    }
    if (s < 2 * 86400) {
        const minutes = Math.floor(s % 3600 / 60);

        return minutes ? `${Math.floor(s / 3600)} h ${minutes} min`
                       : `${Math.floor(s / 3600)} h`;
    }
    return `${Math.floor(s / 86400)} days`;
}

/** "20 s ago" */
export function ago(seconds) {
    return `${span(seconds)} ago`;
}

const counts = new Intl.NumberFormat("en-US");

/** "12,345" */
export function count(n) {
    return counts.format(n || 0);
}

/** "12 %", "–" of nothing */
export function share(part, whole) {
    return whole ? `${Math.round(100 * part / whole)} %` : "–";
}

/** "There is no call." of "there is no call" */
export function sentence(text) {
    const end = /[.!?]$/.test(text) ? "" : ".";

    return text.charAt(0).toUpperCase() + text.slice(1) + end;
}

/** "1 call", "2 calls" */
export function plural(n, word) {
    return `${count(n)} ${word}${n === 1 ? "" : "s"}`;
}

/** Bytes for people: "3.4 MB" */
export function bytes(n) {
    const units = ["bytes", "kB", "MB", "GB", "TB"];
    let value = n || 0;
    let unit = 0;

    while (value >= 1000 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)} ` +
        units[unit];
}

/** "+1 619 555 0101"; others, and masked ones, as they are. */
export function phone(number) {
    const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number || "");

    return us ? `+1 ${us[1]} ${us[2]} ${us[3]}` : number || "";
}
