/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STATUS_H
#define QDN_STATUS_H

/*
 * Our own values of apr_status_t, for what APR has no name. Every failing
 * function of libqdn returns an apr_status_t; where a person must understand
 * the failure, a `const char **perror` receives one sentence that says what
 * is wrong and what to do. It is set if and only if the status is not
 * APR_SUCCESS, and lives in the pool that was passed.
 */

#include <apr_errno.h>

#define QDN_STATUS_BASE (APR_OS_START_USERERR + 4000)

/* The input is not of the form that its contract asks for. */
#define QDN_EMALFORMED (QDN_STATUS_BASE + 1)
/* Well-formed, but not allowed: a signature, an account, a file's mode. */
#define QDN_EFORBIDDEN (QDN_STATUS_BASE + 2)
/* Larger than the documented bound. */
#define QDN_ETOOBIG (QDN_STATUS_BASE + 3)
/* A bounded store is full; the caller may retry or count the loss. */
#define QDN_EFULL (QDN_STATUS_BASE + 4)
/* The other side understood and said no (a row that SQL does not take). */
#define QDN_EREFUSED (QDN_STATUS_BASE + 5)
/* The thing exists already, or another instance holds it. */
#define QDN_ECONFLICT (QDN_STATUS_BASE + 6)
/* A mandatory part is missing (a credential, a directive). */
#define QDN_EMISSING (QDN_STATUS_BASE + 7)

/* Like apr_strerror, and knows the values above. Returns buf. */
char *qdn_strerror(apr_status_t status, char *buf, apr_size_t size);

#endif
