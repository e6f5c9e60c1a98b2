/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include "parse.h"
#include "setter.h"

#define LOGIN_BYTES 128 /* of a name; it is kept with what its owner changes */

/* What httpd's authentication may call somebody. */
static const char *login_refuse(const char *name, apr_pool_t *p)
{
    const char *s = name;

    while (*s && !apr_iscntrl(*s)) {
        s++;
    }
    if (*name && !*s && strlen(name) <= LOGIN_BYTES) {
        return NULL;
    }
    return apr_psprintf(p,
                        "'%s' is no login; accepted are names of 1 to %d "
                        "bytes without control characters, as httpd's "
                        "authentication knows them",
                        name, LOGIN_BYTES);
}

static const char *add_logins(qdn_builder_t *b, const apr_array_header_t *words,
                              apr_array_header_t *logins)
{
    int i;

    for (i = 0; i < words->nelts; i++) {
        const char *error = login_refuse(QDN_WORD(words, i), b->pool);

        if (error) {
            return error;
        }
        APR_ARRAY_PUSH(logins, const char *) = QDN_WORD(words, i);
    }
    return NULL;
}

const char *qdn_add_login(qdn_builder_t *b, const apr_array_header_t *words)
{
    int i;

    for (i = 0; i < words->nelts; i++) {
        if (!strcmp(QDN_WORD(words, i), "*")) {
            return "'*' is not one person; name who may log in as this "
                   "operator, or use QDNAdmin * to let everybody change "
                   "everything";
        }
    }
    return add_logins(b, words, b->op->logins);
}

const char *qdn_add_admin(qdn_builder_t *b, const apr_array_header_t *words)
{
    b->plan->admins_origin = b->origin;
    return add_logins(b, words, b->plan->admins);
}

const char *qdn_add_viewer(qdn_builder_t *b, const apr_array_header_t *words)
{
    b->plan->viewers_origin = b->origin;
    return add_logins(b, words, b->plan->viewers);
}

const char *qdn_set_mask_numbers(qdn_builder_t *b,
                                 const apr_array_header_t *words)
{
    return qdn_parse_flag(QDN_WORD(words, 0), &b->plan->mask_numbers, b->pool);
}
