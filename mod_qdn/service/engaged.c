/* SPDX-License-Identifier: Apache-2.0 */
#include "engaged.h"

/*
 * Talks lie in buckets of WAYS, chosen by operator. Everything is a 64-bit
 * word, read and written atomically; a talk's place changes hands only by
 * compare-and-swap of `until`.
 */

#define WAYS     8
#define GIVEN_UP apr_time_from_sec(2) /* for a writer that has died */

typedef struct talk_t {
    apr_int64_t until; /* 0: free; negative: written since minus that */
    apr_int64_t since;
    apr_uint64_t operator, call; /* hashes */
} talk_t;

struct qdn_engaged_t {
    apr_uint64_t buckets;
    talk_t talks[];
};

static apr_int64_t load(const apr_int64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static apr_uint64_t loadu(const apr_uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_SEQ_CST);
}

static int swap(apr_int64_t *word, apr_int64_t from, apr_int64_t to)
{
    return __atomic_compare_exchange_n(word, &from, to, 0, __ATOMIC_SEQ_CST,
                                       __ATOMIC_SEQ_CST);
}

/* FNV-1a with 64 bits: two people with one hash are not to be expected. */
static apr_uint64_t hash_of(const char *s)
{
    apr_uint64_t hash = 14695981039346656037u;

    for (; *s; s++) {
        hash = (hash ^ (unsigned char)*s) * 1099511628211u;
    }
    return hash;
}

static apr_uint64_t bucket_count(int talks)
{
    return talks > WAYS ? ((apr_uint64_t)talks + WAYS - 1) / WAYS : 1;
}

apr_size_t qdn_engaged_size(int talks)
{
    return sizeof(qdn_engaged_t) + bucket_count(talks) * WAYS * sizeof(talk_t);
}

qdn_engaged_t *qdn_engaged_init(void *memory, int talks)
{
    qdn_engaged_t *engaged = memory;

    engaged->buckets = bucket_count(talks);
    return engaged;
}

/* Does it count at that moment? */
static int runs(apr_int64_t until, apr_time_t now)
{
    return until > now;
}

/* May another talk take the place? */
static int vacant(apr_int64_t until, apr_time_t now)
{
    apr_int64_t age = now + until; /* of what is being written */

    return until >= 0 ? !runs(until, now) : age > GIVEN_UP || age < -GIVEN_UP;
}

static apr_uint64_t first_of(const qdn_engaged_t *engaged, apr_uint64_t hash)
{
    /* The low bits of FNV are its best ones, the high ones its worst. */
    return hash % engaged->buckets * WAYS;
}

/* A free place, else that of the talk that has lasted longest. */
static talk_t *find_place(talk_t *bucket, apr_time_t now, apr_int64_t *puntil)
{
    talk_t *talk, *oldest = NULL;

    for (talk = bucket; talk < bucket + WAYS; talk++) {
        *puntil = load(&talk->until);
        if (vacant(*puntil, now)) {
            return talk;
        }
        if (*puntil > 0 &&
            (!oldest || load(&talk->since) < load(&oldest->since))) {
            oldest = talk;
        }
    }
    if (oldest) {
        *puntil = load(&oldest->until);
    }
    return oldest;
}

static int noted(const talk_t *bucket, apr_uint64_t operator, apr_uint64_t call,
                 apr_time_t now)
{
    const talk_t *talk;

    for (talk = bucket; talk < bucket + WAYS; talk++) {
        if (runs(load(&talk->until), now) &&
            loadu(&talk->operator) == operator&& loadu(&talk->call) == call) {
            return 1;
        }
    }
    return 0;
}

void qdn_engaged_begin(qdn_engaged_t *talks, const char *operator,
                       const char * call_sid, apr_time_t now, apr_time_t until)
{
    apr_uint64_t who = hash_of(operator), call = hash_of(call_sid);
    talk_t *bucket, *talk;
    apr_int64_t before;
    int tries;

    if (!talks || until <= now) {
        return;
    }
    bucket = &talks->talks[first_of(talks, who)];
    if (noted(bucket, who, call, now)) {
        return;
    }
    for (tries = 0; tries < WAYS; tries++) {
        talk = find_place(bucket, now, &before);
        if (talk && swap(&talk->until, before, -now)) {
            __atomic_store_n(&talk->since, now, __ATOMIC_SEQ_CST);
            __atomic_store_n(&talk->operator, who, __ATOMIC_SEQ_CST);
            __atomic_store_n(&talk->call, call, __ATOMIC_SEQ_CST);
            (void)swap(&talk->until, -now, until);
            return;
        }
    }
}

void qdn_engaged_end(qdn_engaged_t *talks, const char *operator,
                     const char * call_sid)
{
    qdn_engaged_end_old(talks, operator, call_sid, APR_INT64_MAX);
}

void qdn_engaged_end_old(qdn_engaged_t *talks, const char *operator,
                         const char * call_sid, apr_time_t since)
{
    apr_uint64_t call = hash_of(call_sid), who = 0, i, end;

    if (!talks) {
        return;
    }
    i = 0;
    end = talks->buckets * WAYS;
    if (operator) {
        who = hash_of(operator);
        i = first_of(talks, who);
        end = i + WAYS;
    }
    for (; i < end; i++) {
        talk_t *talk = &talks->talks[i];
        apr_int64_t until = load(&talk->until);

        if (until > 0 && loadu(&talk->call) == call &&
            load(&talk->since) <= since &&
            (!operator|| loadu(&talk->operator) == who)) {
            (void)swap(&talk->until, until, 0);
        }
    }
}

int qdn_engaged_ask(const qdn_engaged_t *talks, const char *operator,
                    apr_time_t now, apr_time_t *psince)
{
    apr_uint64_t who;
    const talk_t *talk, *bucket;
    int found = 0;

    if (!talks) {
        return 0;
    }
    who = hash_of(operator);
    bucket = &talks->talks[first_of(talks, who)];
    for (talk = bucket; talk < bucket + WAYS; talk++) {
        apr_int64_t until = load(&talk->until);

        if (runs(until, now) && loadu(&talk->operator) == who) {
            apr_int64_t since = load(&talk->since);

            /* Still the same talk, and not one that took its place. */
            if (load(&talk->until) == until && (!found || since < *psince)) {
                *psince = since;
                found = 1;
            }
        }
    }
    return found;
}

int qdn_engaged_look(void *baton, const qdn_operator_t *op, apr_time_t now,
                     apr_time_t *psince)
{
    return qdn_engaged_ask(baton, op->id, now, psince);
}
