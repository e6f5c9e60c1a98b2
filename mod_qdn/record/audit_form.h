/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AUDIT_FORM_H
#define QDN_AUDIT_FORM_H

/*
 * What an entry of the audit is made of, for those who write, check and
 * erase: see audit.h. Everything is a text as SQL has it.
 */

#include "audit.h"
#include "detail.h"

/* Of qdn_event as e, in the order of qdn_audit_column_e. */
#define QDN_AUDIT_COLUMNS                                                      \
    "e.id, e.at, e.host, e.kind, e.line, e.call_sid, e.hop, e.operator, "      \
    "e.phone, e.reason, e.config, e.detail"

typedef enum {
    QDN_AUDIT_ID,
    QDN_AUDIT_AT,
    QDN_AUDIT_HOST,
    QDN_AUDIT_KIND,
    QDN_AUDIT_LINE,
    QDN_AUDIT_CALL_SID,
    QDN_AUDIT_HOP,
    QDN_AUDIT_OPERATOR,
    QDN_AUDIT_PHONE,
    QDN_AUDIT_REASON,
    QDN_AUDIT_CONFIG,
    QDN_AUDIT_DETAIL, /* not hashed itself: `fields` is */
    QDN_AUDIT_COLUMN_MAX
} qdn_audit_column_e;

/* Before the first entry of a chain. */
#define QDN_AUDIT_ZEROS                                                        \
    "0000000000000000000000000000000000000000000000000000000000000000"

/* In place of a value and of a salt that were erased. */
#define QDN_AUDIT_GONE "null"

/* ('status.changed', ...): the kinds that qdn_audit_concerns, in p. */
const char *qdn_audit_kinds(apr_pool_t *p);

void qdn_audit_hash(char hash[QDN_AUDIT_HASH + 1], const char *before,
                    const char *host, apr_int64_t seq, const char *const *event,
                    const char *fields, apr_pool_t *ptemp);

/*
 * The members of a detail (qdn_detail_member_t), in p: none for NULL; of what
 * is no JSON object one without a name, with all of it.
 */
apr_array_header_t *qdn_audit_members(const char *detail, apr_pool_t *p);

/* The detail that has these members: the other way round. */
const char *qdn_audit_detail(const apr_array_header_t *members, apr_pool_t *p);

/*
 * Commitments and new salts for a detail, as JSON objects in p; NULL both if
 * there is nothing to commit to.
 */
void qdn_audit_commit(const char *detail, const char **pfields,
                      const char **psalts, apr_pool_t *p);

/* One commitment; salt is the hex text. */
void qdn_audit_commitment(char hash[QDN_AUDIT_HASH + 1], const char *salt,
                          const qdn_detail_member_t *member, apr_pool_t *ptemp);

#endif
