/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What qdn_ics_spans makes of calendars, for recurrence.py. On standard input
 * any number of: a line "LENGTH FROM TO ZONE", then LENGTH bytes. For each,
 * lines "FROM TO TITLE", or "! sentence", then a line with a dot; all times
 * in seconds.
 */
#include <stdio.h>
#include <stdlib.h>

#include <apr_general.h>
#include <apr_pools.h>

#include "ics.h"

static void tell(const char *text, apr_size_t len, const qdn_ics_want_t *want,
                 apr_pool_t *p)
{
    const qdn_span_t *spans = NULL;
    const char *error = NULL;
    int i, n = 0;

    if (qdn_ics_spans(text, len, want, &spans, &n, &error, p)) {
        printf("! %s\n", error);
    }
    for (i = 0; i < n; i++) {
        printf("%" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %s\n",
               apr_time_sec(spans[i].from), apr_time_sec(spans[i].to),
               spans[i].title);
    }
    puts(".");
    fflush(stdout);
}

int main(void)
{
    unsigned long len;
    long long from, to;
    char zone[80];
    apr_pool_t *root, *p;

    apr_initialize();
    apr_pool_create(&root, NULL);
    apr_pool_create(&p, root);
    while (scanf("%lu %lld %lld %79s", &len, &from, &to, zone) == 4 &&
           getchar() == '\n' && len <= QDN_ICS_MAX) {
        char *text = malloc(len + 1);
        qdn_ics_want_t want = { .timezone = zone,
                                .busy_only = 1,
                                .titles = 1,
                                .from = apr_time_from_sec(from),
                                .to = apr_time_from_sec(to) };

        if (!text || fread(text, 1, len, stdin) != len) {
            return 1;
        }
        text[len] = '\0';
        tell(text, len, &want, p);
        free(text);
        apr_pool_clear(p);
    }
    apr_pool_destroy(root);
    apr_terminate();
    return 0;
}
