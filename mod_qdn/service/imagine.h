/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_IMAGINE_H
#define QDN_IMAGINE_H

/* The webhook of a call that was never made, for the rules to judge. */

#include "fiction.h"
#include "foretell.h"

/* From fictional numbers: in nobody's list, and no line of ours. */
#define QDN_IMAGINE_CALLER "+12025550187"

typedef struct qdn_imagined_t {
    const char *line;           /* number; NULL: the only one */
    const char *from;           /* as Twilio writes it; NULL: an ordinary one */
    const char *forwarded_from; /* or NULL */
    const char *stir;           /* StirVerstat, or NULL */
    apr_time_t at;
} qdn_imagined_t;

/* That line, or for NULL the only one; NULL, or a sentence. */
const char *qdn_imagine_line(const qdn_plan_t *plan, const char *number,
                             const qdn_line_t **pline, apr_pool_t *p);

/*
 * The call as the cascade sees it, with the verdict of today's rules. NULL,
 * or a sentence: there is no such line, these values are no webhook.
 */
const char *qdn_imagine(const qdn_foretell_t *f, const qdn_imagined_t *what,
                        qdn_fiction_t *pfiction, apr_pool_t *p);

#endif
