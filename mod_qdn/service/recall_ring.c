/* SPDX-License-Identifier: Apache-2.0 */
#include "recall_ring.h"

#include <string.h>

#define WORD       sizeof(apr_uint64_t)
#define WORDS(len) (((len) + WORD - 1) / WORD)
#define LEN_BITS   13 /* of `where`; the rest is the place */
#define LEN_MASK   ((1u << LEN_BITS) - 1)
#define RECORD_MAX (1 + WORDS(QDN_RECALL_RING_MAX)) /* words */

/*
 * All words are read and written atomically, in order: what a reader copies
 * while somebody overwrites it is then a mixture of words, and its sum shows.
 */
struct qdn_recall_ring_t {
    apr_uint64_t head; /* words handed out since the start */
    apr_uint64_t size; /* words */
    apr_uint64_t words[];
};

static apr_uint64_t load(const apr_uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(apr_uint64_t *word, apr_uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static apr_uint64_t mix(apr_uint64_t sum, apr_uint64_t word)
{
    /* The golden ratio: odd, and its bits are well spread. */
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;
    return sum ^ sum >> 32;
}

static apr_uint64_t first_sum(const apr_uint64_t key[2], apr_uint64_t where)
{
    return mix(mix(mix(1, key[0]), key[1]), where);
}

static apr_uint64_t words_for(apr_uint64_t count, apr_size_t mean)
{
    apr_uint64_t words = count * (1 + WORDS(mean));

    return words > RECORD_MAX ? words : RECORD_MAX;
}

apr_size_t qdn_recall_ring_size(apr_uint64_t count, apr_size_t mean)
{
    return sizeof(qdn_recall_ring_t) + words_for(count, mean) * WORD;
}

qdn_recall_ring_t *qdn_recall_ring_init(void *memory, apr_uint64_t count,
                                        apr_size_t mean)
{
    qdn_recall_ring_t *ring = memory;

    ring->size = words_for(count, mean);
    return ring;
}

/* Place for so many words in a row. */
static apr_uint64_t reserve(qdn_recall_ring_t *ring, apr_uint64_t words)
{
    apr_uint64_t head = load(&ring->head);
    apr_uint64_t start;

    do {
        apr_uint64_t rest = ring->size - head % ring->size;

        start = rest < words ? head + rest : head;
    } while (!__atomic_compare_exchange_n(&ring->head, &head, start + words, 1,
                                          __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE));
    return start;
}

apr_uint64_t qdn_recall_ring_write(qdn_recall_ring_t *ring,
                                   const apr_uint64_t key[2], const void *value,
                                   apr_size_t len)
{
    apr_uint64_t start = reserve(ring, 1 + WORDS(len));
    apr_uint64_t where = start << LEN_BITS | len;
    apr_uint64_t sum = first_sum(key, where);
    apr_uint64_t *record = ring->words + start % ring->size;
    apr_size_t at;

    for (at = 0; at < len; at += WORD) {
        apr_size_t n = len - at < WORD ? len - at : WORD;
        apr_uint64_t word = 0;

        memcpy(&word, (const char *)value + at, n);
        sum = mix(sum, word);
        store(&record[1 + at / WORD], word);
    }
    store(record, sum);
    return where;
}

apr_size_t qdn_recall_ring_len(apr_uint64_t where)
{
    return where & LEN_MASK;
}

int qdn_recall_ring_read(const qdn_recall_ring_t *ring,
                         const apr_uint64_t key[2], apr_uint64_t where,
                         void *value)
{
    apr_uint64_t start = (where >> LEN_BITS) % ring->size;
    apr_uint64_t sum = first_sum(key, where);
    const apr_uint64_t *record = ring->words + start;
    apr_size_t len = qdn_recall_ring_len(where);
    apr_size_t at;

    if (start + 1 + WORDS(len) > ring->size) {
        return 0;
    }
    for (at = 0; at < len; at += WORD) {
        apr_size_t n = len - at < WORD ? len - at : WORD;
        apr_uint64_t word = load(&record[1 + at / WORD]);

        memcpy((char *)value + at, &word, n);
        sum = mix(sum, word);
    }
    return sum == load(record);
}
