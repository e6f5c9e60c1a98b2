/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook.h"

#include <apr_strings.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "e164.h"
#include "sid.h"
#include "status.h"

#define SECONDS_DIGITS 7 /* 115 days; no call lasts that long */

typedef struct parameter_t parameter_t;

/* Store the value where the row says; NULL, or what the value should be. */
typedef const char *read_fn(const parameter_t *row, qdn_webhook_t *to,
                            const char *value);

static read_fn read_text, read_sid, read_hint, read_seconds, read_status;

/* A parameter that we rely on. */
struct parameter_t {
    const char *name;
    read_fn *read;
    size_t at;          /* offset of the member of qdn_webhook_t */
    const char *prefix; /* of a SID */
};

#define AT(member) offsetof(qdn_webhook_t, member)

/* Sorted by name in byte order, for bsearch. */
static const parameter_t parameters[] = {
    { "AccountSid", read_sid, AT(account_sid), "AC" },
    { "CallDuration", read_seconds, AT(call_seconds), NULL },
    { "CallSid", read_sid, AT(call_sid), "CA" },
    { "CallStatus", read_status, AT(call_status), NULL },
    { "DialBridged", read_text, AT(dial_bridged), NULL },
    { "DialCallSid", read_hint, AT(dial_call_sid), "CA" },
    { "DialCallStatus", read_text, AT(dial_call_status), NULL },
    { "Digits", read_text, AT(digits), NULL },
    { "ForwardedFrom", read_text, AT(forwarded_from), NULL },
    { "From", read_text, AT(from), NULL },
    { "ParentCallSid", read_sid, AT(parent_call_sid), "CA" },
    { "RecordingDuration", read_seconds, AT(recording_seconds), NULL },
    { "RecordingSid", read_hint, AT(recording_sid), "RE" },
    { "RecordingStatus", read_text, AT(recording_status), NULL },
    { "RecordingUrl", read_text, AT(recording_url), NULL },
    { "StirVerstat", read_text, AT(stir_verstat), NULL },
    { "To", read_text, AT(to), NULL },
};

#define PARAMETERS (sizeof(parameters) / sizeof(parameters[0]))

/* Protocol: what "CallStatus" says, and whether that leg is over then. */
static const struct {
    const char *word;
    qdn_call_status_e status;
    int terminal;
} statuses[] = {
    { "queued", QDN_CALL_QUEUED, 0 },
    { "initiated", QDN_CALL_INITIATED, 0 },
    { "ringing", QDN_CALL_RINGING, 0 },
    { "in-progress", QDN_CALL_IN_PROGRESS, 0 },
    { "completed", QDN_CALL_COMPLETED, 1 },
    { "busy", QDN_CALL_BUSY, 1 },
    { "failed", QDN_CALL_FAILED, 1 },
    { "no-answer", QDN_CALL_NO_ANSWER, 1 },
    { "canceled", QDN_CALL_CANCELED, 1 },
};

#define STATUSES (sizeof(statuses) / sizeof(statuses[0]))

/*
 * How Twilio says that the caller withheld the number. The numbers spell the
 * words on a keypad (+7378742833 is RESTRICTED) and would pass as E.164.
 */
static const char *const withheld[] = {
    "",         "anonymous", "restricted", "unavailable", "unknown",
    "blocked",  "private",   "+266696687", "+7378742833", "+86282452253",
    "+2562533", "+8656696",
};

#define WITHHELD (sizeof(withheld) / sizeof(withheld[0]))

static const char *const kind_words[] = {
    [QDN_CALLER_NUMBER] = "number", [QDN_CALLER_WITHHELD] = "withheld",
    [QDN_CALLER_SIP] = "sip",       [QDN_CALLER_CLIENT] = "client",
    [QDN_CALLER_ODD] = "odd",
};

static const char *read_text(const parameter_t *row, qdn_webhook_t *to,
                             const char *value)
{
    *(const char **)(void *)((char *)to + row->at) = value;
    return NULL;
}

static const char *read_sid(const parameter_t *row, qdn_webhook_t *to,
                            const char *value)
{
    if (*value && !qdn_sid_ok(value, row->prefix)) {
        return "a SID of its kind";
    }
    return read_text(row, to, value);
}

/* A SID that names no call of ours: one that is none is as good as absent. */
static const char *read_hint(const parameter_t *row, qdn_webhook_t *to,
                             const char *value)
{
    return read_text(row, to, qdn_sid_ok(value, row->prefix) ? value : "");
}

/*
 * Whole seconds; anything that is no such number is as good as absent, since
 * a step of the caller is answered whatever Twilio writes here next year.
 */
static const char *read_seconds(const parameter_t *row, qdn_webhook_t *to,
                                const char *value)
{
    size_t digits = strspn(value, "0123456789");
    int whole = digits > 0 && digits <= SECONDS_DIGITS &&
                (value[digits] == '\0' || value[digits] == '.');

    *(int *)(void *)((char *)to + row->at) = whole ? atoi(value) : -1;
    return NULL;
}

static const char *read_status(const parameter_t *row, qdn_webhook_t *to,
                               const char *value)
{
    qdn_call_status_e status = QDN_CALL_OTHER;
    size_t i;

    for (i = 0; i < STATUSES; i++) {
        if (strcmp(value, statuses[i].word) == 0) {
            status = statuses[i].status;
        }
    }
    *(qdn_call_status_e *)(void *)((char *)to + row->at) = status;
    return NULL;
}

static qdn_caller_kind_e caller_kind(const char *from)
{
    size_t i;

    for (i = 0; i < WITHHELD; i++) {
        if (strcasecmp(from, withheld[i]) == 0) {
            return QDN_CALLER_WITHHELD;
        }
    }
    if (qdn_e164_valid(from)) {
        return QDN_CALLER_NUMBER;
    }
    if (strncasecmp(from, "sip:", 4) == 0 ||
        strncasecmp(from, "sips:", 5) == 0) {
        return QDN_CALLER_SIP;
    }
    return strncasecmp(from, "client:", 7) == 0 ? QDN_CALLER_CLIENT
                                                : QDN_CALLER_ODD;
}

static int compare_name(const void *name, const void *row)
{
    return strcmp(name, ((const parameter_t *)row)->name);
}

/* Everything absent: "", -1 and QDN_CALL_OTHER, as the readers say it. */
static void clear(qdn_webhook_t *webhook)
{
    size_t i;

    for (i = 0; i < PARAMETERS; i++) {
        parameters[i].read(&parameters[i], webhook, "");
    }
}

apr_status_t qdn_webhook_parse(qdn_webhook_t *pwebhook,
                               const apr_array_header_t *fields,
                               const char **perror, apr_pool_t *p)
{
    const qdn_field_t *field = (const qdn_field_t *)fields->elts;
    const qdn_field_t *end = field + fields->nelts;
    char seen[PARAMETERS] = { 0 };

    clear(pwebhook);
    for (; field < end; field++) {
        const parameter_t *row = bsearch(field->name, parameters, PARAMETERS,
                                         sizeof(*row), compare_name);
        const char *wanted;

        if (!row) {
            continue;
        }
        if (seen[row - parameters]++) {
            *perror = apr_pstrcat(p, row->name, " is given twice", NULL);
            return QDN_EMALFORMED;
        }
        wanted = row->read(row, pwebhook, field->value);
        if (wanted) {
            *perror = apr_pstrcat(p, row->name, " is not ", wanted, NULL);
            return QDN_EMALFORMED;
        }
    }
    if (!*pwebhook->account_sid || !*pwebhook->call_sid) {
        *perror = "AccountSid or CallSid is missing";
        return QDN_EMALFORMED;
    }
    pwebhook->caller_kind = caller_kind(pwebhook->from);
    return APR_SUCCESS;
}

const char *qdn_webhook_caller_kind(qdn_caller_kind_e kind)
{
    return kind_words[kind];
}

const char *qdn_webhook_forwarded_from(const qdn_webhook_t *webhook,
                                       apr_pool_t *p)
{
    const char *number = webhook->forwarded_from;

    if (*number != '+') {
        number = apr_pstrcat(p, "+", number, NULL);
    }
    return qdn_e164_valid(number) ? number : NULL;
}

int qdn_webhook_terminal(qdn_call_status_e status)
{
    size_t i;

    for (i = 0; i < STATUSES; i++) {
        if (statuses[i].status == status) {
            return statuses[i].terminal;
        }
    }
    return 0;
}
