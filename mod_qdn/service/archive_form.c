/* SPDX-License-Identifier: Apache-2.0 */
#include "archive_form.h"

#include <string.h>

#include <apr_strings.h>

#include "chain.h"
#include "detail.h"
#include "e164.h"
#include "log.h"
#include "parse.h"
#include "sentence.h"
#include "sid.h"

#define TEXT_MAX   100
#define DIGITS_MAX 15 /* of E.164 */
#define HEX_MAX    64

#define SHOWN 40 /* bytes of a bad value that are quoted */

/************** failures **************/

const char *qdn_archive_fault(const qdn_question_t *q, int status,
                              const char *sentence)
{
    qdn_text_t t;

    qdn_text_init(&t, 160, q->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "error", sentence);
    qdn_member_number(&t, "status", status);
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_archive_broken(qdn_question_t *q)
{
    q->broken = 1;
    qdn_log(QDN_LOG_INFO, 0,
            QDNLOGNO(0581) "a question of the dashboard (%s) failed: %s",
            q->ask, qdn_store_error(q->store));
    return qdn_archive_fault(q, 503,
                             "the database cannot answer; httpd's error log "
                             "says why");
}

/************** parameters **************/

static int is_number(const char *value, apr_pool_t *p)
{
    (void)p;
    return qdn_e164_valid(value);
}

static int is_made_of(const char *value, const char *set, apr_size_t max)
{
    apr_size_t n = strspn(value, set);

    return n > 0 && n <= max && !value[n];
}

static int is_digits(const char *value, apr_pool_t *p)
{
    (void)p;
    return is_made_of(value + (*value == '+'), "0123456789", DIGITS_MAX);
}

static int is_id(const char *value, apr_pool_t *p)
{
    return !qdn_parse_id(value, p);
}

static int is_outcome(const char *value, apr_pool_t *p)
{
    (void)p;
    return !strcmp(value, "missed") ||
           qdn_outcome_find(value) != QDN_OUTCOME_MAX;
}

static int is_text(const char *value, apr_pool_t *p)
{
    (void)p;
    return strlen(value) <= TEXT_MAX;
}

static int is_sid(const char *value, apr_pool_t *p)
{
    (void)p;
    return qdn_sid_ok(value, "CA");
}

static int is_hex(const char *value, apr_pool_t *p)
{
    (void)p;
    return is_made_of(value, "0123456789abcdef", HEX_MAX);
}

static const struct {
    int (*fits)(const char *value, apr_pool_t *p);
    const char *should; /* be */
} forms[] = {
    [QDN_PARAMETER_NUMBER] = { is_number, "a number such as +16195550100" },
    [QDN_PARAMETER_DIGITS] = { is_digits, "up to 15 digits of a number" },
    [QDN_PARAMETER_ID] = { is_id, "a person's id, as the configuration has "
                                  "it" },
    [QDN_PARAMETER_OUTCOME] = { is_outcome,
                                "missed, answered, voicemail, unanswered, "
                                "abandoned, rejected, failed or unknown" },
    [QDN_PARAMETER_TEXT] = { is_text, "a text of at most 100 bytes" },
    [QDN_PARAMETER_SID] = { is_sid, "a call's id: CA and 32 digits" },
    [QDN_PARAMETER_HEX] = { is_hex, "an id: up to 64 hexadecimal digits" },
};

static const char *complain(const qdn_question_t *q, const char *name,
                            const char *should, const char *value)
{
    return apr_psprintf(q->pool, "%s should be %s, not '%.*s'", name, should,
                        SHOWN, value);
}

const char *qdn_archive_read(const qdn_question_t *q, const char *name,
                             qdn_parameter_e form, const char **pvalue)
{
    const char *value = qdn_detail_text(q->request, name, q->pool);

    *pvalue = value && *value ? value : NULL;
    return !*pvalue || forms[form].fits(value, q->pool)
               ? NULL
               : complain(q, name, forms[form].should, value);
}

const char *qdn_archive_read_int(const qdn_question_t *q, const char *name,
                                 apr_int64_t min, apr_int64_t max,
                                 apr_int64_t *pvalue)
{
    const char *value = qdn_detail_text(q->request, name, q->pool);

    if (!value || !*value || !qdn_parse_int(value, min, max, pvalue, q->pool)) {
        return NULL;
    }
    return complain(q, name,
                    apr_psprintf(q->pool,
                                 "a whole number from %" APR_INT64_T_FMT
                                 " to %" APR_INT64_T_FMT,
                                 min, max),
                    value);
}

/************** names **************/

const qdn_zone_t *qdn_archive_zone(const qdn_plan_t *plan, const char *number)
{
    const qdn_line_t *line = qdn_plan_line(plan, number);

    return line ? line->zone : plan->zone;
}

void qdn_archive_add_line(qdn_text_t *t, const qdn_plan_t *plan,
                          const char *number)
{
    const qdn_line_t *line = qdn_plan_line(plan, number);

    qdn_member_text(t, "line", number);
    qdn_member_text(t, "line_name", line ? line->name : number);
    qdn_member_text(t, "zone", qdn_zone_name(qdn_archive_zone(plan, number)));
}

void qdn_archive_add_person(qdn_text_t *t, const qdn_plan_t *plan,
                            const char *name, const char *id)
{
    qdn_member_text(t, name, id);
    qdn_member_text(t, apr_pstrcat(t->pool, name, "_name", NULL),
                    qdn_sentence_name(plan, id));
}

void qdn_archive_add_detail(qdn_text_t *t, const char *detail, apr_pool_t *p)
{
    qdn_member_raw(t, "detail",
                   detail && qdn_detail_members(detail, p) ? detail : NULL);
}
