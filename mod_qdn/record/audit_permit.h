/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AUDIT_PERMIT_H
#define QDN_AUDIT_PERMIT_H

/*
 * Which members were erased on request: all that entries privacy.forgotten
 * name (erase.h). Whole entries are kept as ranges, so that years of
 * QDNRetention take little memory.
 */

#include "store.h"

typedef struct qdn_audit_permit_t qdn_audit_permit_t;

/* Read them, in p. APR_SUCCESS or APR_EGENERAL. */
apr_status_t qdn_audit_permit_read(qdn_store_t *store,
                                   qdn_audit_permit_t **ppermit, apr_pool_t *p);

/* May this member be gone? name is its JSON text without quotes. */
int qdn_audit_permits(const qdn_audit_permit_t *permit, const char *host,
                      apr_int64_t seq, const char *name, apr_pool_t *ptemp);

#endif
