/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_EXACT_POOL_H
#define QDN_EXACT_POOL_H

/*
 * APR cuts what it hands out from large blocks, and in a block no sanitizer
 * sees an overflow. A program that includes this (in one of its files) has an
 * apr_palloc, also for libapr's own calls, that makes each piece of the exact
 * pool and of its children a block by itself. Only apr_psprintf still writes
 * straight into the pool's blocks.
 */

#include <apr_pools.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

/* Other pools outlive an input, and libapr's mmap hides them from LSan. */
static apr_pool_t *exact_pool;

static apr_status_t exact_free(void *piece)
{
    free(piece);
    return APR_SUCCESS;
}

/* libapr's own. RTLD_NEXT needs _GNU_SOURCE, which APR's flags define; dlsym
 * gives an object pointer, which C does not convert. */
static void *exact_original(apr_pool_t *p, apr_size_t size)
{
    static void *(*original)(apr_pool_t *, apr_size_t);
    void *symbol;

    if (!original) {
        symbol = dlsym(RTLD_NEXT, "apr_palloc");
        memcpy(&original, &symbol, sizeof(original));
    }
    return original(p, size);
}

void *apr_palloc(apr_pool_t *p, apr_size_t size)
{
    static int registering; /* a cleanup is a piece of the pool, too */
    void *piece;

    if (registering || !exact_pool ||
        (p != exact_pool && apr_pool_parent_get(p) != exact_pool)) {
        return exact_original(p, size);
    }
    piece = malloc(size);
    if (!piece) {
        abort();
    }
    registering = 1;
    apr_pool_cleanup_register(p, piece, exact_free, apr_pool_cleanup_null);
    registering = 0;
    return piece;
}

#endif
