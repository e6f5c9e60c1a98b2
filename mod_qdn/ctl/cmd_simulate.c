/* SPDX-License-Identifier: Apache-2.0 */
/* qdnctl simulate: be Twilio for one call. */
#include <apr_file_io.h>
#include <apr_strings.h>
#include <stddef.h>
#include <string.h>
#include "case_check.h"
#include "command.h"
#include "output.h"
#include "parse.h"
#include "source.h"
#include "transport_http.h"
#include "when.h"

#define PLAN_MAX (64 * 1024 * 1024) /* ten thousand lines fit by far */

/* clang-format off */
static const qdn_option_t options[] = {
    { .name = "url", .value = "URL", .required = 1,
      .help = "the server's QDNPublicURL, which the signatures are for" },
    { .name = "base-url", .value = "URL",
      .help = "where to send instead, e.g. "
              "http://127.0.0.1:8480/qdn/twilio" },
    { .name = "connect", .value = "HOST:PORT",
      .help = "connect there, whatever the URL says" },
    { .name = "secrets", .value = "SPEC", .required = 1,
      .help = "where account SID and auth token are (dotenv:PATH ...)" },
    { .name = "plan", .value = "FILE",
      .help = "what \"apachectl -t -D DUMP_QDN\" printed, to know whose "
              "number is whose" },
    { .name = "case", .value = "FILE",
      .help = "play this case and hold the call against it" },
    { .name = "line", .value = "NUMBER",
      .help = "the line that is called, unless the case says" },
    { .name = "from", .value = "NUMBER",
      .help = "the caller, \"\" or anonymous if withheld" },
    { .name = "forwarded-from", .value = "NUMBER",
      .help = "the number that has forwarded the call" },
    { .name = "stir", .value = "WORD", .help = "StirVerstat" },
    { .name = "call-sid", .value = "CA...", .help = "otherwise drawn" },
    { .name = "at", .value = "TIME",
      .help = "when the call arrives, like 2026-03-02T10:00:00-08:00; now "
              "unless given" },
    { .name = "person", .value = "OPERATOR/LABEL=SCRIPT",
      .help = "what a person does, e.g. sergio/primary=accept@6s; "
              "repeatable" },
    { .name = "caller", .value = "SCRIPT",
      .help = "what the caller does, e.g. hangs-up@12s" },
    { .name = "method", .value = "POST|GET",
      .help = "of the number's own webhooks" },
    { .name = "fallback-url", .value = "URL",
      .help = "the number's fallback URL" },
    { .name = "lost",
      .value = "STEP",
      .help = "the first request of this step, e.g. voice/next, never "
              "arrives" },
    { .name = "bridged", .value = "given|absent",
      .help = "whether DialBridged is sent" },
    { .name = "screen-hangup", .value = "completed|no-answer",
      .help = "DialCallStatus of a leg that picked up and was not connected" },
    { .name = "silent-record", .value = "next|action",
      .help = "what an empty message leads to" },
    { .name = "deliver-twice", .help = "send every webhook twice" },
    { .name = "status-first",
      .help = "let voice/status overtake the last action request" },
    { .name = "sparse", .help = "send documented parameters only" },
    { .name = "real-time", .help = "let a second of the call last a second" },
    { 0 }
};
/* clang-format on */

/* One run: what is played, and with what. */
typedef struct run_t {
    qdn_ctl_t *ctl;
    qdn_case_t *c; /* NULL: without a case */
    qdn_play_t play;
    const char *error;
} run_t;

static const char *given(const run_t *r, const char *name)
{
    return qdn_ctl_option(r->ctl, name);
}

/* Options that are one of two words. */
static const struct {
    const char *name;
    const char *off;
    const char *on;
    apr_size_t at;
} choices[] = {
    { "bridged", "given", "absent", offsetof(qdn_play_t, bridged_absent) },
    { "screen-hangup", "completed", "no-answer",
      offsetof(qdn_play_t, screened_no_answer) },
    { "silent-record", "next", "action", offsetof(qdn_play_t, silent_action) },
};

static const struct {
    const char *name;
    apr_size_t at;
} flags[] = {
    { "deliver-twice", offsetof(qdn_play_t, twice) },
    { "status-first", offsetof(qdn_play_t, status_first) },
    { "sparse", offsetof(qdn_play_t, sparse) },
    { "real-time", offsetof(qdn_play_t, real_time) },
};

static const struct {
    const char *name;
    apr_size_t at;
} texts[] = {
    { "line", offsetof(qdn_play_t, to) },
    { "from", offsetof(qdn_play_t, from) },
    { "forwarded-from", offsetof(qdn_play_t, forwarded_from) },
    { "stir", offsetof(qdn_play_t, stir) },
    { "call-sid", offsetof(qdn_play_t, call_sid) },
    { "method", offsetof(qdn_play_t, method) },
    { "fallback-url", offsetof(qdn_play_t, fallback_url) },
    { "lost", offsetof(qdn_play_t, lost) },
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void take_texts(run_t *r)
{
    char *play = (char *)&r->play;
    apr_size_t i;

    for (i = 0; i < COUNT(texts); i++) {
        const char *value = given(r, texts[i].name);

        if (value) {
            *(const char **)(play + texts[i].at) = value;
        }
    }
    for (i = 0; i < COUNT(flags); i++) {
        if (given(r, flags[i].name)) {
            *(int *)(play + flags[i].at) = 1;
        }
    }
}

static const char *take_choices(run_t *r)
{
    apr_size_t i;

    for (i = 0; i < COUNT(choices); i++) {
        const char *value = given(r, choices[i].name);
        int *where = (int *)((char *)&r->play + choices[i].at);

        if (!value) {
            continue;
        }
        if (strcmp(value, choices[i].on) && strcmp(value, choices[i].off)) {
            return apr_psprintf(r->ctl->pool, "--%s takes %s or %s, not \"%s\"",
                                choices[i].name, choices[i].off, choices[i].on,
                                value);
        }
        *where = strcmp(value, choices[i].on) == 0;
    }
    return NULL;
}

static const char *take_people(run_t *r)
{
    const apr_array_header_t *list = qdn_ctl_options(r->ctl, "person");
    apr_pool_t *p = r->ctl->pool;
    int i;

    for (i = 0; i < list->nelts; i++) {
        const char *text = APR_ARRAY_IDX(list, i, const char *);
        const char *equals = strchr(text, '=');
        qdn_person_t *person = apr_palloc(p, sizeof(*person));
        const char *error;

        if (!equals) {
            return apr_psprintf(p,
                                "--person %s: write OPERATOR/LABEL=SCRIPT, "
                                "like sergio/primary=accept@6s",
                                text);
        }
        apr_hash_set(r->play.people,
                     apr_pstrmemdup(p, text, (apr_size_t)(equals - text)),
                     APR_HASH_KEY_STRING, person);
        error = qdn_person_parse(person, equals + 1, p);
        if (error) {
            return error;
        }
    }
    return NULL;
}

static const char *take_case(run_t *r)
{
    const char *path = given(r, "case"), *error = NULL;

    r->play.people = apr_hash_make(r->ctl->pool);
    qdn_caller_init(&r->play.caller);
    r->play.at = apr_time_now();
    if (path &&
        qdn_case_read(&r->c, path, &error, r->ctl->pool) == APR_SUCCESS) {
        r->play = r->c->play;
    }
    return error;
}

/* The form is checked here so that a typing error is no 404 of the server. */
static const char *take_url(run_t *r)
{
    r->play.public_url = NULL;
    return qdn_parse_public_url(given(r, "url"), &r->play.public_url,
                                r->ctl->pool);
}

static const char *take_moments(run_t *r)
{
    const char *caller = given(r, "caller");
    const char *at = given(r, "at");
    const char *error =
        caller ? qdn_caller_parse(&r->play.caller, caller, r->ctl->pool) : NULL;

    return error ? error
           : at  ? qdn_when_parse(at, &r->play.at, r->ctl->pool)
                 : NULL;
}

static const char *take_secrets(run_t *r)
{
    const char *error = NULL;
    qdn_secrets_t *secrets;

    if (qdn_source_load(&secrets, given(r, "secrets"), &error, r->ctl->pool) !=
        APR_SUCCESS) {
        return error;
    }
    r->play.account_sid = qdn_secrets_get(secrets, "TWILIO_ACCOUNT_SID");
    r->play.auth_token = qdn_secrets_get(secrets, "TWILIO_AUTH_TOKEN");
    return r->play.account_sid && r->play.auth_token
               ? NULL
               : "the secrets lack TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN";
}

static apr_status_t slurp(char **ptext, const char *path, apr_pool_t *p)
{
    apr_finfo_t info;
    apr_file_t *file;
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ, 0, p);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    rv = apr_file_info_get(&info, APR_FINFO_SIZE, file);
    if (rv == APR_SUCCESS && info.size <= PLAN_MAX) {
        *ptext = apr_pcalloc(p, (apr_size_t)info.size + 1);
        rv = apr_file_read_full(file, *ptext, (apr_size_t)info.size, NULL);
    }
    apr_file_close(file);
    return rv == APR_SUCCESS && !*ptext ? APR_EINVAL : rv;
}

static const char *take_plan(run_t *r)
{
    apr_pool_t *p = r->ctl->pool;
    const char *path = given(r, "plan"), *error = NULL;
    qdn_directory_t *directory = qdn_directory_create(p);
    char *text = NULL;

    if (path && slurp(&text, path, p) != APR_SUCCESS) {
        return apr_psprintf(p, "%s cannot be read", path);
    }
    if (text) {
        qdn_directory_read(&directory, text, &error, p);
    }
    r->play.directory = directory;
    return error;
}

/* A name that nobody bears would be a person who never answers. */
static const char *know_everybody(run_t *r)
{
    apr_hash_index_t *i;

    for (i = apr_hash_first(r->ctl->pool, r->play.people); i;
         i = apr_hash_next(i)) {
        const char *name = apr_hash_this_key(i);

        if (*name != '+' && !qdn_directory_knows(r->play.directory, name)) {
            return apr_psprintf(r->ctl->pool, "nobody is called %s%s", name,
                                given(r, "plan") ? " in the plan"
                                                 : "; give --plan");
        }
    }
    return NULL;
}

static const char *complete(run_t *r)
{
    return !r->play.to     ? "which line is called? Give --line or --case"
           : !r->play.from ? "who calls? Give --from or --case"
                           : know_everybody(r);
}

static const char *open_transport(run_t *r)
{
    qdn_transport_http_t *transport;

    if (qdn_transport_http_open(&transport, r->play.public_url,
                                given(r, "base-url"), given(r, "connect"),
                                r->ctl->pool) != APR_SUCCESS) {
        return "libcurl does not start";
    }
    r->play.transport = qdn_transport_http;
    r->play.transport_baton = transport;
    return NULL;
}

static const char *(*const steps[])(run_t *) = {
    take_case,    take_url,  take_choices, take_people,   take_moments,
    take_secrets, take_plan, complete,     open_transport
};

static void show_differences(const run_t *r, const apr_array_header_t *list)
{
    int i;

    for (i = 0; i < list->nelts; i++) {
        qdn_ctl_say(r->ctl, "not as %s says: %s\n", r->c->name,
                    APR_ARRAY_IDX(list, i, const char *));
    }
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    run_t r = { .ctl = ctl };
    apr_array_header_t *differences =
        apr_array_make(ctl->pool, 4, sizeof(const char *));
    const char *error = NULL;
    qdn_transcript_t *t;
    apr_size_t i;

    for (i = 0; i < COUNT(steps) && !error; i++) {
        error = steps[i](&r);
        if (i == 0) {
            take_texts(&r);
        }
    }
    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    t = qdn_player_run(&r.play, ctl->pool);
    if (r.c) {
        qdn_case_check(r.c, t, differences, ctl->pool);
    }
    qdn_ctl_say(ctl, "%s", qdn_transcript_text(t, ctl->pool));
    show_differences(&r, differences);
    qdn_ctl_json(ctl, qdn_transcript_json(t, differences));
    return qdn_complaints_count(t->complaints) || differences->nelts
               ? QDN_EXIT_FOUND
               : QDN_EXIT_OK;
}

const qdn_command_t qdn_cmd_simulate = {
    .name = "simulate",
    .synopsis = "--url URL --secrets SPEC [--line NUMBER --from NUMBER | "
                "--case FILE] ...",
    .summary = "be Twilio: send a signed call, follow the TwiML with scripted "
               "people",
    .detail =
        "A person's script is words separated by commas: no-answer, busy, "
        "failed,\ncanceled, accept, decline, voicemail (picks up, presses "
        "nothing), hangup,\nwrong-key, talk=SECONDS, press=SECONDS; @SECONDS "
        "behind a word is for how\nlong it rings before. The caller's: "
        "hangs-up@[MOMENT+]SECONDS (MOMENT is hop1,\nhop2 ..., whisper, "
        "greeting, recording or talk), talks=SECONDS,\nleaves-message=SECONDS, "
        "silent, presses=asked|KEY, then=hangup|key|silence. Time is "
        "compressed\nunless "
        "--real-time; a server started with -D QDN_TEST_CLOCK follows it. "
        "Whatever Twilio would refuse or warn about is an error; "
        "exit\nstatus 1 if there is one, or if the call is not as the case "
        "says.",
    .options = options,
    .run = run,
};
