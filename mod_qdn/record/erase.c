/* SPDX-License-Identifier: Apache-2.0 */
#include "erase.h"

#include <string.h>
#include <apr_strings.h>
#include "audit_form.h"
#include "ledger_rows.h"
#include "redact.h"
#include "text.h"

#define DAY apr_time_from_sec(86400)

static apr_status_t update(qdn_store_t *store, const char *table,
                           const char *column, const char *value,
                           const char *key, const char *id, apr_pool_t *ptemp)
{
    return qdn_store_run(
        store,
        apr_pstrcat(ptemp, "UPDATE ", table, " SET ", column, " = ",
                    value ? qdn_store_quote(store, value, ptemp) : "NULL",
                    " WHERE ", key, " = ", qdn_store_quote(store, id, ptemp),
                    NULL));
}

static void add_name(apr_array_header_t *names, const qdn_erase_entry_t *e,
                     const char *member)
{
    APR_ARRAY_PUSH(names, const char *) =
        apr_pstrcat(names->pool, e->host, "/", e->seq, "/", member, NULL);
}

/*
 * What privacy.forgotten names must stay for the proof, and holds nothing of
 * a person.
 */
static int concerned(const qdn_detail_member_t *m, const char *number)
{
    return strcmp(m->value, QDN_AUDIT_GONE) && strcmp(m->name, "entries") &&
           qdn_redact_find(m->value, number);
}

/* How many went. */
static int take_out(apr_array_header_t *members, apr_array_header_t *salts,
                    const qdn_erase_entry_t *e, const char *number,
                    apr_array_header_t *names)
{
    int gone = 0;

    for (int i = 0; i < members->nelts; i++) {
        qdn_detail_member_t *m =
            &APR_ARRAY_IDX(members, i, qdn_detail_member_t);

        if (number && !concerned(m, number)) {
            continue;
        }
        gone++;
        m->value = QDN_AUDIT_GONE;
        if (i < salts->nelts) {
            APR_ARRAY_IDX(salts, i, qdn_detail_member_t).value = QDN_AUDIT_GONE;
        }
        if (number) {
            add_name(names, e, m->name);
        }
    }
    return gone;
}

apr_status_t qdn_erase_members(qdn_store_t *store,
                               const qdn_erase_entry_t *entry,
                               const char *number, apr_array_header_t *names,
                               apr_pool_t *ptemp)
{
    apr_array_header_t *members = qdn_audit_members(entry->detail, ptemp);
    apr_array_header_t *salts = qdn_audit_members(entry->salts, ptemp);
    apr_status_t rv;

    if (!take_out(members, salts, entry, number, names)) {
        return APR_SUCCESS;
    }
    if (!number) {
        add_name(names, entry, "*");
    }
    rv = update(store, "qdn_event", "detail", qdn_audit_detail(members, ptemp),
                "id", entry->event_id, ptemp);
    return rv == APR_SUCCESS
               ? update(store, "qdn_audit", "salts",
                        number ? qdn_audit_detail(salts, ptemp) : NULL,
                        "event_id", entry->event_id, ptemp)
               : rv;
}

static const char *detail_of(const qdn_erase_note_t *note, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_add(&t, "{\"entries\":[");
    for (int i = 0; i < note->names->nelts; i++) {
        qdn_text_add(&t, i ? "," : "");
        qdn_text_add_json(&t, APR_ARRAY_IDX(note->names, i, const char *));
    }
    qdn_text_addf(
        &t, "],\"calls\":%" APR_INT64_T_FMT ",\"events\":%" APR_INT64_T_FMT,
        note->calls, note->events);
    if (note->who) {
        qdn_text_add(&t, ",\"who\":");
        qdn_text_add_json(&t, note->who);
        qdn_text_add(&t, ",\"why\":");
        qdn_text_add_json(&t, note->why);
    }
    else {
        qdn_text_addf(&t, ",\"keep_days\":%" APR_INT64_T_FMT,
                      (apr_int64_t)(note->keep / DAY));
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}

apr_status_t qdn_erase_tell(qdn_store_t *store, const qdn_erase_note_t *note,
                            apr_pool_t *ptemp)
{
    qdn_event_t e = { .at = note->now,
                      .host = note->host,
                      .kind = QDN_KIND_PRIVACY_FORGOTTEN,
                      .reason = QDN_REASON_NONE,
                      .detail = detail_of(note, ptemp) };
    const qdn_event_t *events = &e;
    char turn[QDN_ID_HEX + 1];
    apr_status_t rv;

    qdn_digest_random(turn, QDN_ID_HEX);
    qdn_event_identify(&e, turn);
    rv = qdn_ledger_put_events(store, &events, 1, QDN_LEDGER_NEW, ptemp);
    return rv == APR_SUCCESS ? qdn_audit_extend(store, note->host, &e, 1, ptemp)
                             : rv;
}
