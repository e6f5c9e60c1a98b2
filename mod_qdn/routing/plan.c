/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <stdio.h>
#include "digest.h"
#include "e164.h"
#include "plan.h"
#include "status.h"

#define DAY (24 * 60 * 60)

/* Says that it is recorded: in many places it must. */
#define GREETING                                                               \
    "Nobody can take your call right now. Please leave a message after the "   \
    "tone. Your message will be recorded."

#define VOICEMAIL_SECONDS 120
#define TALK_SECONDS      (4 * 60 * 60) /* Twilio's own bound */

const char *qdn_origin_text(qdn_origin_t origin, apr_pool_t *p)
{
    return origin.file ? apr_psprintf(p, "%s:%d", origin.file, origin.line)
                       : apr_psprintf(p, "line %d", origin.line);
}

qdn_plan_t *qdn_plan_create(apr_pool_t *p)
{
    qdn_plan_t *plan = apr_pcalloc(p, sizeof(*plan));

    *plan = (qdn_plan_t){
        .pool = p,
        .endpoints = apr_array_make(p, 2, sizeof(qdn_endpoint_t *)),
        .state_dir = "/var/lib/qdn",
        .journal_sync = 1,
        .journal_wait = apr_time_from_sec(2),
        .journal_max = 1024 * 1024 * 1024,
        .retention = apr_time_from_sec(400 * DAY),
        .rotate_every = apr_time_from_sec(90 * DAY),
        .admins = apr_array_make(p, 2, sizeof(const char *)),
        .viewers = apr_array_make(p, 2, sizeof(const char *)),
        .mask_numbers = 1,
        .holidays = apr_array_make(p, 1, sizeof(const qdn_feed_t *)),
        .feeds = apr_array_make(p, 16, sizeof(qdn_feed_t *)),
        .feeds_by_key = apr_hash_make(p),
        .numbers = apr_array_make(p, 1, sizeof(const qdn_feed_t *)),
        .numbers_by_name = apr_hash_make(p),
        .cascades = apr_array_make(p, 1, sizeof(qdn_cascade_t *)),
        .cascades_by_name = apr_hash_make(p),
        .operators = apr_array_make(p, 16, sizeof(qdn_operator_t *)),
        .operators_by_id = apr_hash_make(p),
        .lines = apr_array_make(p, 16, sizeof(qdn_line_t *)),
        .lines_by_number = apr_hash_make(p),
        .phones_by_name = apr_hash_make(p),
        .phones_by_number = apr_hash_make(p),
        .phones_by_hash = apr_hash_make(p),
    };
    return plan;
}

qdn_operator_t *qdn_operator_create(const char *id, apr_pool_t *p)
{
    qdn_operator_t *op = apr_pcalloc(p, sizeof(*op));

    op->id = id;
    op->name = id;
    op->holidays = apr_array_make(p, 1, sizeof(const qdn_feed_t *));
    op->calendars = apr_array_make(p, 1, sizeof(const qdn_feed_t *));
    op->duties = apr_array_make(p, 1, sizeof(const qdn_feed_t *));
    op->logins = apr_array_make(p, 1, sizeof(const char *));
    op->phones = apr_array_make(p, 2, sizeof(qdn_phone_t *));
    return op;
}

qdn_line_t *qdn_line_create(const char *number, apr_pool_t *p)
{
    qdn_line_t *line = apr_pcalloc(p, sizeof(*line));

    *line = (qdn_line_t){
        .number = number,
        .name = number,
        .holidays = apr_array_make(p, 1, sizeof(const qdn_feed_t *)),
        .ringtone = qdn_e164_ringtone(number),
        .hops = apr_array_make(p, 4, sizeof(qdn_hop_t *)),
        .rules = apr_array_make(p, 1, sizeof(qdn_rule_t *)),
        .voicemail = 1,
        .greeting = GREETING,
        .voicemail_max = VOICEMAIL_SECONDS,
        .notify = apr_array_make(p, 1, sizeof(const char *)),
        .budget = QDN_BUDGET_DEFAULT,
        .time_limit = TALK_SECONDS,
        .callerid = QDN_CALLERID_LINE,
        .forwarded_from = apr_array_make(p, 1, sizeof(const char *)),
    };
    return line;
}

qdn_cascade_t *qdn_cascade_create(const char *name, apr_pool_t *p)
{
    qdn_cascade_t *cascade = apr_pcalloc(p, sizeof(*cascade));

    cascade->name = name;
    cascade->hash = qdn_digest_fnv1a(name);
    cascade->hops = apr_array_make(p, 4, sizeof(qdn_hop_t *));
    cascade->voicemail = -1;
    return cascade;
}

void qdn_line_cascade(const qdn_line_t *line, const qdn_cascade_t *named,
                      qdn_cascade_t *pcascade)
{
    *pcascade = (qdn_cascade_t){
        .hops = line->hops,
        .voicemail = line->voicemail,
        .greeting = line->greeting,
        .voicemail_max = line->voicemail_max,
        .notify = line->notify,
        .budget = line->budget,
        .voicemail_origin = line->voicemail_origin,
        .budget_origin = line->budget_origin,
        .origin = line->origin,
    };
    if (!named) {
        return;
    }
    pcascade->name = named->name;
    pcascade->hash = named->hash;
    pcascade->hops = named->hops;
    pcascade->origin = named->origin;
    if (named->voicemail >= 0) {
        pcascade->voicemail = named->voicemail;
        pcascade->voicemail_origin = named->voicemail_origin;
    }
    if (named->greeting) {
        pcascade->greeting = named->greeting;
    }
    if (named->voicemail_max) {
        pcascade->voicemail_max = named->voicemail_max;
    }
    if (named->notify) {
        pcascade->notify = named->notify;
    }
    if (named->budget) {
        pcascade->budget = named->budget;
        pcascade->budget_origin = named->budget_origin;
    }
}

static void *find(apr_hash_t *hash, const char *key)
{
    return key ? apr_hash_get(hash, key, APR_HASH_KEY_STRING) : NULL;
}

static void put(apr_hash_t *hash, const char *key, const void *value)
{
    apr_hash_set(hash, key, APR_HASH_KEY_STRING, value);
}

apr_status_t qdn_plan_add_operator(qdn_plan_t *plan, qdn_operator_t *op)
{
    if (find(plan->operators_by_id, op->id)) {
        return QDN_ECONFLICT;
    }
    op->index = plan->operators->nelts;
    APR_ARRAY_PUSH(plan->operators, qdn_operator_t *) = op;
    put(plan->operators_by_id, op->id, op);
    return APR_SUCCESS;
}

apr_status_t qdn_plan_add_phone(qdn_plan_t *plan, qdn_operator_t *op,
                                qdn_phone_t *phone)
{
    const char *name = apr_pstrcat(plan->pool, op->id, "/", phone->label, NULL);

    if (find(plan->phones_by_name, name)) {
        return QDN_ECONFLICT;
    }
    /* clang-format off: operator is no keyword of C */
    phone->operator= op;
    /* clang-format on */
    phone->hash = qdn_digest_fnv1a(phone->number);
    APR_ARRAY_PUSH(op->phones, qdn_phone_t *) = phone;
    put(plan->phones_by_name, name, phone);
    if (!find(plan->phones_by_number, phone->number)) {
        put(plan->phones_by_number, phone->number, phone);
    }
    if (!qdn_plan_phone_by_hash(plan, phone->hash)) {
        apr_hash_set(plan->phones_by_hash, &phone->hash, sizeof(phone->hash),
                     phone);
    }
    return APR_SUCCESS;
}

apr_status_t qdn_plan_add_line(qdn_plan_t *plan, qdn_line_t *line)
{
    if (find(plan->lines_by_number, line->number)) {
        return QDN_ECONFLICT;
    }
    line->index = plan->lines->nelts;
    APR_ARRAY_PUSH(plan->lines, qdn_line_t *) = line;
    put(plan->lines_by_number, line->number, line);
    return APR_SUCCESS;
}

apr_status_t qdn_plan_add_cascade(qdn_plan_t *plan, qdn_cascade_t *cascade)
{
    if (!cascade->hash || find(plan->cascades_by_name, cascade->name) ||
        qdn_plan_cascade_by_hash(plan, cascade->hash)) {
        return QDN_ECONFLICT;
    }
    APR_ARRAY_PUSH(plan->cascades, qdn_cascade_t *) = cascade;
    put(plan->cascades_by_name, cascade->name, cascade);
    return APR_SUCCESS;
}

const qdn_cascade_t *qdn_plan_cascade(const qdn_plan_t *plan, const char *name)
{
    return find(plan->cascades_by_name, name);
}

/* There are few: each is a block that somebody wrote. */
const qdn_cascade_t *qdn_plan_cascade_by_hash(const qdn_plan_t *plan,
                                              apr_uint32_t hash)
{
    int i;

    for (i = 0; i < plan->cascades->nelts; i++) {
        const qdn_cascade_t *cascade =
            APR_ARRAY_IDX(plan->cascades, i, const qdn_cascade_t *);

        if (cascade->hash == hash) {
            return cascade;
        }
    }
    return NULL;
}

const qdn_line_t *qdn_plan_line(const qdn_plan_t *plan, const char *number)
{
    return find(plan->lines_by_number, number);
}

const qdn_operator_t *qdn_plan_operator(const qdn_plan_t *plan, const char *id)
{
    return find(plan->operators_by_id, id);
}

const qdn_phone_t *qdn_plan_phone(const qdn_plan_t *plan,
                                  const char *operator_id, const char *label)
{
    char name[2 * 64 + 2]; /* longer ids do not exist: qdn_parse_id */
    int n;

    if (!operator_id || !label) {
        return NULL;
    }
    n = snprintf(name, sizeof(name), "%s/%s", operator_id, label);
    return n > 0 && (apr_size_t)n < sizeof(name)
               ? find(plan->phones_by_name, name)
               : NULL;
}

const qdn_phone_t *qdn_plan_phone_by_number(const qdn_plan_t *plan,
                                            const char *number)
{
    return find(plan->phones_by_number, number);
}

const qdn_phone_t *qdn_plan_phone_by_hash(const qdn_plan_t *plan,
                                          apr_uint32_t hash)
{
    return apr_hash_get(plan->phones_by_hash, &hash, sizeof(hash));
}
