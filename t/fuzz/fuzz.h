/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FUZZ_H
#define QDN_FUZZ_H

/*
 * What every fuzz target needs: a pool for one input, and a way to object.
 * Only one file of a program may include it.
 */

#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "exact_pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unlike assert() in every build. */
#define FUZZ_CHECK(truth)                                                      \
    do {                                                                       \
        if (!(truth)) {                                                        \
            fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__,       \
                    #truth);                                                   \
            abort();                                                           \
        }                                                                      \
    } while (0)

/* Destroy it at the end of the input. */
static inline apr_pool_t *fuzz_pool(void)
{
    apr_pool_t *pool;

    /* Counted by APR: only the first does something. */
    apr_initialize();
    FUZZ_CHECK(apr_pool_create(&pool, NULL) == APR_SUCCESS);
    exact_pool = pool;
    return pool;
}

/* The input as a string; what stands behind a NUL byte is not seen. */
static inline const char *fuzz_text(const uint8_t *data, size_t size,
                                    apr_pool_t *pool)
{
    return apr_pstrmemdup(pool, (const char *)data, size);
}

/* Cut the first line off *prest, which may then be "". */
static inline const char *fuzz_line(const char **prest, apr_pool_t *pool)
{
    const char *line = *prest;
    size_t n = strcspn(line, "\n");

    *prest = line + n + (line[n] == '\n');
    return apr_pstrmemdup(pool, line, n);
}

#endif
