#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Recurring events, ours against Debian's python3-icalendar and dateutil.

recurrence.py [SEED [EVENTS]] - makes calendars by chance, has ics_spans
(below $QDN_BUILDDIR) tell when they are busy, works out the same with another
parser, another recurrence engine and another zone database reader, and prints
TAP. The seed is printed, and what differs is shown as a calendar.
"""

import os
import random
import subprocess
import sys
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from icalendar import Calendar

UTC = timezone.utc
ZONES = ["America/Los_Angeles", "Europe/Berlin", "Asia/Kolkata",
         "Australia/Lord_Howe", "Pacific/Auckland", "America/Sao_Paulo",
         "Africa/Casablanca", "Europe/Dublin", "UTC"]
WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
WINDOW = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))


# -- making calendars --

def some(rng, values, most):
    return sorted(rng.sample(values, rng.randint(1, most)))


def a_rule(rng):
    freq = rng.choice(["DAILY", "WEEKLY", "WEEKLY", "MONTHLY", "MONTHLY",
                       "YEARLY"])
    parts = ["FREQ=" + freq]
    if rng.random() < 0.5:
        parts.append(f"INTERVAL={rng.randint(1, 4)}")
    if freq == "WEEKLY" and rng.random() < 0.8:
        parts.append("BYDAY=" + ",".join(
            WEEKDAYS[i] for i in some(rng, range(7), 4)))
        if rng.random() < 0.3:
            parts.append("WKST=" + rng.choice(["MO", "SU"]))
    elif freq == "MONTHLY":
        kind = rng.randint(0, 3)
        if kind == 0:
            parts.append("BYMONTHDAY=" + ",".join(map(str, some(
                rng, [1, 2, 13, 15, 28, 29, 30, 31, -1, -3], 3))))
        elif kind == 1:
            parts.append("BYDAY=" + rng.choice(["1", "2", "3", "4", "-1", "-2"])
                         + rng.choice(WEEKDAYS))
        elif kind == 2:
            parts.append("BYDAY=MO,TU,WE,TH,FR;BYSETPOS="
                         + rng.choice(["1", "-1", "3"]))
    elif freq == "YEARLY" and rng.random() < 0.7:
        parts.append("BYMONTH=" + ",".join(map(str, some(
            rng, range(1, 13), 3))))
        if rng.random() < 0.5:
            parts.append("BYDAY=" + rng.choice(["1", "2", "-1"])
                         + rng.choice(WEEKDAYS))
        else:
            parts.append("BYMONTHDAY=" + rng.choice(["1", "15", "29", "-1"]))
    return parts


def stamp(t, zone):
    """A date or naive local time as a property's parameters and value."""
    if not isinstance(t, datetime):
        return f";VALUE=DATE:{t:%Y%m%d}"
    if zone == "UTC":
        return f":{t:%Y%m%dT%H%M%S}Z"
    if zone is None:
        return f":{t:%Y%m%dT%H%M%S}"
    return f";TZID={zone}:{t:%Y%m%dT%H%M%S}"


def make(rng, number):
    zone = rng.choice(ZONES + [None])
    all_day = rng.random() < 0.2
    day = date(2023, 1, 1) + timedelta(days=rng.randint(0, 1600))
    start = day if all_day else datetime(
        day.year, day.month, day.day,
        rng.choice([0, 1, 2, 2, 3, 8, 9, 14, 22, 23]),
        rng.choice([0, 0, 15, 30]))
    lines = []
    if rng.random() < 0.85:
        parts = a_rule(rng)
        rule = rrulestr(";".join(parts), dtstart=naive(start))
        first = next(iter(rule), None)
        if first is None or first.year > 2035:
            return make(rng, number)
        start = first.date() if all_day else first
        ends = rng.random()
        if ends < 0.3:
            parts.append(f"COUNT={rng.randint(1, 60)}")
        elif ends < 0.6:
            until = naive(start) + timedelta(days=rng.randint(0, 900))
            if all_day:
                parts.append(f"UNTIL={until:%Y%m%d}")
            elif zone is None:
                parts.append(f"UNTIL={until:%Y%m%dT%H%M%S}")
            else:
                parts.append("UNTIL=" + moment(until, zone).strftime(
                    "%Y%m%dT%H%M%SZ"))
        lines.append("RRULE:" + ";".join(parts))
        nth = [t for t, _ in zip(rule, range(80))]
        for t in rng.sample(nth, min(len(nth), rng.randint(0, 3))):
            lines.append("EXDATE" + stamp(t.date() if all_day else t, zone))
    else:
        nth = [naive(start)]
    if rng.random() < 0.3:
        t = naive(start) + timedelta(days=rng.randint(1, 700), minutes=1)
        lines.append("RDATE" + stamp(t.date() if all_day else t, zone))
    if all_day:
        length = timedelta(days=rng.randint(1, 4))
    else:
        length = timedelta(minutes=rng.choice([30, 60, 480, 600, 1500]))
    if rng.random() < 0.7 or all_day:
        end = (start + length if all_day else
               local(moment(start, zone) + length, zone))
        # An end in the hour that is there twice would be the first of them.
        if all_day or moment(end, zone) == moment(start, zone) + length:
            lines.append("DTEND" + stamp(end, zone))
        else:
            lines.append(f"DURATION:PT{int(length.total_seconds() // 60)}M")
    else:
        lines.append(f"DURATION:PT{int(length.total_seconds() // 60)}M")
    if rng.random() < 0.1:
        lines.append("TRANSP:TRANSPARENT")
    event = ["BEGIN:VEVENT", f"UID:{number}@example.com",
             "DTSTART" + stamp(start, zone)] + lines + ["END:VEVENT"]
    for t in (rng.sample(nth, 1) if rng.random() < 0.25 else []):
        if all_day:
            continue
        event += override(rng, number, t, zone)
    return ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:test"] + event \
        + ["END:VCALENDAR"]


def override(rng, number, t, zone):
    moved = t + timedelta(hours=rng.randint(-30, 30))
    lines = ["BEGIN:VEVENT", f"UID:{number}@example.com",
             "RECURRENCE-ID" + stamp(t, zone), "DTSTART" + stamp(moved, zone),
             "DURATION:PT45M"]
    if rng.random() < 0.4:
        lines.append("STATUS:CANCELLED")
    return lines + ["END:VEVENT"]


# -- the other implementation --

def naive(t):
    if isinstance(t, datetime):
        return t.replace(tzinfo=None)
    return datetime(t.year, t.month, t.day)


FLOATING = "America/Los_Angeles"


def moment(t, zone):
    """Local time in UTC; in a gap by the offset before it (PEP 495)."""
    return naive(t).replace(tzinfo=ZoneInfo(zone or FLOATING)).astimezone(UTC)


def local(t, zone):
    return naive(t.astimezone(ZoneInfo(zone or FLOATING)))


def zone_of(value):
    t = value.dt
    if not isinstance(t, datetime) or t.tzinfo is None:
        return None
    return value.params.get("TZID", "UTC")


def starts_of(event, start, zone):
    if "RRULE" in event:
        rule = event["RRULE"]
        until = rule.pop("UNTIL", None)
        text = rule.to_ical().decode()
        for t in rrulestr(text, dtstart=naive(start)):
            at = moment(t, zone)
            if at >= WINDOW[1] + timedelta(days=60):
                return
            if until:
                u = until[0]
                if not isinstance(u, datetime):
                    if t.date() > u:
                        return
                elif at > (u if u.tzinfo else moment(u, zone)):
                    return
            yield t
    else:
        yield naive(start)


def listed(event, name):
    value = event.get(name, [])
    for one in value if isinstance(value, list) else [value]:
        for t in one.dts:
            yield t.dt


def expected(text):
    events = list(Calendar.from_ical(text).walk("VEVENT"))
    spans = set()
    moved = set()
    for event in events:
        if "RECURRENCE-ID" in event:
            value = event["RECURRENCE-ID"]
            moved.add(moment(value.dt, zone_of(value)))
    for event in events:
        start = event["DTSTART"].dt
        zone = zone_of(event["DTSTART"])
        all_day = not isinstance(start, datetime)
        free = event.get("TRANSP") == "TRANSPARENT" \
            or event.get("STATUS") == "CANCELLED"
        if "DTEND" in event:
            if all_day:
                length = event["DTEND"].dt - start
            else:
                length = moment(event["DTEND"].dt, zone) - moment(start, zone)
        else:
            length = event["DURATION"].dt
        override_itself = "RECURRENCE-ID" in event
        except_ = {moment(t, zone if isinstance(t, datetime) else None)
                   for t in listed(event, "EXDATE")}
        starts = list(starts_of(event, start, zone))
        starts += [naive(t) for t in listed(event, "RDATE")]
        for t in starts:
            at = moment(t, zone)
            if not override_itself and (at in except_ or at in moved):
                continue
            end = moment(t + length, zone) if all_day else at + length
            if not free and end > WINDOW[0] and at < WINDOW[1] and end > at:
                spans.add((int(at.timestamp()), int(end.timestamp())))
    merged = []
    for span in sorted(spans):
        if merged and span[0] <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    return merged


# -- both --

def ask(program, text):
    data = text.encode()
    program.stdin.write(
        f"{len(data)} {int(WINDOW[0].timestamp())} "
        f"{int(WINDOW[1].timestamp())} {FLOATING}\n".encode() + data)
    program.stdin.flush()
    spans = []
    for line in program.stdout:
        line = line.decode().rstrip("\n")
        if line == ".":
            return spans
        if line.startswith("!"):
            spans.append(line)
        else:
            spans.append(tuple(int(word) for word in line.split()[:2]))
    raise SystemExit("the program has ended")


def shown(spans):
    return [f"# {datetime.fromtimestamp(a, UTC)} {datetime.fromtimestamp(b, UTC)}"
            for a, b in spans[:5]]


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 20261122
    events = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    rng = random.Random(seed)
    program = subprocess.Popen([os.environ["QDN_BUILDDIR"] + "/t/ics/ics_spans"],
                               stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE)
    wrong = busy = 0
    for number in range(events):
        text = "\r\n".join(make(rng, number)) + "\r\n"
        ours = ask(program, text)
        theirs = expected(text)
        busy += len(theirs)
        if ours != theirs:
            wrong += 1
            if wrong <= 3:
                print("# " + text.replace("\r\n", "\n# "))
                print("\n".join(["# only ours:"] + shown(
                    [s for s in ours if s not in theirs])))
                print("\n".join(["# only theirs:"] + shown(
                    [s for s in theirs if s not in ours])))
    program.stdin.close()
    status = program.wait()
    print(f"{'not ok' if wrong else 'ok'} 1 - seed {seed}: {wrong} of {events}"
          f" calendars with {busy} busy spans differ")
    print(f"{'not ok' if status else 'ok'} 2 - the program ends with 0")
    print(f"{'ok' if busy > events else 'not ok'} 3 - there was much to compare")
    print("1..3")


main()
