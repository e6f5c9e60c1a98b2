-- SPDX-License-Identifier: Apache-2.0
-- mod_qdn, schema version 3, for DBDriver sqlite3.
-- The module creates this itself on first use. All times are
-- microseconds since 1970 UTC.

CREATE TABLE IF NOT EXISTS qdn_schema (
    version INTEGER NOT NULL PRIMARY KEY,
    applied_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS qdn_event (
    id CHAR(32) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    host VARCHAR(255),
    kind VARCHAR(64) NOT NULL,
    line VARCHAR(255),
    call_sid VARCHAR(34),
    hop INTEGER,
    operator VARCHAR(64),
    phone VARCHAR(64),
    reason VARCHAR(64),
    detail TEXT,
    config VARCHAR(64)
);

CREATE INDEX IF NOT EXISTS qdn_event_call ON qdn_event (call_sid, at);

CREATE TABLE IF NOT EXISTS qdn_call (
    call_sid VARCHAR(34) NOT NULL PRIMARY KEY,
    line VARCHAR(255),
    caller VARCHAR(255),
    started_at BIGINT,
    answered_at BIGINT,
    ended_at BIGINT,
    outcome VARCHAR(64),
    answered_by VARCHAR(255),
    hops INTEGER,
    ring_seconds INTEGER,
    talk_seconds INTEGER,
    config VARCHAR(64),
    rung VARCHAR(255),
    day INTEGER,
    hour INTEGER
);

CREATE INDEX IF NOT EXISTS qdn_call_started ON qdn_call (started_at, call_sid);

CREATE INDEX IF NOT EXISTS qdn_call_line ON qdn_call (line, started_at, call_sid);

CREATE TABLE IF NOT EXISTS qdn_journal (
    segment VARCHAR(191) NOT NULL PRIMARY KEY,
    host VARCHAR(255) NOT NULL,
    drained_to BIGINT NOT NULL,
    drained_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS qdn_hourly (
    line VARCHAR(64) NOT NULL,
    day INTEGER NOT NULL,
    weekday INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    host VARCHAR(191) NOT NULL,
    calls BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    voicemail BIGINT NOT NULL,
    unanswered BIGINT NOT NULL,
    abandoned BIGINT NOT NULL,
    impatient BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    failed BIGINT NOT NULL,
    failover BIGINT NOT NULL,
    PRIMARY KEY (line, day, weekday, hour, host)
);

CREATE TABLE IF NOT EXISTS qdn_wait (
    line VARCHAR(64) NOT NULL,
    day INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    host VARCHAR(191) NOT NULL,
    calls BIGINT NOT NULL,
    PRIMARY KEY (line, day, seconds, host)
);

CREATE TABLE IF NOT EXISTS qdn_load (
    operator VARCHAR(64) NOT NULL,
    line VARCHAR(64) NOT NULL,
    day INTEGER NOT NULL,
    night INTEGER NOT NULL,
    host VARCHAR(191) NOT NULL,
    rung BIGINT NOT NULL,
    answered BIGINT NOT NULL,
    talk_seconds BIGINT NOT NULL,
    PRIMARY KEY (line, day, operator, night, host)
);

CREATE TABLE IF NOT EXISTS qdn_audit (
    host VARCHAR(191) NOT NULL,
    seq BIGINT NOT NULL,
    event_id CHAR(32) NOT NULL,
    at BIGINT NOT NULL,
    fields TEXT,
    salts TEXT,
    hash CHAR(64) NOT NULL,
    PRIMARY KEY (host, seq)
);

CREATE UNIQUE INDEX IF NOT EXISTS qdn_audit_event ON qdn_audit (event_id);

CREATE INDEX IF NOT EXISTS qdn_audit_at ON qdn_audit (at, event_id);

CREATE TABLE IF NOT EXISTS qdn_plan (
    revision VARCHAR(64) NOT NULL PRIMARY KEY,
    host VARCHAR(255) NOT NULL,
    first_at BIGINT NOT NULL,
    plan TEXT NOT NULL
);

INSERT INTO qdn_schema (version, applied_at) VALUES (3, 0);
