/* SPDX-License-Identifier: Apache-2.0 */
#include "recall.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "clock.h"
#include "status.h"

/*
 * Entries lie in buckets of WAYS, chosen by key; values lie in the ring
 * behind them. Everything shared is a 64-bit word, read and written
 * atomically. An entry changes hands only by compare-and-swap of its stamp,
 * which names state, owner and time; that key and value belong together is
 * what the ring checks.
 */

#define WAYS        8
#define READ_TRIES  4
#define NAP_FIRST   1000 /* microseconds */
#define NAP_LONGEST 16000
#define SKEW        1000 /* milliseconds a stamp may lie ahead of our clock */

/*
 * Stamp: 40 bits of milliseconds, 2 of state, 22 of the owner's thread id
 * (PID_MAX_LIMIT), which kill() knows as well as that of a process.
 */
#define PID_BITS  22
#define TIME_BITS 24 /* where the time begins */
#define PID_MASK  ((1u << PID_BITS) - 1)

typedef enum {
    FREE,    /* nothing */
    WRITING, /* the owner writes the key */
    CLAIMED, /* the owner decides; others wait */
    DONE     /* has a value */
} state_e;

typedef struct entry_t {
    apr_uint64_t stamp;
    apr_uint64_t key[2];
    apr_uint64_t where; /* of the value in the ring */
} entry_t;

struct qdn_recall_t {
    qdn_recall_ring_t *ring; /* the same address in all forked processes */
    apr_uint64_t buckets;
    entry_t entries[]; /* then the ring */
};

/* One key on its way through the table. */
typedef struct lookup_t {
    qdn_recall_t *recall;
    apr_uint64_t key[2];
    entry_t *bucket;
    entry_t *entry; /* found or occupied, with the stamp it had then */
    apr_uint64_t stamp;
    pid_t self;
    apr_int64_t now; /* milliseconds */
} lookup_t;

/* How long a caller has waited. */
typedef struct patience_t {
    apr_interval_time_t until;
    apr_interval_time_t nap;
} patience_t;

static apr_uint64_t load(const apr_uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static void store(apr_uint64_t *word, apr_uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static int swap(apr_uint64_t *word, apr_uint64_t from, apr_uint64_t to)
{
    return __atomic_compare_exchange_n(word, &from, to, 0, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

static state_e state_of(apr_uint64_t stamp)
{
    return (state_e)(stamp >> PID_BITS & 3);
}

static pid_t owner_of(apr_uint64_t stamp)
{
    return (pid_t)(stamp & PID_MASK);
}

static apr_uint64_t restamp(apr_uint64_t stamp, state_e state)
{
    return (stamp & ~((apr_uint64_t)3 << PID_BITS)) | (apr_uint64_t)state
                                                          << PID_BITS;
}

static apr_uint64_t own_stamp(const lookup_t *l, state_e state)
{
    return (apr_uint64_t)l->now << TIME_BITS | (apr_uint64_t)state << PID_BITS |
           (apr_uint64_t)l->self;
}

static apr_int64_t age_of(const lookup_t *l, apr_uint64_t stamp)
{
    return l->now - (apr_int64_t)(stamp >> TIME_BITS);
}

/* Older than `limit` microseconds, or from a future that cannot be. */
static int outlived(const lookup_t *l, apr_uint64_t stamp,
                    apr_interval_time_t limit)
{
    apr_int64_t age = age_of(l, stamp);

    return age > apr_time_as_msec(limit) || age < -SKEW;
}

static int owner_dead(const lookup_t *l, apr_uint64_t stamp)
{
    pid_t owner = owner_of(stamp);

    return owner != l->self &&
           (owner == 0 || (kill(owner, 0) != 0 && errno == ESRCH));
}

/* Will whoever holds this entry never finish, as far as we can know? */
static int abandoned(const lookup_t *l, apr_uint64_t stamp)
{
    return (state_of(stamp) == CLAIMED &&
            outlived(l, stamp, QDN_RECALL_WAIT)) ||
           owner_dead(l, stamp);
}

/* 32 hex digits; 0 if it is something else. */
static int parse_key(const char *hex, apr_uint64_t key[2])
{
    char half[QDN_ID_HEX / 2 + 1] = "";
    int i;

    if (strspn(hex, "0123456789abcdefABCDEF") != QDN_ID_HEX ||
        hex[QDN_ID_HEX]) {
        return 0;
    }
    for (i = 0; i < 2; i++) {
        memcpy(half, hex + i * QDN_ID_HEX / 2, QDN_ID_HEX / 2);
        key[i] = strtoull(half, NULL, 16);
    }
    return 1;
}

static int look_up(lookup_t *l, qdn_recall_t *recall, const char *key)
{
    *l = (lookup_t){ .recall = recall };
    if (!recall || !parse_key(key, l->key)) {
        return 0;
    }
    l->bucket = &recall->entries[l->key[0] % recall->buckets * WAYS];
    l->self = gettid();
    l->now = apr_time_as_msec(qdn_clock_mono());
    return 1;
}

static int has_key(const lookup_t *l, const entry_t *e)
{
    return load(&e->key[0]) == l->key[0] && load(&e->key[1]) == l->key[1];
}

/*
 * Find the entry of this key that is claimed or done, other than `except`;
 * sets l->entry and l->stamp. 0 if there is none.
 */
static int find(lookup_t *l, const entry_t *except)
{
    entry_t *e;

    for (e = l->bucket; e < l->bucket + WAYS; e++) {
        apr_uint64_t stamp = load(&e->stamp);
        state_e state = state_of(stamp);

        if (e != except &&
            (state == CLAIMED ||
             (state == DONE && !outlived(l, stamp, QDN_RECALL_KEEP))) &&
            has_key(l, e)) {
            l->entry = e;
            l->stamp = stamp;
            return 1;
        }
    }
    return 0;
}

/* How gladly an entry is given up: -1 never, else the higher the sooner. */
static apr_int64_t worthless(const lookup_t *l, apr_uint64_t stamp)
{
    apr_int64_t age = age_of(l, stamp);

    switch (state_of(stamp)) {
    case FREE:
        return APR_INT64_MAX;
    case DONE:
        if (outlived(l, stamp, QDN_RECALL_KEEP)) {
            return APR_INT64_MAX;
        }
        return age > 0 ? age : 0;
    default:
        return abandoned(l, stamp) ? APR_INT64_MAX : -1;
    }
}

static int find_victim(lookup_t *l)
{
    apr_int64_t most = -1;
    entry_t *e;

    for (e = l->bucket; e < l->bucket + WAYS && most < APR_INT64_MAX; e++) {
        apr_uint64_t stamp = load(&e->stamp);
        apr_int64_t worth = worthless(l, stamp);

        if (worth > most) {
            most = worth;
            l->entry = e;
            l->stamp = stamp;
        }
    }
    return most >= 0;
}

/*
 * Make an entry of our own for a key that has none. Two that do so at once
 * take different entries, so each looks round once more after its claim can
 * be seen: in the single order of these accesses at least one of them sees
 * the other and withdraws. APR_SUCCESS, QDN_EFULL, APR_EAGAIN: start over.
 */
static apr_status_t occupy(lookup_t *l)
{
    apr_uint64_t claim = own_stamp(l, CLAIMED);
    entry_t *mine;

    if (!find_victim(l)) {
        return QDN_EFULL;
    }
    mine = l->entry;
    /* In a bucket full of copies of us: one was faster, and has answered. */
    if (state_of(l->stamp) == DONE && has_key(l, mine) &&
        !outlived(l, l->stamp, QDN_RECALL_KEEP)) {
        return APR_EAGAIN;
    }
    if (!swap(&mine->stamp, l->stamp, own_stamp(l, WRITING))) {
        return APR_EAGAIN;
    }
    store(&mine->key[0], l->key[0]);
    store(&mine->key[1], l->key[1]);
    __atomic_store_n(&mine->stamp, claim, __ATOMIC_SEQ_CST);
    if (find(l, mine)) {
        swap(&mine->stamp, claim, FREE);
        return APR_EAGAIN;
    }
    l->entry = mine;
    l->stamp = claim;
    return APR_SUCCESS;
}

/* Make the entry that was found ours. APR_SUCCESS, or APR_EAGAIN. */
static apr_status_t take_over(lookup_t *l)
{
    apr_uint64_t claim = own_stamp(l, CLAIMED);

    if (!swap(&l->entry->stamp, l->stamp, claim)) {
        return APR_EAGAIN;
    }
    l->stamp = claim;
    return APR_SUCCESS;
}

/*
 * Try to claim once. APR_SUCCESS, APR_EEXIST (l->entry is done), QDN_EFULL,
 * APR_EAGAIN: another has it.
 */
static apr_status_t attempt(lookup_t *l)
{
    l->now = apr_time_as_msec(qdn_clock_mono());
    if (!find(l, NULL)) {
        return occupy(l);
    }
    if (state_of(l->stamp) == DONE) {
        return APR_EEXIST;
    }
    return abandoned(l, l->stamp) ? take_over(l) : APR_EAGAIN;
}

/* Sleep a little; 0 once QDN_RECALL_WAIT is over. */
static int wait_more(patience_t *patience)
{
    apr_interval_time_t now = qdn_clock_mono();
    apr_interval_time_t rest;

    if (!patience->nap) {
        patience->until = now + QDN_RECALL_WAIT;
        patience->nap = NAP_FIRST;
    }
    rest = patience->until - now;
    if (rest <= 0) {
        return 0;
    }
    apr_sleep(patience->nap < rest ? patience->nap : rest);
    if (patience->nap < NAP_LONGEST) {
        patience->nap *= 2;
    }
    return 1;
}

static apr_uint64_t bucket_count(int slots)
{
    return slots > WAYS ? ((apr_uint64_t)slots + WAYS - 1) / WAYS : 1;
}

apr_size_t qdn_recall_size(int slots, apr_size_t mean)
{
    apr_uint64_t count = bucket_count(slots) * WAYS;

    return sizeof(qdn_recall_t) + count * sizeof(entry_t) +
           qdn_recall_ring_size(count, mean);
}

qdn_recall_t *qdn_recall_init(void *memory, int slots, apr_size_t mean)
{
    qdn_recall_t *recall = memory;
    apr_uint64_t count = bucket_count(slots) * WAYS;

    recall->buckets = bucket_count(slots);
    recall->ring = qdn_recall_ring_init(&recall->entries[count], count, mean);
    return recall;
}

/* The value of the entry that was found, copied to p. */
static int recollect(const lookup_t *l, const char **pvalue, apr_size_t *plen,
                     apr_pool_t *p)
{
    apr_uint64_t where = load(&l->entry->where);
    apr_size_t len = qdn_recall_ring_len(where);
    char *value = apr_palloc(p, len + 1);

    if (!qdn_recall_ring_read(l->recall->ring, l->key, where, value)) {
        return 0;
    }
    value[len] = '\0';
    *pvalue = value;
    *plen = len;
    return 1;
}

apr_status_t qdn_recall_claim(qdn_recall_t *recall, const char *key,
                              const char **pvalue, apr_size_t *plen,
                              apr_pool_t *p)
{
    patience_t patience = { .nap = 0 };
    apr_status_t rv;
    lookup_t l;

    if (!look_up(&l, recall, key)) {
        return QDN_EFULL;
    }
    do {
        rv = attempt(&l);
        if (rv == APR_EEXIST && !recollect(&l, pvalue, plen, p)) {
            rv = take_over(&l); /* the ring has gone over its value */
        }
        if (rv != APR_EAGAIN) {
            return rv;
        }
    } while (wait_more(&patience));
    return APR_TIMEUP;
}

/*
 * The claim of this thread on the key. Others may stand beside it for a
 * moment, until they have seen it and withdraw.
 */
static int find_own_claim(lookup_t *l, qdn_recall_t *recall, const char *key)
{
    entry_t *e;

    if (!look_up(l, recall, key)) {
        return 0;
    }
    for (e = l->bucket; e < l->bucket + WAYS; e++) {
        l->entry = e;
        l->stamp = load(&e->stamp);
        if (state_of(l->stamp) == CLAIMED && owner_of(l->stamp) == l->self &&
            has_key(l, e)) {
            return 1;
        }
    }
    return 0;
}

void qdn_recall_put(qdn_recall_t *recall, const char *key, const void *value,
                    apr_size_t len)
{
    lookup_t l;

    if (len > QDN_RECALL_VALUE) {
        qdn_recall_drop(recall, key);
    }
    else if (find_own_claim(&l, recall, key)) {
        store(&l.entry->where,
              qdn_recall_ring_write(recall->ring, l.key, value, len));
        swap(&l.entry->stamp, l.stamp, restamp(l.stamp, DONE));
    }
}

void qdn_recall_drop(qdn_recall_t *recall, const char *key)
{
    lookup_t l;

    if (find_own_claim(&l, recall, key)) {
        swap(&l.entry->stamp, l.stamp, FREE);
    }
}

apr_status_t qdn_recall_set(qdn_recall_t *recall, const char *key,
                            const void *value, apr_size_t len)
{
    patience_t patience = { .nap = 0 };
    apr_status_t rv;
    lookup_t l;

    if (len > QDN_RECALL_VALUE) {
        return QDN_ETOOBIG;
    }
    if (!look_up(&l, recall, key)) {
        return QDN_EFULL;
    }
    do {
        rv = attempt(&l);
        if (rv == APR_SUCCESS || rv == APR_EEXIST) {
            store(&l.entry->where,
                  qdn_recall_ring_write(recall->ring, l.key, value, len));
            /* Also starts its quarter of an hour afresh. */
            if (swap(&l.entry->stamp, l.stamp, own_stamp(&l, DONE))) {
                return APR_SUCCESS;
            }
        }
    } while (rv != QDN_EFULL && wait_more(&patience));
    return QDN_EFULL;
}

apr_status_t qdn_recall_get(qdn_recall_t *recall, const char *key, void *value,
                            apr_size_t size, apr_size_t *plen)
{
    lookup_t l;
    int i;

    if (!look_up(&l, recall, key)) {
        return APR_NOTFOUND;
    }
    /* A value that is set anew while we read it is read again. */
    for (i = 0; i < READ_TRIES; i++) {
        apr_uint64_t where;

        if (!find(&l, NULL) || state_of(l.stamp) != DONE) {
            break;
        }
        where = load(&l.entry->where);
        *plen = qdn_recall_ring_len(where);
        if (*plen > size) {
            return QDN_ETOOBIG;
        }
        if (qdn_recall_ring_read(recall->ring, l.key, where, value)) {
            return APR_SUCCESS;
        }
    }
    return APR_NOTFOUND;
}
