/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PRESENCE_H
#define QDN_PRESENCE_H

/* What a JSON document says of somebody's presence. Pure. */

#include <apr_tables.h>

#define QDN_PRESENCE_MAX  (1024 * 1024) /* bytes of the document */
#define QDN_PRESENCE_WORD 64            /* bytes of the word that is kept */

/*
 * What stands at `pointer` (RFC 6901): a string, number, true or false, as
 * text into *pword (in p, cut where it is longer than QDN_PRESENCE_WORD);
 * *pavailable: is the whole of it one of `values` (of const char *)?
 * APR_SUCCESS, or QDN_EMALFORMED with a sentence in *perror: it is not JSON,
 * nothing stands there, or something else.
 */
apr_status_t qdn_presence_read(const char *text, apr_size_t len,
                               const char *pointer,
                               const apr_array_header_t *values,
                               int *pavailable, const char **pword,
                               const char **perror, apr_pool_t *p);

#endif
