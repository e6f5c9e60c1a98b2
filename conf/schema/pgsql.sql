-- SPDX-License-Identifier: Apache-2.0
-- mod_qdn, schema version 2, for DBDriver pgsql.
-- The module creates this itself on first use. All times are
-- microseconds since 1970 UTC.

CREATE TABLE IF NOT EXISTS qdn_schema (
    version INTEGER NOT NULL PRIMARY KEY,
    applied_at BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS qdn_event (
    id CHAR(32) COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    host VARCHAR(255),
    kind VARCHAR(64) NOT NULL,
    line VARCHAR(255),
    call_sid VARCHAR(34) COLLATE "C",
    hop INTEGER,
    operator VARCHAR(64),
    phone VARCHAR(64),
    reason VARCHAR(64),
    detail TEXT,
    config VARCHAR(64)
);

CREATE INDEX IF NOT EXISTS qdn_event_call ON qdn_event (call_sid, at);

CREATE TABLE IF NOT EXISTS qdn_call (
    call_sid VARCHAR(34) COLLATE "C" NOT NULL PRIMARY KEY,
    line VARCHAR(255) COLLATE "C",
    caller VARCHAR(255),
    started_at BIGINT,
    answered_at BIGINT,
    ended_at BIGINT,
    outcome VARCHAR(64),
    answered_by VARCHAR(255),
    hops INTEGER,
    ring_seconds INTEGER,
    talk_seconds INTEGER,
    config VARCHAR(64)
);

CREATE INDEX IF NOT EXISTS qdn_call_started ON qdn_call (started_at, call_sid);

CREATE INDEX IF NOT EXISTS qdn_call_line ON qdn_call (line, started_at, call_sid);

CREATE TABLE IF NOT EXISTS qdn_journal (
    segment VARCHAR(191) NOT NULL PRIMARY KEY,
    host VARCHAR(255) NOT NULL,
    drained_to BIGINT NOT NULL,
    drained_at BIGINT NOT NULL
);

INSERT INTO qdn_schema (version, applied_at) VALUES (2, 0);
