/* SPDX-License-Identifier: Apache-2.0 */
#include "ring.h"

#include <string.h>
#include <sys/mman.h>
#include "status.h"

#define ALIGN     ((apr_uint64_t)16)
#define GIVE_BACK ((apr_uint64_t)256 * 1024) /* bytes */

/*
 * Before each unit; 16 bytes, so that one always fits before the ring's end.
 * `ready` is stored last: until then it is 0, since released space is zeroed.
 */
typedef struct unit_t {
    apr_uint32_t ready; /* 0, UNIT_DATA or UNIT_SKIP */
    apr_uint32_t len;   /* of the data; SKIP: 0 */
    apr_uint64_t span;  /* header, data and alignment */
} unit_t;

enum { UNIT_DATA = 1, UNIT_SKIP = 2 };

_Static_assert(sizeof(unit_t) == 16, "a header must fill one ALIGN");

void qdn_ring_init(qdn_ring_t *ring, void *bytes, apr_size_t size)
{
    memset(ring, 0, sizeof(*ring));
    ring->bytes = bytes;
    ring->size = size;
    ring->chunk = size / 4 < GIVE_BACK ? size / 4 : GIVE_BACK;
}

static unit_t *unit_at(const qdn_ring_t *ring, apr_uint64_t position)
{
    return (unit_t *)(void *)(ring->bytes + (position & (ring->size - 1)));
}

apr_uint64_t qdn_ring_released(const qdn_ring_t *ring)
{
    return __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);
}

static void publish(unit_t *unit, apr_uint32_t ready, apr_uint64_t span,
                    apr_size_t len)
{
    unit->len = (apr_uint32_t)len;
    unit->span = span;
    __atomic_store_n(&unit->ready, ready, __ATOMIC_RELEASE);
}

apr_status_t qdn_ring_put(qdn_ring_t *ring, const void *data, apr_size_t len,
                          apr_uint64_t *pend)
{
    apr_uint64_t span = (sizeof(unit_t) + len + ALIGN - 1) & ~(ALIGN - 1);
    apr_uint64_t at = __atomic_load_n(&ring->tail, __ATOMIC_RELAXED);
    apr_uint64_t skip, end;

    if (len > ring->size / 4) {
        return QDN_EFULL;
    }
    do {
        apr_uint64_t left = ring->size - (at & (ring->size - 1));

        /* A unit lies in one piece: what is left at the end is skipped. */
        skip = left < span ? left : 0;
        end = at + skip + span;
        /*
         * Signed: `freed` may have passed a stale `at` since it was read.
         * Such an `at` is refused below, and is not a full ring.
         */
        if ((apr_int64_t)(end -
                          __atomic_load_n(&ring->freed, __ATOMIC_ACQUIRE)) >
            (apr_int64_t)ring->size) {
            return QDN_EFULL;
        }
    } while (!__atomic_compare_exchange_n(&ring->tail, &at, end, 1,
                                          __ATOMIC_ACQ_REL, __ATOMIC_RELAXED));
    if (skip) {
        publish(unit_at(ring, at), UNIT_SKIP, skip, 0);
        at += skip;
    }
    memcpy(unit_at(ring, at) + 1, data, len);
    publish(unit_at(ring, at), UNIT_DATA, span, len);
    *pend = end;
    return APR_SUCCESS;
}

int qdn_ring_take(const qdn_ring_t *ring, apr_uint64_t *pat, struct iovec *iov,
                  int max)
{
    apr_uint64_t tail = __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE);
    int n = 0;

    while (n < max && *pat < tail) {
        unit_t *unit = unit_at(ring, *pat);
        apr_uint32_t ready = __atomic_load_n(&unit->ready, __ATOMIC_ACQUIRE);

        if (!ready) {
            break;
        }
        if (ready == UNIT_DATA) {
            iov[n++] =
                (struct iovec){ .iov_base = unit + 1, .iov_len = unit->len };
        }
        *pat += unit->span;
    }
    return n;
}

/*
 * A ring is walked through from end to end, so every child would come to own
 * all of its pages. The kernel takes those of a chunk back and gives zeroed
 * ones for them.
 */
static void give_back(qdn_ring_t *ring)
{
    unit_t *chunk = unit_at(ring, ring->freed);

    if (ring->chunk < GIVE_BACK || madvise(chunk, ring->chunk, MADV_DONTNEED)) {
        memset(chunk, 0, ring->chunk);
    }
    __atomic_store_n(&ring->freed, ring->freed + ring->chunk, __ATOMIC_RELEASE);
}

void qdn_ring_release(qdn_ring_t *ring, apr_uint64_t end)
{
    __atomic_store_n(&ring->head, end, __ATOMIC_RELEASE);
    while (ring->freed + ring->chunk <= end) {
        give_back(ring);
    }
}
