/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include "status.h"
#include "text.h"

#define FORMAT          "1"
#define FORMAT_RULED    "2" /* of a progress: with what a rule has chosen */
#define PROGRESS_FIELDS 10
#define RULED_FIELDS    12
#define LEG_FIELDS      11
#define HASH_HEX        8
#define HASHES_MAX      200 /* 15 hops of at least 10 s fit into a budget */
#define TOKEN_MAX       4096
#define HEX             "0123456789abcdef"
#define DIGITS          "0123456789"

static void add_hashes(qdn_text_t *t, const apr_array_header_t *hashes)
{
    int i;

    if (!hashes || hashes->nelts == 0) {
        qdn_text_addc(t, '0');
        return;
    }
    for (i = 0; i < hashes->nelts; i++) {
        qdn_text_addf(t, "%s%08x", i ? "-" : "",
                      APR_ARRAY_IDX(hashes, i, apr_uint32_t));
    }
}

static void add_number(qdn_text_t *t, apr_int64_t n)
{
    qdn_text_addc(t, '.');
    qdn_text_add_int(t, n);
}

static int is_ruled(const qdn_progress_t *progress)
{
    return progress->cascade || progress->tries;
}

const char *qdn_progress_encode(const qdn_progress_t *progress, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 192, p);
    qdn_text_add(&t, is_ruled(progress) ? FORMAT_RULED "." : FORMAT ".");
    /* The + of E.164 would have to be coded in a query: left out. */
    qdn_text_add(&t, progress->line + 1);
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, progress->decision);
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, progress->revision);
    add_number(&t, progress->hop);
    add_number(&t, progress->redial);
    add_number(&t, progress->asks_key);
    add_number(&t, progress->first_ring);
    qdn_text_addc(&t, '.');
    add_hashes(&t, progress->rung);
    qdn_text_addc(&t, '.');
    add_hashes(&t, progress->ringing);
    if (is_ruled(progress)) {
        qdn_text_addf(&t, ".%08x", progress->cascade);
        add_number(&t, progress->tries);
    }
    return t.buf;
}

const char *qdn_leg_encode(const qdn_leg_t *leg, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 192, p);
    qdn_text_add(&t, FORMAT ".");
    qdn_text_add(&t, leg->line + 1);
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, leg->call);
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, *leg->caller ? leg->caller + 1 : "0");
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, leg->decision);
    add_number(&t, leg->hop);
    add_number(&t, leg->redial);
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, leg->operator);
    qdn_text_addc(&t, '.');
    qdn_text_add(&t, leg->label);
    add_number(&t, leg->tries);
    add_number(&t, leg->began);
    return t.buf;
}

/* The fields of a token of that format; 0 unless there are exactly n. */
static int split(const char *token, const char *format, char *copy,
                 const char **fields, int n)
{
    apr_size_t len = token ? strlen(token) : 0;
    char *at = copy;
    int i;

    if (len == 0 || len >= TOKEN_MAX) {
        return 0;
    }
    memcpy(copy, token, len + 1);
    for (i = 0; i < n; i++) {
        fields[i] = at;
        at = strchr(at, '.');
        if (!at) {
            break;
        }
        *at++ = '\0';
    }
    return i == n - 1 && strcmp(fields[0], format) == 0;
}

/* Copy a field that consists of characters of `set` only. */
static int take_text(char *out, apr_size_t size, const char *field,
                     const char *set, apr_size_t min)
{
    apr_size_t len = strlen(field);

    if (len < min || len >= size || strspn(field, set) != len) {
        return 0;
    }
    memcpy(out, field, len + 1);
    return 1;
}

static int take_call(char out[QDN_SID_LEN + 1], const char *field)
{
    apr_cpystrn(out, field, QDN_SID_LEN + 1);
    return qdn_sid_ok(field, "CA");
}

static int take_phone(char out[QDN_E164_MAX + 1], const char *field)
{
    out[0] = '+';
    return take_text(out + 1, QDN_E164_MAX, field, DIGITS, 1) &&
           qdn_e164_valid(out);
}

/* Nobody's number is written "0": E.164 begins with 1 to 9. */
static int take_caller(char out[QDN_E164_MAX + 1], const char *field)
{
    if (strcmp(field, "0") == 0) {
        out[0] = '\0';
        return 1;
    }
    return take_phone(out, field);
}

/* Canonical decimal only: no sign, no leading zero, so one text a number. */
static int take_number(apr_int64_t *pn, const char *field, apr_int64_t max)
{
    apr_size_t len = strlen(field);

    if (len < 1 || len > 15 || strspn(field, DIGITS) != len ||
        (field[0] == '0' && len > 1)) {
        return 0;
    }
    *pn = apr_atoi64(field);
    return *pn <= max;
}

static int take_int(int *pn, const char *field, int max)
{
    apr_int64_t n;

    if (!take_number(&n, field, max)) {
        return 0;
    }
    *pn = (int)n;
    return 1;
}

static int take_hashes(apr_array_header_t **phashes, const char *field,
                       apr_pool_t *p)
{
    apr_size_t len = strlen(field);
    apr_size_t at;

    *phashes = apr_array_make(p, 4, sizeof(apr_uint32_t));
    if (strcmp(field, "0") == 0) {
        return 1;
    }
    if (len % (HASH_HEX + 1) != HASH_HEX || len > HASHES_MAX * (HASH_HEX + 1)) {
        return 0;
    }
    for (at = 0; at < len; at += HASH_HEX + 1) {
        if (strspn(field + at, HEX) != HASH_HEX ||
            (at + HASH_HEX < len && field[at + HASH_HEX] != '-')) {
            return 0;
        }
        APR_ARRAY_PUSH(*phashes, apr_uint32_t) =
            (apr_uint32_t)strtoul(field + at, NULL, 16);
    }
    return 1;
}

/*
 * 253402300799 is the last second of the year 9999: a bound that keeps the
 * arithmetic on microseconds far from overflow.
 */
#define SECOND_MAX APR_INT64_C(253402300799)

static int take_hash(apr_uint32_t *phash, const char *field)
{
    if (strlen(field) != HASH_HEX || strspn(field, HEX) != HASH_HEX) {
        return 0;
    }
    *phash = (apr_uint32_t)strtoul(field, NULL, 16);
    return 1;
}

/* The fields of either format; 0 if it is none. */
static int split_progress(const char *token, char *copy, const char **f,
                          qdn_progress_t *pprogress)
{
    pprogress->cascade = 0;
    pprogress->tries = 0;
    return split(token, FORMAT, copy, f, PROGRESS_FIELDS) ||
           (split(token, FORMAT_RULED, copy, f, RULED_FIELDS) &&
            take_hash(&pprogress->cascade, f[PROGRESS_FIELDS]) &&
            take_int(&pprogress->tries, f[PROGRESS_FIELDS + 1], 9) &&
            is_ruled(pprogress));
}

apr_status_t qdn_progress_decode(qdn_progress_t *pprogress, const char *token,
                                 apr_pool_t *p)
{
    const char *f[RULED_FIELDS];
    char copy[TOKEN_MAX];

    if (!split_progress(token, copy, f, pprogress) ||
        !take_phone(pprogress->line, f[1]) ||
        !take_text(pprogress->decision, sizeof(pprogress->decision), f[2], HEX,
                   QDN_ID_HEX) ||
        !take_text(pprogress->revision, sizeof(pprogress->revision), f[3], HEX,
                   QDN_REVISION_HEX) ||
        !take_int(&pprogress->hop, f[4], 999) ||
        !take_int(&pprogress->redial, f[5], 1) ||
        !take_int(&pprogress->asks_key, f[6], 1) ||
        !take_number(&pprogress->first_ring, f[7], SECOND_MAX) ||
        !take_hashes(&pprogress->rung, f[8], p) ||
        !take_hashes(&pprogress->ringing, f[9], p)) {
        return QDN_EMALFORMED;
    }
    return APR_SUCCESS;
}

/* What qdn_parse_id lets through, as a set. */
#define ID_SET                                                                 \
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS "_-"

apr_status_t qdn_leg_decode(qdn_leg_t *pleg, const char *token)
{
    const char *f[LEG_FIELDS];
    char copy[TOKEN_MAX];

    if (!split(token, FORMAT, copy, f, LEG_FIELDS) ||
        !take_phone(pleg->line, f[1]) || !take_call(pleg->call, f[2]) ||
        !take_caller(pleg->caller, f[3]) ||
        !take_text(pleg->decision, sizeof(pleg->decision), f[4], HEX,
                   QDN_ID_HEX) ||
        !take_int(&pleg->hop, f[5], 999) || !take_int(&pleg->redial, f[6], 1) ||
        !take_text(pleg->operator, sizeof(pleg->operator), f[7], ID_SET, 1) ||
        !take_text(pleg->label, sizeof(pleg->label), f[8], ID_SET, 1) ||
        !take_int(&pleg->tries, f[9], 99) ||
        !take_number(&pleg->began, f[10], SECOND_MAX)) {
        return QDN_EMALFORMED;
    }
    return APR_SUCCESS;
}

int qdn_progress_has(const apr_array_header_t *hashes, apr_uint32_t hash)
{
    int i;

    for (i = 0; hashes && i < hashes->nelts; i++) {
        if (APR_ARRAY_IDX(hashes, i, apr_uint32_t) == hash) {
            return 1;
        }
    }
    return 0;
}
