/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PAST_H
#define QDN_PAST_H

/* A stored call as replay needs it. */

#include <apr_tables.h>
#include "store.h"

typedef struct qdn_past_t {
    const char *call_sid;
    const char *config;        /* revision of the plan that decided */
    apr_array_header_t *lines; /* of qdn_story_line_t: what was decided */
    const char *request;       /* {"ask":"replay",...}, see foretell.h */
    int open; /* 1: nobody knows how the last hop ended; the request says
               * caller-gone of it, so that the answer ends there, too */
} qdn_past_t;

/*
 * NULL, and *ppast in p; or a sentence: there is no such call, it was for no
 * line, the database does not say.
 */
const char *qdn_past_read(qdn_past_t *ppast, qdn_store_t *store,
                          const char *call_sid, apr_pool_t *p);

#endif
