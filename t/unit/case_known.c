/* SPDX-License-Identifier: Apache-2.0 */
#include "case_known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "feed.h"

typedef struct picture_t {
    const qdn_case_t *c;
    const qdn_plan_t *plan;
    apr_pool_t *pool;
    qdn_finding_t *findings;    /* one per feed of the plan */
    apr_array_header_t **spans; /* likewise, of qdn_span_t */
    apr_array_header_t **days;  /* likewise, of int */
    apr_array_header_t *standings, *talks;
} picture_t;

static const char *next_word(char **ptext)
{
    char *word = *ptext + strspn(*ptext, " ");
    char *end = word + strcspn(word, " ");

    *ptext = *end ? end + 1 : end;
    *end = '\0';
    return word;
}

/* "+90m", "-1h", "20s", "2d", from the call's moment on. */
static apr_time_t moment(const picture_t *x, const char *text)
{
    static const char units[] = "smhd";
    static const int seconds[] = { 1, 60, 3600, 86400 };
    char *unit;
    long n = strtol(text, &unit, 10);
    const char *at = *unit ? strchr(units, *unit) : NULL;

    if (!at || unit[1] || unit == text) {
        fail_msg("%s: [availability] \"%s\" is no time", x->c->path, text);
        return 0;
    }
    return x->c->play.at + apr_time_from_sec(n * seconds[at - units]);
}

static void know_feed(picture_t *x, int i, char *what)
{
    qdn_finding_t *f = &x->findings[i];
    const char *word = next_word(&what);

    f->asked_at = f->good_at = x->c->play.at - apr_time_from_sec(10);
    f->from = x->c->play.at - QDN_FINDING_BEHIND;
    f->to = x->c->play.at + QDN_FINDING_AHEAD;
    if (strcmp(word, "busy") == 0 || strcmp(word, "on") == 0) {
        qdn_span_t *span = apr_array_push(x->spans[i]);

        span->from = moment(x, next_word(&what));
        span->to = moment(x, next_word(&what));
        span->title = what;
    }
    else if (strcmp(word, "days") == 0) {
        while (*what) {
            APR_ARRAY_PUSH(x->days[i], int) = atoi(next_word(&what));
        }
    }
    else if (strcmp(word, "here") == 0 || strcmp(word, "gone") == 0) {
        f->available = *word == 'h';
        f->word = what;
    }
    else if (strcmp(word, "stale") == 0) {
        f->good_at = 2 * x->c->play.at - moment(x, next_word(&what));
        f->error = what;
    }
    else if (strcmp(word, "error") == 0) {
        f->good_at = 0;
        f->error = what;
    }
    else if (strcmp(word, "free") != 0 && strcmp(word, "off") != 0) {
        fail_msg("%s: [availability] %s of a feed", x->c->path, word);
    }
}

static void know_operator(picture_t *x, char *name, char *what)
{
    const char *id = next_word(&name), *word = next_word(&what);
    int state = qdn_standing_find(word);

    if (!qdn_plan_operator(x->plan, id)) {
        fail_msg("%s: [availability] who is %s?", x->c->path, id);
    }
    if (strcmp(word, "talks") == 0) {
        APR_ARRAY_PUSH(x->talks, qdn_talk_t) =
            (qdn_talk_t){ id, "CA1", "host-z", x->c->play.at,
                          moment(x, next_word(&what)) };
    }
    else if (state >= 0) {
        APR_ARRAY_PUSH(x->standings, qdn_standing_t) = (qdn_standing_t){
            .operator= id,
            .line = *name ? name : NULL,
            .state = (qdn_standing_e)state,
            .at = x->c->play.at - apr_time_from_sec(60),
            .until = *what ? moment(x, what) : 0,
            .who = "case",
            .why = "because",
        };
    }
    else {
        fail_msg("%s: [availability] %s of an operator", x->c->path, word);
    }
}

static void know(picture_t *x, const qdn_case_known_t *known)
{
    const apr_array_header_t *feeds = x->plan->feeds;
    char *what = apr_pstrdup(x->pool, known->what);
    int i, found = 0;

    if (!strchr(known->name, ':')) {
        know_operator(x, apr_pstrdup(x->pool, known->name), what);
        return;
    }
    for (i = 0; i < feeds->nelts; i++) {
        const qdn_feed_t *feed = APR_ARRAY_IDX(feeds, i, const qdn_feed_t *);

        if (strcmp(qdn_feed_name(feed, x->pool), known->name) == 0) {
            know_feed(x, i, what);
            found = 1;
        }
    }
    if (!found) {
        fail_msg("%s: [availability] no feed is called %s", x->c->path,
                 known->name);
    }
}

static void paint(picture_t *x)
{
    int i, n = x->plan->feeds->nelts;

    x->findings =
        apr_pcalloc(x->pool, (apr_size_t)(n + 1) * sizeof(*x->findings));
    x->spans = apr_palloc(x->pool, (apr_size_t)(n + 1) * sizeof(*x->spans));
    x->days = apr_palloc(x->pool, (apr_size_t)(n + 1) * sizeof(*x->days));
    x->standings = apr_array_make(x->pool, 4, sizeof(qdn_standing_t));
    x->talks = apr_array_make(x->pool, 4, sizeof(qdn_talk_t));
    for (i = 0; i < n; i++) {
        x->spans[i] = apr_array_make(x->pool, 4, sizeof(qdn_span_t));
        x->days[i] = apr_array_make(x->pool, 4, sizeof(int));
    }
    for (i = 0; i < x->c->known->nelts; i++) {
        know(x, &APR_ARRAY_IDX(x->c->known, i, qdn_case_known_t));
    }
    for (i = 0; i < n; i++) {
        x->findings[i].spans = (const qdn_span_t *)x->spans[i]->elts;
        x->findings[i].nspans = x->spans[i]->nelts;
        x->findings[i].days.days = (const int *)x->days[i]->elts;
        x->findings[i].days.n = x->days[i]->nelts;
    }
}

qdn_lookout_t *case_known_open(const qdn_case_t *c, const qdn_plan_t *plan,
                               apr_pool_t *p)
{
    picture_t x = { .c = c, .plan = plan, .pool = p };
    char dir[] = "/tmp/qdn-case-XXXXXX";
    qdn_lookout_t *lookout;
    qdn_picture_t picture;

    if (c->known->nelts == 0) {
        return NULL;
    }
    paint(&x);
    picture = (qdn_picture_t){ .host = "host-a",
                               .written_at = c->play.at,
                               .feeds = plan->feeds,
                               .findings = x.findings,
                               .standings = x.standings,
                               .talks = x.talks };
    assert_non_null(mkdtemp(dir));
    assert_int_equal(qdn_snapshot_write(dir, &picture, p), APR_SUCCESS);
    assert_int_equal(qdn_lookout_open(&lookout, dir, NULL), APR_SUCCESS);
    unlink(apr_pstrcat(p, dir, "/" QDN_SNAPSHOT_FILE, NULL));
    rmdir(dir);
    return lookout;
}
