/* SPDX-License-Identifier: Apache-2.0 */
#include "counter.h"

#include <stddef.h>

static const char *const names[QDN_COUNTER_MAX] = {
#define X(id, name) [QDN_COUNT_##id] = name,
    QDN_COUNTERS(X)
#undef X
};

/*
 * Relaxed: a counter orders nothing, and a reader that sees one event late
 * reads it the next time.
 */
void qdn_counter_add(qdn_counters_t *c, qdn_counter_e which, apr_uint64_t n)
{
    if (c) {
        __atomic_fetch_add(&c->value[which], n, __ATOMIC_RELAXED);
    }
}

apr_uint64_t qdn_counter_get(const qdn_counters_t *c, qdn_counter_e which)
{
    return c ? __atomic_load_n(&c->value[which], __ATOMIC_RELAXED) : 0;
}

const char *qdn_counter_name(qdn_counter_e which)
{
    return names[which];
}
