/* SPDX-License-Identifier: Apache-2.0 */
#include "audit_form.h"

#include <string.h>
#include <apr_strings.h>
#include "text.h"

#define SALT 32 /* hex digits */

int qdn_audit_concerns(qdn_kind_e kind)
{
    switch (kind) {
    case QDN_KIND_STATUS_CHANGED:
    case QDN_KIND_STATUS_ENDED:
    case QDN_KIND_CONFIG_LOADED:
    case QDN_KIND_CREDENTIAL_LOADED:
    case QDN_KIND_PRIVACY_FORGOTTEN:
        return 1;
    default:
        return 0;
    }
}

const char *qdn_audit_kinds(apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 128, p);
    for (int kind = 0; kind < QDN_KIND_MAX; kind++) {
        if (qdn_audit_concerns((qdn_kind_e)kind)) {
            qdn_text_addf(&t, "%s'%s'", t.len ? ", " : "(",
                          qdn_event_kind_text((qdn_kind_e)kind));
        }
    }
    qdn_text_addc(&t, ')');
    return t.buf;
}

/* With its length before it nothing can move from one value to the next. */
static void add_value(qdn_text_t *t, const char *value)
{
    if (value) {
        qdn_text_add_int(t, (apr_int64_t)strlen(value));
        qdn_text_addc(t, ':');
        qdn_text_add(t, value);
    }
    else {
        qdn_text_addc(t, '-');
    }
    qdn_text_addc(t, '\n');
}

void qdn_audit_hash(char hash[QDN_AUDIT_HASH + 1], const char *before,
                    const char *host, apr_int64_t seq, const char *const *event,
                    const char *fields, apr_pool_t *ptemp)
{
    qdn_text_t t;

    qdn_text_init(&t, 1024, ptemp);
    add_value(&t, before);
    add_value(&t, host);
    add_value(&t, apr_psprintf(ptemp, "%" APR_INT64_T_FMT, seq));
    for (int i = 0; i < QDN_AUDIT_DETAIL; i++) {
        add_value(&t, event[i]);
    }
    add_value(&t, fields);
    qdn_digest_sha256(t.buf, t.len, hash);
}

/************** members **************/

apr_array_header_t *qdn_audit_members(const char *detail, apr_pool_t *p)
{
    apr_array_header_t *members = detail ? qdn_detail_members(detail, p) : NULL;

    if (!members) {
        members = apr_array_make(p, 1, sizeof(qdn_detail_member_t));
        if (detail) {
            APR_ARRAY_PUSH(members, qdn_detail_member_t) =
                (qdn_detail_member_t){ "", detail };
        }
    }
    return members;
}

const char *qdn_audit_detail(const apr_array_header_t *members, apr_pool_t *p)
{
    if (members->nelts == 1 &&
        !*APR_ARRAY_IDX(members, 0, qdn_detail_member_t).name) {
        return APR_ARRAY_IDX(members, 0, qdn_detail_member_t).value;
    }
    return qdn_detail_object(members, p);
}

void qdn_audit_commitment(char hash[QDN_AUDIT_HASH + 1], const char *salt,
                          const qdn_detail_member_t *member, apr_pool_t *ptemp)
{
    const char *text =
        apr_pstrcat(ptemp, salt, member->name, "\n", member->value, NULL);

    qdn_digest_sha256(text, strlen(text), hash);
}

void qdn_audit_commit(const char *detail, const char **pfields,
                      const char **psalts, apr_pool_t *p)
{
    apr_array_header_t *members = qdn_audit_members(detail, p);
    apr_array_header_t *salts = apr_array_copy(p, members);
    apr_array_header_t *fields = apr_array_copy(p, members);

    for (int i = 0; i < members->nelts; i++) {
        const qdn_detail_member_t *m =
            &APR_ARRAY_IDX(members, i, qdn_detail_member_t);
        char salt[SALT + 1], hash[QDN_AUDIT_HASH + 1];

        qdn_digest_random(salt, SALT);
        qdn_audit_commitment(hash, salt, m, p);
        APR_ARRAY_IDX(salts, i, qdn_detail_member_t).value =
            apr_pstrcat(p, "\"", salt, "\"", NULL);
        APR_ARRAY_IDX(fields, i, qdn_detail_member_t).value =
            apr_pstrcat(p, "\"", hash, "\"", NULL);
    }
    *pfields = detail ? qdn_detail_object(fields, p) : NULL;
    *psalts = detail ? qdn_detail_object(salts, p) : NULL;
}
