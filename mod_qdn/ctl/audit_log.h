/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_AUDIT_LOG_H
#define QDN_AUDIT_LOG_H

/* Heads of the audit's chains as httpd's error log tells them (herald.h). */

#include <apr_tables.h>

/*
 * Append those of a log (qdn_audit_head_t, each once) to heads; a name that
 * ends with .gz is read through gzip. NULL, or a sentence in p.
 */
const char *qdn_audit_log_read(apr_array_header_t *heads, const char *path,
                               apr_pool_t *p);

#endif
