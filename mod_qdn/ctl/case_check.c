/* SPDX-License-Identifier: Apache-2.0 */
#include "case_check.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

typedef struct check_t {
    const qdn_case_t *c;
    const qdn_transcript_t *t;
    apr_array_header_t *differences;
    apr_pool_t *pool;
} check_t;

static void differ(check_t *k, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void differ(check_t *k, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    APR_ARRAY_PUSH(k->differences, const char *) =
        apr_pvsprintf(k->pool, fmt, args);
    va_end(args);
}

static const char *dial_text(check_t *k, int ring,
                             const apr_array_header_t *numbers)
{
    return apr_psprintf(k->pool, "%ds %s", ring,
                        apr_array_pstrcat(k->pool, numbers, ' '));
}

static void check_dials(check_t *k)
{
    int i, n = k->c->dials->nelts, m = k->t->dials->nelts;

    for (i = 0; i < n || i < m; i++) {
        const char *want = "nobody", *got = "nobody";

        if (i < n) {
            const qdn_case_dial_t *d =
                APR_ARRAY_IDX(k->c->dials, i, qdn_case_dial_t *);

            want = dial_text(k, d->ring, d->numbers);
        }
        if (i < m) {
            const qdn_dialled_t *d =
                APR_ARRAY_IDX(k->t->dials, i, qdn_dialled_t *);

            got = dial_text(k, d->ring, d->numbers);
        }
        if (strcmp(want, got) != 0) {
            differ(k, "dial %d: expected %s, rung was %s", i + 1, want, got);
        }
    }
}

static int rings(const qdn_dialled_t *dial, const char *number)
{
    int i;

    for (i = 0; i < dial->numbers->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(dial->numbers, i, const char *), number) ==
            0) {
            return 1;
        }
    }
    return 0;
}

/*
 * A number may ring again only right after a hop in which somebody else
 * picked up, which cut its own ringing short.
 */
static int may_ring_again(const qdn_dialled_t *before, int adjacent,
                          const char *number)
{
    int i;

    for (i = 0; adjacent && before->picked && i < before->names->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(before->numbers, i, const char *), number) ==
            0) {
            return strcmp(APR_ARRAY_IDX(before->names, i, const char *),
                          before->picked) != 0;
        }
    }
    return 0;
}

static void check_nobody_twice(check_t *k)
{
    int i, j, n;

    for (i = 0; i < k->t->dials->nelts; i++) {
        const qdn_dialled_t *d = APR_ARRAY_IDX(k->t->dials, i, qdn_dialled_t *);

        for (n = 0; n < d->numbers->nelts; n++) {
            const char *number = APR_ARRAY_IDX(d->numbers, n, const char *);

            if (strcmp(number, k->t->from) == 0) {
                differ(k, "dial %d rings the caller", i + 1);
            }
            for (j = 0; j < i; j++) {
                const qdn_dialled_t *b =
                    APR_ARRAY_IDX(k->t->dials, j, qdn_dialled_t *);

                if (rings(b, number) &&
                    !may_ring_again(b, j == i - 1, number)) {
                    differ(k, "dial %d rings %s a second time", i + 1, number);
                }
            }
        }
    }
}

static void check_word(check_t *k, const char *key, const char *got)
{
    const char *want = apr_table_get(k->c->expected, key);

    if (want && strcmp(want, got ? got : "") != 0) {
        differ(k, "%s: expected \"%s\", it was \"%s\"", key, want,
               got ? got : "");
    }
}

static void check_complaints(check_t *k)
{
    int i;

    for (i = 0; i < k->t->complaints->list->nelts; i++) {
        const qdn_complaint_t *one =
            &APR_ARRAY_IDX(k->t->complaints->list, i, qdn_complaint_t);

        differ(k, "Twilio's error %d: %s", one->code, one->text);
    }
}

typedef struct match_t {
    const qdn_verb_t *verb;
    int fits;
} match_t;

static int has_attribute(void *baton, const char *name, const char *value)
{
    match_t *m = baton;

    m->fits = m->fits && strcmp(qdn_verb_get(m->verb, name, ""), value) == 0;
    return m->fits;
}

/* Is the fact's element this verb or one of its children? */
static int found_in(const qdn_case_fact_t *fact, const qdn_verb_t *verb)
{
    match_t m = { .verb = verb, .fits = 1 };
    int i;

    if (strcmp(fact->element, verb->name) == 0 &&
        (!fact->words || strstr(verb->text, fact->words))) {
        apr_table_do(has_attribute, &m, fact->attributes, NULL);
        if (m.fits) {
            return 1;
        }
    }
    for (i = 0; i < verb->children->nelts; i++) {
        if (found_in(fact, APR_ARRAY_IDX(verb->children, i, qdn_verb_t *))) {
            return 1;
        }
    }
    return 0;
}

static void check_fact(check_t *k, const qdn_case_fact_t *fact)
{
    int i, turn = 0, found = 0;

    for (i = 0; i < k->t->documents->nelts; i++) {
        const qdn_document_t *d =
            &APR_ARRAY_IDX(k->t->documents, i, qdn_document_t);

        if (strcmp(fact->step, "*") != 0 && strcmp(fact->step, d->step) != 0) {
            continue;
        }
        turn++;
        if (!fact->turn || fact->turn == turn) {
            found += found_in(fact, d->root);
        }
    }
    if (turn < fact->turn || turn == 0) {
        differ(k, "%s: there was no such document", fact->text);
    }
    else if ((found > 0) == fact->absent) {
        differ(k, "%s: %s", fact->text,
               fact->absent ? "it is there" : "it is not there");
    }
}

int qdn_case_check(const qdn_case_t *c, const qdn_transcript_t *t,
                   apr_array_header_t *differences, apr_pool_t *p)
{
    check_t k = { c, t, differences, p };
    int i, before = differences->nelts;

    check_complaints(&k);
    check_dials(&k);
    check_nobody_twice(&k);
    check_word(&k, "outcome", t->outcome);
    check_word(&k, "answered_by", t->answered_by);
    check_word(&k, "call_status", t->call_status);
    check_word(&k, "message", apr_itoa(p, t->message));
    for (i = 0; i < c->facts->nelts; i++) {
        check_fact(&k, APR_ARRAY_IDX(c->facts, i, qdn_case_fact_t *));
    }
    return differences->nelts - before;
}

static int is_end(const char *event)
{
    return strncmp(event, "call.ended", 10) == 0;
}

/* Events of the callees' legs only where the case asks for them. */
static int is_shown(const check_t *k, const char *event)
{
    return strncmp(event, "leg.", 4) != 0 ||
           apr_table_get(k->c->expected, "legs") != NULL;
}

static apr_array_header_t *
to_compare(const check_t *k, const apr_array_header_t *events, int loose)
{
    apr_array_header_t *list =
        apr_array_make(k->pool, events->nelts + 1, sizeof(const char *));
    int i, ended = 0;

    for (i = 0; i < events->nelts; i++) {
        const char *event = APR_ARRAY_IDX(events, i, const char *);

        if (loose && is_end(event)) {
            ended++;
        }
        else if (is_shown(k, event)) {
            APR_ARRAY_PUSH(list, const char *) = event;
        }
    }
    if (loose) {
        APR_ARRAY_PUSH(list, const char *) =
            apr_psprintf(k->pool, "%d times call.ended", ended);
    }
    return list;
}

int qdn_case_check_events(const qdn_case_t *c, const apr_array_header_t *events,
                          int loose, apr_array_header_t *differences,
                          apr_pool_t *p)
{
    check_t k = { c, NULL, differences, p };
    apr_array_header_t *want = to_compare(&k, c->events, loose);
    apr_array_header_t *got = to_compare(&k, events, loose);
    int i, before = differences->nelts;

    for (i = 0; i < want->nelts || i < got->nelts; i++) {
        const char *w =
            i < want->nelts ? APR_ARRAY_IDX(want, i, const char *) : "nothing";
        const char *g =
            i < got->nelts ? APR_ARRAY_IDX(got, i, const char *) : "nothing";

        if (strcmp(w, g) != 0) {
            differ(&k, "event %d: expected \"%s\", kept was \"%s\"", i + 1, w,
                   g);
        }
    }
    return differences->nelts - before;
}
