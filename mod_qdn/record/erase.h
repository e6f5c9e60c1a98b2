/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_ERASE_H
#define QDN_ERASE_H

/*
 * Members of audited events are taken away so that the proof holds: value
 * and salt go, and an entry privacy.forgotten of the same transaction names
 * them. Its detail: {"entries":["HOST/SEQ/MEMBER",...],"calls":N,"events":N}
 * and "who" and "why", or, if it is QDNRetention's, "keep_days". MEMBER is an
 * asterisk where all went.
 */

#include <apr_tables.h>
#include "store.h"

/* An entry with its event, texts as in SQL. */
typedef struct qdn_erase_entry_t {
    const char *host;
    const char *seq;
    const char *event_id;
    const char *salts;
    const char *detail;
} qdn_erase_entry_t;

/*
 * In the transaction that is open: take out the members in which `number`
 * stands (NULL: all of them). Appends to names (const char *). APR_SUCCESS or
 * APR_EGENERAL.
 */
apr_status_t qdn_erase_members(qdn_store_t *store,
                               const qdn_erase_entry_t *entry,
                               const char *number, apr_array_header_t *names,
                               apr_pool_t *ptemp);

typedef struct qdn_erase_note_t {
    const char *host; /* whose chain gets it */
    apr_time_t now;
    const apr_array_header_t *names; /* see above */
    apr_int64_t calls;               /* that lose their caller */
    apr_int64_t events;              /* whose detail loses something */
    const char *who, *why;
    apr_interval_time_t keep; /* QDNRetention, if who is NULL */
} qdn_erase_note_t;

/* Write privacy.forgotten and its entry. As qdn_audit_extend. */
apr_status_t qdn_erase_tell(qdn_store_t *store, const qdn_erase_note_t *note,
                            apr_pool_t *ptemp);

#endif
