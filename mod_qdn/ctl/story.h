/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STORY_H
#define QDN_STORY_H

/* A call's chain as the daemon tells it, for people to read. */

#include "command.h"

struct json_object;

/* "lines" of what would happen: array of qdn_story_line_t. */
typedef struct qdn_story_line_t {
    int after;          /* seconds since the call came in */
    int hop;            /* 0: none */
    const char *who;    /* "sergio/primary", NULL: the caller alone */
    const char *kind;   /* of the event that it would be */
    const char *reason; /* likewise */
    const char *what;   /* a sentence, see sentence.h */
} qdn_story_line_t;

/* "scenes" of explain and replay (foretell.h), in p. */
apr_array_header_t *qdn_story_read(struct json_object *answer, apr_pool_t *p);

/* "sergio/primary is skipped: ..." of a choice in a span of sweep, in p. */
const char *qdn_story_choice(struct json_object *choice,
                             struct json_object *span, apr_pool_t *p);

/* What is known, from where: "calendar google:..., 42 s old"; NULL: nothing. */
const char *qdn_story_source(struct json_object *holder, apr_pool_t *p);

#endif
