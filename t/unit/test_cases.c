/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every case of t/cases, in every way in which Twilio might deliver it: the
 * player of qdnctl simulate posts straight into qdn_service_answer. What must
 * come of a call is the same in all ways, so the case says it once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_file_info.h>
#include <apr_general.h>
#include <apr_strings.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "case_check.h"
#include "case_known.h"
#include "chain.h"
#include "conf_reader.h"
#include "service.h"
#include "text.h"

#define PREFIX  "/qdn/twilio"
#define URL     "https://calls.example.com" PREFIX
#define ACCOUNT "AC00112233445566778899aabbccddeeff"
#define TOKEN   "0123456789abcdef0123456789abcdef"
#define SPEC    "dotenv:/etc/qdn/repos.env"
#define FRAME   "QDNSecrets " SPEC "\nQDNPublicURL " URL "\n"

#define CASES_MIN 115 /* fewer: somebody has lost some */

/* A way to play a case. */
typedef struct way_t {
    const char *name; /* as `skip` in a case calls it */
    qdn_play_t play;  /* switches to set */
    int anomalies;    /* evidence is missing: hop.anomaly is kept */
    int status_first; /* call.ended may come early, without a reason */
    int two_hosts;    /* legs are another host's business */
} way_t;

/* clang-format off */
static const way_t ways[] = {
    { .name = "plain" },
    { .name = "twice", .play = { .twice = 1 } },
    { .name = "status-first", .play = { .status_first = 1 },
      .status_first = 1 },
    { .name = "screened-no-answer", .play = { .screened_no_answer = 1 } },
    { .name = "bridged-absent", .play = { .bridged_absent = 1 },
      .anomalies = 1 },
    { .name = "bridged-absent-no-answer",
      .play = { .bridged_absent = 1, .screened_no_answer = 1 },
      .anomalies = 1 },
    { .name = "silent-action", .play = { .silent_action = 1 } },
    { .name = "sparse", .play = { .sparse = 1 } },
    { .name = "get", .play = { .method = "GET" } },
    { .name = "answered-early", .play = { .answered_early = 1 } },
    { .name = "two-hosts", .two_hosts = 1 },
    { .name = "everything-odd",
      .play = { .twice = 1, .status_first = 1, .screened_no_answer = 1,
                .sparse = 1, .answered_early = 1 },
      .status_first = 1 },
};
/* clang-format on */

/* The module under one call, on one host or two. */
typedef struct world_t {
    apr_pool_t *pool;
    const qdn_case_t *c;
    const way_t *way;
    qdn_endpoint_t endpoint;
    qdn_service_t hosts[2];
    qdn_plan_t *later; /* from the later-th voice/next on */
    int nexts;
    apr_array_header_t *events; /* of qdn_event_t, each id once */
} world_t;

static apr_status_t keep(void *baton, const qdn_event_t *events, int n,
                         apr_pool_t *p)
{
    world_t *w = baton;
    int i, k;

    for (i = 0; i < n; i++) {
        apr_size_t len;
        const char *line = qdn_event_encode(&events[i], &len, p);
        qdn_event_t e;

        /* Through the journal's form, as in life. */
        assert_int_equal(qdn_event_decode(&e, line, len, w->pool), APR_SUCCESS);
        for (k = 0; k < w->events->nelts; k++) {
            if (strcmp(APR_ARRAY_IDX(w->events, k, qdn_event_t).id, e.id) ==
                0) {
                break;
            }
        }
        if (k == w->events->nelts) {
            APR_ARRAY_PUSH(w->events, qdn_event_t) = e;
        }
    }
    return APR_SUCCESS;
}

static int match(void *baton, const qdn_rule_t *rule,
                 const qdn_subject_t *subject)
{
    const apr_array_header_t *rules = subject->line->rules;
    const world_t *w = baton;

    assert_true(w->c->rule <= rules->nelts);
    return w->c->rule > 0 &&
           APR_ARRAY_IDX(rules, w->c->rule - 1, qdn_rule_t *) == rule;
}

static qdn_recall_t *memory(apr_pool_t *p)
{
    return qdn_recall_init(apr_pcalloc(p, qdn_recall_size(128, 1024)), 128,
                           1024);
}

static const qdn_keyring_t *keyring(apr_pool_t *p)
{
    qdn_keyring_t *ring = qdn_keyring_create(p);
    qdn_secrets_t *secrets = apr_pcalloc(p, sizeof(*secrets));
    const char *error;

    secrets->spec = SPEC;
    secrets->values = apr_table_make(p, 2);
    apr_table_setn(secrets->values, "TWILIO_ACCOUNT_SID", ACCOUNT);
    apr_table_setn(secrets->values, "TWILIO_AUTH_TOKEN", TOKEN);
    assert_int_equal(qdn_keyring_add(ring, secrets, &error, p), APR_SUCCESS);
    return ring;
}

static qdn_plan_t *plan_of(const char *config, const char *path, apr_pool_t *p)
{
    qdn_plan_t *plan;
    const char *error =
        qdn_test_read_conf(&plan, apr_pstrcat(p, FRAME, config, NULL), NULL, p);

    if (error) {
        fail_msg("%s: [config] %s", path, error);
    }
    return plan;
}

static world_t *build_world(const qdn_case_t *c, const way_t *way,
                            apr_pool_t *p)
{
    static const char *const names[] = { "host-a", "host-b" };
    world_t *w = apr_pcalloc(p, sizeof(*w));
    int i;

    w->pool = p;
    w->c = c;
    w->way = way;
    w->endpoint = (qdn_endpoint_t){ .prefix = PREFIX, .url = URL };
    w->events = apr_array_make(p, 32, sizeof(qdn_event_t));
    for (i = 0; i < 2; i++) {
        w->hosts[i] = (qdn_service_t){ .plan = plan_of(c->config, c->path, p),
                                       .keyring = keyring(p),
                                       .host = names[i],
                                       .replies = memory(p),
                                       .legs = memory(p),
                                       .record = keep,
                                       .record_baton = w,
                                       .rule = match };
    }
    w->hosts[0].lookout = w->hosts[1].lookout =
        case_known_open(c, w->hosts[0].plan, p);
    if (c->config_later) {
        w->later = plan_of(c->config_later, c->path, p);
    }
    return w;
}

/* Legs go to the other host, if there are two. */
static const qdn_service_t *host_for(world_t *w, const char *step)
{
    int leg = strncmp(step, "voice/screen", 12) == 0 ||
              strncmp(step, "voice/accept", 12) == 0 ||
              strncmp(step, "voice/leg", 9) == 0;

    if (strncmp(step, "voice/next", 10) == 0 && ++w->nexts == w->c->later) {
        w->hosts[0].plan = w->hosts[1].plan = w->later;
    }
    return &w->hosts[w->way->two_hosts && leg];
}

static apr_status_t post(void *baton, qdn_delivery_t *d, const char **perror,
                         apr_pool_t *p)
{
    world_t *w = baton;
    const char *step = d->url + strlen(URL) + 1;
    qdn_request_t request = { .pool = p,
                              .now = d->now,
                              .method = d->method,
                              .target = d->url + strlen(URL) - strlen(PREFIX),
                              .endpoint = &w->endpoint,
                              .content_type = d->content_type,
                              .signature = d->signature,
                              .body = d->body,
                              .body_len = strlen(d->body) };
    qdn_reply_t reply;

    (void)perror;
    qdn_service_answer(host_for(w, step), &request, w, &reply);
    d->status = reply.status;
    d->reply_type = reply.content_type;
    d->reply = reply.body;
    d->reply_len = strlen(reply.body);
    return APR_SUCCESS;
}

/* As a case writes it: kind, hop, operator/label, reason, where there are. */
static const char *event_text(const qdn_event_t *e, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 64, p);
    qdn_text_add(&t, qdn_event_kind_text(e->kind));
    if (e->hop) {
        qdn_text_addf(&t, " %d", e->hop);
    }
    if (e->operator) {
        qdn_text_addf(&t, " %s/%s", e->operator, e->phone);
    }
    if (e->reason != QDN_REASON_NONE) {
        qdn_text_addf(&t, " %s", qdn_reason_text(e->reason));
    }
    return t.buf;
}

static apr_array_header_t *event_texts(const world_t *w)
{
    apr_array_header_t *list =
        apr_array_make(w->pool, 32, sizeof(const char *));
    int i, expected = w->c->play.bridged_absent;

    for (i = 0; i < w->events->nelts; i++) {
        const qdn_event_t *e = &APR_ARRAY_IDX(w->events, i, qdn_event_t);

        if (e->kind != QDN_KIND_HOP_ANOMALY || expected || !w->way->anomalies) {
            APR_ARRAY_PUSH(list, const char *) = event_text(e, w->pool);
        }
    }
    return list;
}

static void expect(const char *want, const char *key, const char *got,
                   apr_array_header_t *differences, apr_pool_t *p)
{
    if (want && strcmp(want, got ? got : "") != 0) {
        APR_ARRAY_PUSH(differences, const char *) = apr_psprintf(
            p, "row: %s: expected %s, it is %s", key, want, got ? got : "NULL");
    }
}

/* The row of qdn_call that these events make. */
static void check_row(const world_t *w, apr_array_header_t *differences)
{
    apr_pool_t *p = w->pool;
    const qdn_case_t *c = w->c;
    const char *row = apr_table_get(c->expected, "row");
    const char *want = row ? row : apr_table_get(c->expected, "outcome");
    qdn_chain_t chain;

    qdn_chain_project(&chain, (const qdn_event_t *)w->events->elts,
                      w->events->nelts, p);
    expect(want, "outcome", qdn_outcome_text(chain.outcome), differences, p);
    expect(apr_table_get(c->expected, "answered_by"), "answered_by",
           chain.answered_by, differences, p);
    expect(apr_table_get(c->expected, "hops"), "hops", apr_itoa(p, chain.hops),
           differences, p);
    if (!w->way->status_first) {
        expect(apr_table_get(c->expected, "ring_seconds"), "ring_seconds",
               apr_itoa(p, chain.ring_seconds), differences, p);
    }
    expect(apr_table_get(c->expected, "talk_seconds"), "talk_seconds",
           apr_itoa(p, chain.talk_seconds), differences, p);
    expect(row ? NULL : c->play.to, "line", chain.line, differences, p);
}

static void show(const qdn_case_t *c, const way_t *way,
                 const qdn_transcript_t *t, const world_t *w,
                 const apr_array_header_t *differences)
{
    apr_array_header_t *events = event_texts(w);
    int i;

    for (i = 0; i < differences->nelts; i++) {
        print_message("# %s (%s): %s\n", c->name, way->name,
                      APR_ARRAY_IDX(differences, i, const char *));
    }
    print_message("%s", qdn_transcript_text(t, w->pool));
    for (i = 0; i < events->nelts; i++) {
        print_message("  kept: %s\n", APR_ARRAY_IDX(events, i, const char *));
    }
}

static int play(const qdn_case_t *c, const way_t *way, apr_pool_t *p)
{
    world_t *w = build_world(c, way, p);
    apr_array_header_t *differences =
        apr_array_make(p, 8, sizeof(const char *));
    qdn_play_t script = c->play;
    const qdn_play_t *set = &way->play;
    const char *error = NULL;
    qdn_directory_t *directory;
    qdn_transcript_t *t;

    assert_int_equal(qdn_directory_read(&directory,
                                        qdn_plan_json(w->hosts[0].plan, p),
                                        &error, p),
                     APR_SUCCESS);
    script.directory = directory;
    script.public_url = URL;
    script.account_sid = ACCOUNT;
    script.auth_token = TOKEN;
    script.transport = post;
    script.transport_baton = w;
    script.twice |= set->twice;
    script.status_first |= set->status_first;
    script.screened_no_answer |= set->screened_no_answer;
    script.bridged_absent |= set->bridged_absent;
    script.silent_action |= set->silent_action;
    script.sparse |= set->sparse;
    script.answered_early |= set->answered_early;
    script.method = set->method ? set->method : script.method;
    t = qdn_player_run(&script, p);
    qdn_case_check(c, t, differences, p);
    if (!way->two_hosts) {
        qdn_case_check_events(c, event_texts(w),
                              way->status_first || c->play.status_first,
                              differences, p);
        check_row(w, differences);
    }
    if (differences->nelts) {
        show(c, way, t, w, differences);
    }
    if (w->hosts[0].lookout) {
        assert_int_equal(qdn_lookout_close(w->hosts[0].lookout), APR_SUCCESS);
    }
    return differences->nelts;
}

static void test_case(void **state)
{
    const char *path = *state, *error = NULL;
    apr_size_t i;
    apr_pool_t *p, *pcase;
    qdn_case_t *c;
    int wrong = 0;

    apr_pool_create(&p, NULL);
    if (qdn_case_read(&c, path, &error, p) != APR_SUCCESS) {
        fail_msg("%s", error);
    }
    for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (!apr_table_get(c->skip, ways[i].name)) {
            apr_pool_create(&pcase, p);
            wrong += play(c, &ways[i], pcase) != 0;
            apr_pool_destroy(pcase);
        }
    }
    apr_pool_destroy(p);
    if (wrong) {
        fail_msg("%s: not as expected in %d ways", path, wrong);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct CMUnitTest *)a)->name,
                  ((const struct CMUnitTest *)b)->name);
}

/* The cases below directory: one test each, by name. */
static int find_cases(struct CMUnitTest *tests, int max, const char *directory,
                      apr_pool_t *p)
{
    apr_finfo_t info;
    apr_dir_t *dir;
    int n = 0;

    if (apr_dir_open(&dir, directory, p) != APR_SUCCESS) {
        return 0;
    }
    while (n < max && apr_dir_read(&info, APR_FINFO_NAME, dir) == APR_SUCCESS) {
        apr_size_t len = strlen(info.name);

        if (len > 5 && strcmp(info.name + len - 5, ".case") == 0) {
            tests[n].name = apr_pstrmemdup(p, info.name, len - 5);
            tests[n].test_func = test_case;
            tests[n++].initial_state =
                apr_pstrcat(p, directory, "/", info.name, NULL);
        }
    }
    apr_dir_close(dir);
    qsort(tests, (size_t)n, sizeof(tests[0]), by_name);
    return n;
}

int main(int argc, const char *const *argv)
{
    static struct CMUnitTest tests[1000];
    const char *source = getenv("QDN_SRCDIR");
    apr_pool_t *p;
    int n, failed;

    apr_initialize();
    apr_pool_create(&p, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (argc > 1) { /* one case, by its path */
        tests[0] = (struct CMUnitTest){ .name = argv[1],
                                        .test_func = test_case,
                                        .initial_state = (void *)argv[1] };
        n = 1;
    }
    else {
        n = find_cases(tests, 1000,
                       apr_pstrcat(p, source ? source : ".", "/t/cases", NULL),
                       p);
        if (n < CASES_MIN) {
            printf("Bail out! %d cases; at least %d are expected\n", n,
                   CASES_MIN);
            return 1;
        }
    }
    failed = _cmocka_run_group_tests("cases", tests, (size_t)n, NULL, NULL);
    apr_pool_destroy(p);
    apr_terminate();
    return failed;
}
