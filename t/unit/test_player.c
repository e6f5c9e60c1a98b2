/* SPDX-License-Identifier: Apache-2.0 */
/*
 * simulate's Twilio in front of servers that do everything wrong. The cases
 * show that it lets a good server pass; here it must not let a bad one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <string.h>
#include "form.h"
#include "player.h"
#include "signature.h"
#include "when.h"

#define BASE  "https://calls.example.com/qdn/twilio"
#define TOKEN "0123456789abcdef0123456789abcdef"
#define LINE  "+16195550100"

#define SAY(words)  "<Response><Say>" words "</Say></Response>"
#define NEXT        "action=\"" BASE "/next\" "
#define DIAL(x)     "<Response><Dial " x "</Dial></Response>"
#define NUMBER      "<Number>+16195550101</Number>"
#define SCREENED    "<Number url=\"" BASE "/screen\">+16195550101</Number>"
#define NOBODY_HOME ">" NUMBER

/* A server: what it says to each step. */
typedef struct page_t {
    const char *step;
    const char *body;
    int status;       /* 0: 200 */
    const char *type; /* NULL: text/xml */
} page_t;

typedef struct server_t {
    const page_t *pages;
    int counting; /* each answer is another one */
    int n;
    qdn_delivery_t seen[QDN_PLAYER_REQUESTS + 1];
} server_t;

static apr_pool_t *pool;

static apr_status_t serve(void *baton, qdn_delivery_t *d, const char **perror,
                          apr_pool_t *p)
{
    server_t *server = baton;
    const char *step = d->url + strlen(BASE) + 1;
    const page_t *page = server->pages;

    assert_true(server->n <= QDN_PLAYER_REQUESTS);
    server->seen[server->n++] = *d;
    while (page->step && (strlen(page->step) != strcspn(step, "?") ||
                          strncmp(page->step, step, strlen(page->step)))) {
        page++;
    }
    if (page->step && page->status < 0) {
        *perror = "connection refused";
        return APR_ECONNREFUSED;
    }
    d->status = page->step && page->status ? page->status : 200;
    d->reply_type = page->step && page->type ? page->type : "text/xml";
    d->reply = page->step ? page->body : "<Response/>";
    if (server->counting) {
        d->reply =
            apr_psprintf(p, "<Response><!-- %d --></Response>", server->n);
    }
    d->reply_len = strlen(d->reply);
    return APR_SUCCESS;
}

static qdn_play_t a_call(server_t *server)
{
    qdn_play_t play = { .public_url = BASE,
                        .account_sid = "AC00112233445566778899aabbccddeeff",
                        .auth_token = TOKEN,
                        .transport = serve,
                        .transport_baton = server,
                        .directory = qdn_directory_create(pool),
                        .people = apr_hash_make(pool),
                        .from = "+16195550150",
                        .to = LINE,
                        .at = apr_time_from_sec(1772474400) };

    qdn_caller_init(&play.caller);
    return play;
}

static void answers_with(qdn_play_t *play, const char *number,
                         const char *script)
{
    qdn_person_t *person = apr_palloc(pool, sizeof(*person));

    assert_null(qdn_person_parse(person, script, pool));
    apr_hash_set(play->people, number, APR_HASH_KEY_STRING, person);
}

/* clang-format off */
static const struct {
    const char *name;
    const char *says;   /* part of the only complaint */
    int code;
    const char *script; /* of who is called, NULL: nobody answers */
    page_t pages[4];
} bad[] = {
    { "an error page", "voice answered 500", 11200, NULL,
      { { .step = "voice", .body = "oops", .status = 500 } } },
    { "a redirect of HTTP", "voice answered 302", 11200, NULL,
      { { .step = "voice", .body = "", .status = 302 } } },
    { "no connection", "connection refused", 11200, NULL,
      { { .step = "voice", .status = -1 } } },
    { "plain text", "content type", 12300, NULL,
      { { .step = "voice", .body = "hello", .type = "text/plain" } } },
    { "an action elsewhere", "is not under " BASE, 11200, NULL,
      { { .step = "voice",
          .body = DIAL("action=\"http://127.0.0.1/next\">" NUMBER) } } },
    { "an action that looks alike", "is not under " BASE, 11200, NULL,
      { { .step = "voice",
          .body = DIAL("action=\"" BASE "x/next\">" NUMBER) } } },
    { "Dial without action", "nobody learns how it ended", 0, NULL,
      { { .step = "voice", .body = DIAL(NOBODY_HOME) } } },
    { "nobody to dial", "rings 0 numbers", 13223, NULL,
      { { .step = "voice", .body = DIAL(NEXT ">") } } },
    { "one number twice", "one number twice", 0, NULL,
      { { .step = "voice", .body = DIAL(NEXT ">" NUMBER NUMBER) } } },
    { "a caller id of somebody else", "neither From nor To", 13214, NULL,
      { { .step = "voice",
          .body = DIAL(NEXT "callerId=\"+12025550123\">" NUMBER) } } },
    { "a document that asks for itself", "more than 100 webhooks", 0, NULL,
      { { .step = "voice",
          .body = "<Response><Redirect>" BASE "/voice</Redirect></Response>"
        } } },
    { "Reject behind an answer", "only as the first", 12200, NULL,
      { { .step = "voice",
          .body = "<Response><Say>a</Say><Reject/></Response>" } } },
    { "Dial in a whisper", "must not stand in the document of a called person",
      13201, "accept",
      { { .step = "voice", .body = DIAL(NEXT ">" SCREENED) },
        { .step = "screen", .body = DIAL(NEXT ">" NUMBER) } } },
    { "no whisper", "screen answered 404", 11200, "accept",
      { { .step = "voice", .body = DIAL(NEXT ">" SCREENED) },
        { .step = "screen", .body = "", .status = 404 } } },
    { "Gather without action", "asks for its own document again", 0,
      "voicemail",
      { { .step = "voice", .body = DIAL(NEXT ">" SCREENED) },
        { .step = "screen",
          .body = "<Response><Gather><Say>a</Say></Gather><Hangup/></Response>"
        } } },
};
/* clang-format on */

static void finds_bad_servers_out(void **state)
{
    apr_size_t i;

    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        server_t *server = apr_pcalloc(pool, sizeof(*server));
        qdn_play_t play = a_call(server);
        const qdn_complaint_t *first;
        qdn_transcript_t *t;

        server->pages = bad[i].pages;
        if (bad[i].script) {
            answers_with(&play, "+16195550101", bad[i].script);
        }
        t = qdn_player_run(&play, pool);
        first = (const qdn_complaint_t *)t->complaints->list->elts;
        if (t->complaints->list->nelts != 1 || first->code != bad[i].code ||
            !strstr(first->text, bad[i].says)) {
            fail_msg("%s: %s", bad[i].name, qdn_transcript_text(t, pool));
        }
    }
}

static void finds_eleven_numbers_out(void **state)
{
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    const char *numbers = "";
    page_t pages[2] = { { .step = "voice" } };
    qdn_transcript_t *t;
    int i;

    (void)state;
    for (i = 0; i < 11; i++) {
        numbers =
            apr_psprintf(pool, "%s<Number>+161955501%02d</Number>", numbers, i);
    }
    pages[0].body = apr_pstrcat(pool, "<Response><Dial " NEXT ">", numbers,
                                "</Dial></Response>", NULL);
    server->pages = pages;
    t = qdn_player_run(&play, pool);
    assert_int_equal(t->complaints->list->nelts, 1);
    assert_int_equal(
        APR_ARRAY_IDX(t->complaints->list, 0, qdn_complaint_t).code, 13250);
}

static void finds_a_record_loop_out(void **state)
{
    static const page_t pages[] = {
        { .step = "voice", .body = "<Response><Record/></Response>" }, { 0 }
    };
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    qdn_transcript_t *t;

    (void)state;
    server->pages = pages;
    play.caller.then = QDN_THEN_SILENCE;
    t = qdn_player_run(&play, pool);
    assert_true(qdn_complaints_count(t->complaints) > 1);
    assert_string_equal(
        APR_ARRAY_IDX(t->complaints->list, 0, qdn_complaint_t).text,
        "<Record> without action asks for its own document again and records "
        "for ever");
    assert_int_equal(server->n, QDN_PLAYER_REQUESTS);
}

static void finds_two_answers_to_one_webhook_out(void **state)
{
    static const page_t pages[] = { { 0 } };
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    qdn_transcript_t *t;

    (void)state;
    server->pages = pages;
    play.twice = 1;
    t = qdn_player_run(&play, pool);
    assert_int_equal(server->n, 4); /* voice and voice/status, twice each */
    assert_int_equal(qdn_complaints_count(t->complaints), 0);
    server->counting = 1;
    t = qdn_player_run(&play, pool);
    assert_int_equal(qdn_complaints_count(t->complaints), 2);
}

static void asks_the_fallback_once(void **state)
{
    static const page_t pages[] = {
        { .step = "voice", .body = "", .status = 500 },
        { .step = "fallback", .body = "", .status = 500 },
        { 0 }
    };
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    qdn_transcript_t *t;

    (void)state;
    server->pages = pages;
    play.fallback_url = BASE "/fallback";
    t = qdn_player_run(&play, pool);
    assert_int_equal(server->n, 3);
    assert_string_equal(t->outcome, "failed");
    assert_non_null(strstr(server->seen[1].body, "ErrorCode=11200"));
}

/* -- what a good server gets to see -- */

static const apr_array_header_t *fields_of(const qdn_delivery_t *d)
{
    apr_array_header_t *fields;

    assert_int_equal(qdn_form_parse(&fields, d->body, strlen(d->body), pool),
                     APR_SUCCESS);
    return fields;
}

static void sends_a_whole_request(void **state)
{
    static const page_t pages[] = { { .step = "voice", .body = SAY("a") },
                                    { 0 } };
    static const char *const tokens[] = { TOKEN, NULL };
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    const apr_array_header_t *f;
    qdn_signed_t what;

    (void)state;
    server->pages = pages;
    play.stir = "TN-Validation-Passed-A";
    qdn_player_run(&play, pool);
    f = fields_of(&server->seen[0]);
    assert_int_equal(f->nelts, 27);
    assert_string_equal(qdn_form_get(f, "CallStatus"), "ringing");
    assert_string_equal(qdn_form_get(f, "Direction"), "inbound");
    assert_string_equal(qdn_form_get(f, "FromCity"), "");
    assert_non_null(qdn_form_get(f, "CallToken"));
    what = (qdn_signed_t){ .url = server->seen[0].url, .form = f };
    assert_true(
        qdn_signature_verify(&what, tokens, server->seen[0].signature, pool));
    f = fields_of(&server->seen[1]);
    assert_string_equal(server->seen[1].url, BASE "/voice/status");
    assert_string_equal(qdn_form_get(f, "CallStatus"), "completed");
    assert_non_null(qdn_form_get(f, "CallDuration"));
}

static void asks_on_the_called_leg(void **state)
{
    static const page_t pages[] = {
        { .step = "voice",
          .body = DIAL(NEXT "timeout=\"10\" callerId=\"" LINE "\">" SCREENED) },
        { .step = "screen", .body = "<Response/>" },
        { .step = "next", .body = "<Response><Hangup/></Response>" },
        { 0 }
    };
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    const apr_array_header_t *f;
    const char *leg;
    qdn_transcript_t *t;

    (void)state;
    server->pages = pages;
    answers_with(&play, "+16195550101", "accept@14s,talk=9s");
    t = qdn_player_run(&play, pool);
    assert_int_equal(qdn_complaints_count(t->complaints), 0);
    assert_int_equal(server->n, 4);
    f = fields_of(&server->seen[1]);
    leg = qdn_form_get(f, "CallSid");
    assert_string_equal(qdn_form_get(f, "ParentCallSid"), t->call_sid);
    assert_string_equal(qdn_form_get(f, "Direction"), "outbound-dial");
    assert_string_equal(qdn_form_get(f, "From"), LINE);
    assert_string_equal(qdn_form_get(f, "To"), "+16195550101");
    assert_int_equal(apr_time_sec(server->seen[1].now - play.at), 14);
    f = fields_of(&server->seen[2]);
    assert_string_equal(qdn_form_get(f, "DialCallSid"), leg);
    assert_string_equal(qdn_form_get(f, "DialCallStatus"), "completed");
    assert_string_equal(qdn_form_get(f, "DialBridged"), "true");
    assert_string_equal(qdn_form_get(f, "DialCallDuration"), "9");
    assert_string_equal(qdn_form_get(f, "CallSid"), t->call_sid);
    assert_int_equal(t->talk, 9);
    assert_string_equal(t->outcome, "answered");
}

static void signs_get_requests_by_their_url(void **state)
{
    static const page_t pages[] = { { 0 } };
    static const char *const tokens[] = { TOKEN, NULL };
    server_t *server = apr_pcalloc(pool, sizeof(*server));
    qdn_play_t play = a_call(server);
    qdn_signed_t what = { 0 };

    (void)state;
    server->pages = pages;
    play.method = "GET";
    qdn_player_run(&play, pool);
    assert_string_equal(server->seen[0].body, "");
    assert_null(server->seen[0].content_type);
    assert_non_null(strstr(server->seen[0].url, "/voice?AccountSid=AC"));
    what.url = server->seen[0].url;
    assert_true(
        qdn_signature_verify(&what, tokens, server->seen[0].signature, pool));
}

/* -- scripts and moments -- */

static void reads_scripts(void **state)
{
    static const char *const wrong[] = { "sings", "accept@",   "accept@6x",
                                         "talk=", "press=-1s", "accept@5h" };
    qdn_person_t person;
    qdn_caller_t caller;
    apr_size_t i;

    (void)state;
    assert_null(
        qdn_person_parse(&person, "wrong-key,accept@6s,talk=40s", pool));
    assert_int_equal(person.manner, QDN_PERSON_PICKS_UP);
    assert_string_equal(person.keys, "51");
    assert_int_equal(person.after, apr_time_from_sec(6));
    assert_int_equal(person.talk, apr_time_from_sec(40));
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_non_null(qdn_person_parse(&person, wrong[i], pool));
    }
    assert_null(qdn_caller_parse(&caller, "hangs-up@hop2+4s,silent", pool));
    assert_string_equal(caller.moment, "hop2");
    assert_int_equal(caller.hangs_up, apr_time_from_sec(4));
    assert_int_equal(caller.message, 0);
    assert_non_null(qdn_caller_parse(&caller, "hangs-up@hop+4s", pool));
    assert_non_null(qdn_caller_parse(&caller, "then=dance", pool));
}

static void reads_moments(void **state)
{
    static const char *const wrong[] = {
        "",
        "now",
        "2026-03-02",
        "2026-03-02T10:00",
        "2026-13-02T10:00Z",
        "2026-03-02T24:00Z",
        "2026-03-02T10:00:00+0800",
        "2026-03-02T10:00:00Z ",
        "2026-03-02T10:00:6Z",
    };
    apr_time_t at, same;
    apr_size_t i;

    (void)state;
    assert_null(qdn_when_parse("2026-03-02T10:00:00-08:00", &at, pool));
    assert_null(qdn_when_parse("2026-03-02T18:00Z", &same, pool));
    assert_int_equal(at, same);
    assert_int_equal(at, apr_time_from_sec(1772474400));
    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (!qdn_when_parse(wrong[i], &at, pool)) {
            fail_msg("\"%s\" was taken", wrong[i]);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_bad_servers_out),
        cmocka_unit_test(finds_eleven_numbers_out),
        cmocka_unit_test(finds_a_record_loop_out),
        cmocka_unit_test(finds_two_answers_to_one_webhook_out),
        cmocka_unit_test(asks_the_fallback_once),
        cmocka_unit_test(sends_a_whole_request),
        cmocka_unit_test(asks_on_the_called_leg),
        cmocka_unit_test(signs_get_requests_by_their_url),
        cmocka_unit_test(reads_scripts),
        cmocka_unit_test(reads_moments),
    };
    int failed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_pool_destroy(pool);
    apr_terminate();
    return failed;
}
