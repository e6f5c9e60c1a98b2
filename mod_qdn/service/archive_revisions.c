/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>

#include "archive_form.h"
#include "detail.h"
#include "revisions.h"

#define LISTED 200 /* the newest */

static void add_revision(qdn_text_t *t, const qdn_revision_t *r)
{
    qdn_member_open(t, NULL, '{');
    qdn_member_text(t, "revision", r->revision);
    qdn_member_text(t, "host", r->host);
    qdn_member_time(t, "first_at", r->first_at);
}

const char *qdn_archive_revisions(qdn_question_t *q)
{
    apr_array_header_t *revisions;
    qdn_text_t t;

    if (qdn_revisions_list(q->store, LISTED, &revisions, q->pool)) {
        return qdn_archive_broken(q);
    }
    qdn_text_init(&t, 4096, q->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_open(&t, "revisions", '[');
    for (int i = 0; i < revisions->nelts; i++) {
        add_revision(&t, &APR_ARRAY_IDX(revisions, i, qdn_revision_t));
        qdn_member_close(&t, '{');
    }
    qdn_member_close(&t, '[');
    qdn_member_close(&t, '{');
    return t.buf;
}

const char *qdn_archive_revision(qdn_question_t *q)
{
    const char *error, *name;
    qdn_revision_t revision;
    apr_status_t rv;
    qdn_text_t t;

    error = qdn_archive_read(q, "revision", QDN_PARAMETER_HEX, &name);
    if (error || !name) {
        return qdn_archive_fault(
            q, 400, error ? error : "revision names no configuration");
    }
    rv = qdn_revisions_get(q->store, name, &revision, q->pool);
    if (rv == APR_NOTFOUND) {
        return qdn_archive_fault(q, 404,
                                 apr_pstrcat(q->pool,
                                             "the database does not know a "
                                             "configuration ",
                                             name, NULL));
    }
    if (rv) {
        return qdn_archive_broken(q);
    }
    qdn_text_init(&t, 8192, q->pool);
    add_revision(&t, &revision);
    qdn_member_raw(&t, "plan",
                   qdn_detail_members(revision.plan, q->pool) ? revision.plan
                                                              : NULL);
    qdn_member_close(&t, '{');
    return t.buf;
}
