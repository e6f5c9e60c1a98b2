/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_OFFICE_H
#define QDN_OFFICE_H

/*
 * A whole service in memory for unit tests: a plan, an account, memory that
 * remembers, and lists of what was recorded and logged. Webhooks are signed
 * and posted as Twilio does it.
 */

#include "service.h"

#define OFFICE_LINE  "+16195550100"
#define OFFICE_SID   "AC00112233445566778899aabbccddeeff"
#define OFFICE_TOKEN "0123456789abcdef0123456789abcdef"
#define OFFICE_CALL  "CA00112233445566778899aabbccddeeff"
#define OFFICE_LEG   "CA99999999999999999999999999999999"
#define OFFICE_URL   "https://calls.example.com/qdn/twilio"

typedef struct office_t {
    apr_pool_t *pool;
    qdn_service_t service;
    qdn_counters_t counters;
    apr_array_header_t *events;   /* of qdn_event_t, in order */
    apr_array_header_t *messages; /* of const char *: what was logged */
    apr_time_t now;
    apr_status_t record_status;
} office_t;

/*
 * An office; rules match if their expression is "true", fail if it is "-".
 * Its line has this configuration (directives inside <QDNLine>; operators
 * sergio with primary, backup and direct (confirm=none), ana with mobile
 * exist). Fails the test if the configuration does.
 */
office_t *office_open(const char *line_conf);
void office_close(office_t *o);

/*
 * A request, not yet posted: change what the test is about, then post. The
 * parameters are form text, to which AccountSid and CallSid are added.
 */
qdn_request_t office_request(office_t *o, const char *path,
                             const char *parameters);

/* Sign with the account's token what the request says now. */
void office_sign(office_t *o, qdn_request_t *request);
qdn_reply_t office_answer(office_t *o, const qdn_request_t *request);

/* Request, sign and answer in one. */
qdn_reply_t office_post(office_t *o, const char *path, const char *parameters);

/* The path with query of the first attribute or text that holds `step?`. */
const char *office_find_url(office_t *o, const qdn_reply_t *reply,
                            const char *step);

/* How many events of this kind were recorded; the last of them or NULL. */
int office_count(const office_t *o, qdn_kind_e kind);
const qdn_event_t *office_last(const office_t *o, qdn_kind_e kind);

/* Does a logged message begin with this tag? */
int office_logged(const office_t *o, const char *tag);

#endif
