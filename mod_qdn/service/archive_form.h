/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ARCHIVE_FORM_H
#define QDN_ARCHIVE_FORM_H

/* Pieces of the archive's answers, shared by its files. */

#include "archive.h"
#include "member.h"
#include "zone.h"

typedef const char *qdn_archive_fn(qdn_question_t *q);

qdn_archive_fn qdn_archive_calls;
qdn_archive_fn qdn_archive_call;
qdn_archive_fn qdn_archive_report;
qdn_archive_fn qdn_archive_audit;
qdn_archive_fn qdn_archive_verify;
qdn_archive_fn qdn_archive_revisions;
qdn_archive_fn qdn_archive_revision;

/* {"error":sentence,"status":status} */
const char *qdn_archive_fault(const qdn_question_t *q, int status,
                              const char *sentence);

/* The database failed: tells the log why, and who asked that it did. */
const char *qdn_archive_broken(qdn_question_t *q);

/* How a parameter must look, see qdn_archive_read. */
typedef enum {
    QDN_PARAMETER_NUMBER, /* E.164 */
    QDN_PARAMETER_DIGITS, /* of a number, maybe with "+" */
    QDN_PARAMETER_ID,     /* of an operator */
    QDN_PARAMETER_OUTCOME,
    QDN_PARAMETER_TEXT, /* anything, at most 100 bytes */
    QDN_PARAMETER_SID,  /* of a call */
    QDN_PARAMETER_HEX   /* id of an event, revision */
} qdn_parameter_e;

/*
 * A parameter, as it was asked for, in *pvalue; NULL: it was not, or is empty.
 * NULL, or a sentence that names it and says how it should be.
 */
const char *qdn_archive_read(const qdn_question_t *q, const char *name,
                             qdn_parameter_e form, const char **pvalue);

/* Likewise a whole number; what is in *pvalue stays if it is not given. */
const char *qdn_archive_read_int(const qdn_question_t *q, const char *name,
                                 apr_int64_t min, apr_int64_t max,
                                 apr_int64_t *pvalue);

/* "line", "line_name" and "zone" of a number that the plan need not know. */
void qdn_archive_add_line(qdn_text_t *t, const qdn_plan_t *plan,
                          const char *number);
const qdn_zone_t *qdn_archive_zone(const qdn_plan_t *plan, const char *number);

/* NAME and NAME_name: an id and the person's name, or null and null. */
void qdn_archive_add_person(qdn_text_t *t, const qdn_plan_t *plan,
                            const char *name, const char *id);

/* A detail as the JSON that it is, or null if it is none. */
void qdn_archive_add_detail(qdn_text_t *t, const char *detail, apr_pool_t *p);

#endif
