/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <stdlib.h>
#include <string.h>

#include "asking.h"
#include "clock.h"
#include "google.h"

#define RENEW_BEFORE apr_time_from_sec(60) /* the end of a long token */
#define TOKEN_MAX    (64 * 1024)
#define ANSWER_MAX   (16 * 1024 * 1024)
#define KEY_FILE     "GOOGLE_SERVICE_ACCOUNT_FILE"

/* Who asks: one for each source of secrets. */
typedef struct account_t {
    qdn_google_desk_t *google;
    const char *secrets;       /* qdn_feed_t.secrets */
    const qdn_feed_t *feed;    /* one of its feeds, to ask for secrets with */
    apr_pool_t *pool;          /* of the token; NULL: none */
    const char *bearer;        /* the header; NULL: no token */
    apr_interval_time_t renew; /* monotonic: when another is asked for */
    unsigned generation;       /* of the token */
    int renewing;              /* one is on its way */
    int distrusted;            /* Google has refused this token's elder */
    int failures;              /* in a row: asked too much, or its end */
    apr_interval_time_t not_before; /* monotonic: nothing is asked */
    struct account_t *next;
} account_t;

struct qdn_google_desk_t {
    qdn_desk_t *desk;
    account_t *accounts;
    const char *token_url;
    const char *busy_url;
};

/* One question on its way. */
typedef struct batch_t {
    account_t *account;
    apr_pool_t *pool;
    unsigned generation; /* of the token that it went with */
    apr_time_t from, to;
    int n;
    qdn_inquiry_t *inquiries[QDN_GOOGLE_BATCH];
} batch_t;

qdn_google_desk_t *qdn_google_desk_open(qdn_desk_t *desk)
{
    qdn_google_desk_t *google = apr_pcalloc(desk->pool, sizeof(*google));
    const char *url = getenv("GOOGLE_TOKEN_URL");
    const char *base = getenv("GOOGLE_API_BASE");

    google->desk = desk;
    google->token_url =
        apr_pstrdup(desk->pool, url && *url ? url : QDN_GOOGLE_TOKEN_URL);
    google->busy_url =
        apr_pstrcat(desk->pool, base && *base ? base : QDN_GOOGLE_API_BASE,
                    QDN_GOOGLE_FREEBUSY, NULL);
    return google;
}

static account_t *account_of(qdn_google_desk_t *google, const qdn_feed_t *feed)
{
    account_t *account = google->accounts;

    while (account && account->secrets != feed->secrets &&
           strcmp(account->secrets ? account->secrets : "",
                  feed->secrets ? feed->secrets : "") != 0) {
        account = account->next;
    }
    if (!account) {
        account = apr_pcalloc(google->desk->pool, sizeof(*account));
        account->google = google;
        account->secrets = feed->secrets;
        account->feed = feed;
        account->next = google->accounts;
        google->accounts = account;
    }
    return account;
}

static int is_due(qdn_google_desk_t *google, const account_t *account,
                  const qdn_inquiry_t *inquiry, apr_interval_time_t now)
{
    return inquiry->feed->how == QDN_FEED_GOOGLE && !inquiry->asked &&
           inquiry->due <= now && account_of(google, inquiry->feed) == account;
}

/* Whatever is due of this account gets to hear why it is not asked. */
static void fail_due(account_t *account, const char *error,
                     apr_interval_time_t retry_after)
{
    qdn_desk_t *desk = account->google->desk;
    apr_interval_time_t now = qdn_clock_mono();
    int i;

    for (i = 0; i < desk->n; i++) {
        if (is_due(account->google, account, &desk->inquiries[i], now)) {
            qdn_inquiry_failed(&desk->inquiries[i], error, retry_after);
        }
    }
}

static void hold(account_t *account, apr_interval_time_t retry_after)
{
    account->failures++;
    account->not_before =
        qdn_inquiry_again(account->google->desk, QDN_INQUIRY_RETRY,
                          account->failures, retry_after);
}

static void forget_token(account_t *account)
{
    if (account->pool) {
        apr_pool_destroy(account->pool);
    }
    account->pool = NULL;
    account->bearer = NULL;
}

static void take_token(account_t *account, const char *token,
                       apr_interval_time_t holds)
{
    forget_token(account);
    account->pool = qdn_desk_pool(account->google->desk);
    account->bearer =
        apr_pstrcat(account->pool, "Authorization: Bearer ", token, NULL);
    /* A short one shall be of use too. */
    account->renew = qdn_clock_mono() + holds -
                     (holds / 2 < RENEW_BEFORE ? holds / 2 : RENEW_BEFORE);
    account->generation++;
    account->failures = 0;
}

static void token_answered(void *baton, const qdn_fetched_t *got)
{
    account_t *account = baton;
    apr_pool_t *p = qdn_desk_pool(account->google->desk);
    apr_interval_time_t holds;
    const char *token, *error = got->error;
    int slower;

    account->renewing = 0;
    if (!error && got->status != 200) {
        error = qdn_google_fault(got->status, got->body, got->len, &slower, p);
    }
    if (!error &&
        !qdn_google_token(got->body, got->len, &token, &holds, &error, p)) {
        take_token(account, token, holds);
    }
    else {
        hold(account, got->retry_after);
        fail_due(account,
                 apr_pstrcat(p, "Google gives no token: ", error, NULL),
                 got->retry_after);
    }
    apr_pool_destroy(p);
}

static const char *secret(const account_t *account, const char *name)
{
    const qdn_refresh_config_t *config = account->google->desk->config;
    const char *value = config->secret ? config->secret(config->secret_baton,
                                                        account->feed, name)
                                       : NULL;

    return value && *value ? value : NULL;
}

/* What is posted for a token, or NULL and why there is nothing to post. */
static const char *token_form(account_t *account, const char **perror,
                              apr_pool_t *p)
{
    const char *key = secret(account, KEY_FILE);
    const char *id = secret(account, "GOOGLE_CLIENT_ID");
    const char *client = secret(account, "GOOGLE_CLIENT_SECRET");
    const char *refresh = secret(account, "GOOGLE_REFRESH_TOKEN");
    const char *assertion;

    if (key) {
        return qdn_google_assertion(&assertion, key, account->google->token_url,
                                    qdn_clock_now(), perror, p)
                   ? NULL
                   : qdn_google_form_assertion(assertion, p);
    }
    if (id && client && refresh) {
        return qdn_google_form_refresh(id, client, refresh, p);
    }
    *perror = "QDNSecrets has neither " KEY_FILE " nor GOOGLE_CLIENT_ID, "
              "GOOGLE_CLIENT_SECRET and GOOGLE_REFRESH_TOKEN";
    return NULL;
}

static void ask_token(account_t *account)
{
    static const char *const headers[] = {
        "Content-Type: application/x-www-form-urlencoded",
        "Accept: application/json", NULL
    };
    qdn_desk_t *desk = account->google->desk;
    qdn_question_t question = { .method = "POST",
                                .url = account->google->token_url,
                                .headers = headers,
                                .max = TOKEN_MAX,
                                .done = token_answered,
                                .baton = account };
    apr_pool_t *p;
    const char *error = NULL;

    if (account->renewing || !qdn_fetch_room(desk->fetch, question.url)) {
        return;
    }
    p = qdn_desk_pool(desk);
    question.body = token_form(account, &error, p);
    if (question.body) {
        account->renewing = 1;
        qdn_fetch_begin(desk->fetch, &question);
    }
    else {
        hold(account, 0);
        fail_due(account, error, 0);
    }
    apr_pool_destroy(p);
}

static void read_calendar(const qdn_google_answer_t *answer,
                          const batch_t *batch, qdn_inquiry_t *inquiry)
{
    apr_pool_t *p = qdn_desk_pool(inquiry->desk);
    qdn_finding_t finding = { .from = batch->from, .to = batch->to };
    const char *error = NULL;

    if (qdn_google_busy(answer, inquiry->feed->address, batch->from, batch->to,
                        &finding.spans, &finding.nspans, &error, p)) {
        qdn_inquiry_failed(inquiry, error, 0);
        apr_pool_destroy(p);
    }
    else {
        qdn_inquiry_take(inquiry, &finding, p);
    }
}

static void fail_batch(batch_t *batch, const char *error,
                       apr_interval_time_t retry_after)
{
    int i;

    for (i = 0; i < batch->n; i++) {
        qdn_inquiry_failed(batch->inquiries[i], error, retry_after);
    }
}

static void read_batch(batch_t *batch, const qdn_fetched_t *got)
{
    qdn_google_answer_t *answer;
    const char *error;
    int i;

    batch->account->failures = 0;
    batch->account->distrusted = 0;
    qdn_desk_reading(batch->account->google->desk, batch->inquiries[0]->feed);
    if (qdn_google_answer_read(&answer, got->body, got->len, &error,
                               batch->pool)) {
        fail_batch(batch, error, 0);
    }
    else {
        for (i = 0; i < batch->n; i++) {
            read_calendar(answer, batch, batch->inquiries[i]);
        }
    }
    qdn_desk_done(batch->account->google->desk);
}

static void ask_again(batch_t *batch)
{
    int i;

    for (i = 0; i < batch->n; i++) {
        batch->inquiries[i]->asked = 0;
        batch->inquiries[i]->due = qdn_clock_mono();
    }
}

/* One of them may be what Google does not understand: each for itself. */
static int set_apart(batch_t *batch)
{
    int i;

    if (batch->n < 2) {
        return 0;
    }
    for (i = 0; i < batch->n; i++) {
        batch->inquiries[i]->alone = 1;
    }
    ask_again(batch);
    return 1;
}

/*
 * Google does not know the token any more, whatever it promised. Asked again
 * at once with another, unless that is what was just tried.
 */
static int try_again(batch_t *batch)
{
    account_t *account = batch->account;

    if (batch->generation == account->generation) {
        forget_token(account);
        if (account->distrusted++) {
            return 0;
        }
    }
    ask_again(batch);
    return 1;
}

static void busy_answered(void *baton, const qdn_fetched_t *got)
{
    batch_t *batch = baton;
    const char *fault;
    int slower = 0;

    if (got->error) {
        fail_batch(batch, got->error, 0);
    }
    else if (got->status == 200) {
        read_batch(batch, got);
    }
    else if (!(got->status == 401 && try_again(batch)) &&
             !(got->status == 400 && set_apart(batch))) {
        fault = qdn_google_fault(got->status, got->body, got->len, &slower,
                                 batch->pool);
        if (slower) {
            hold(batch->account, got->retry_after);
        }
        fail_batch(batch,
                   apr_pstrcat(batch->pool, "Google answers ", fault, NULL),
                   got->retry_after);
    }
    apr_pool_destroy(batch->pool);
}

/*
 * Who is due, and who would be soon: so they stay together, and a hundred
 * calendars are two questions. Failing ones keep to their own times.
 */
static batch_t *gather(account_t *account, apr_interval_time_t now)
{
    qdn_desk_t *desk = account->google->desk;
    apr_pool_t *p = qdn_desk_pool(desk);
    batch_t *batch = apr_pcalloc(p, sizeof(*batch));
    int i;

    batch->pool = p;
    batch->account = account;
    batch->generation = account->generation;
    batch->from = qdn_clock_now() - QDN_FINDING_BEHIND;
    batch->to = batch->from + QDN_FINDING_BEHIND + QDN_FINDING_AHEAD;
    for (i = 0; i < desk->n && batch->n < QDN_GOOGLE_BATCH; i++) {
        qdn_inquiry_t *inquiry = &desk->inquiries[i];
        apr_interval_time_t early =
            inquiry->failures ? 0 : inquiry->feed->refresh / 2;

        if (!is_due(account->google, account, inquiry, now + early) ||
            (inquiry->alone && batch->n)) {
            continue;
        }
        batch->inquiries[batch->n++] = inquiry;
        if (inquiry->alone) {
            break;
        }
    }
    return batch;
}

static void send_batch(batch_t *batch)
{
    qdn_google_desk_t *google = batch->account->google;
    const char *const headers[] = { "Content-Type: application/json",
                                    "Accept: application/json", NULL };
    const char *ids[QDN_GOOGLE_BATCH];
    qdn_question_t question = { .method = "POST",
                                .url = google->busy_url,
                                .headers = headers,
                                .secret = batch->account->bearer,
                                .max = ANSWER_MAX,
                                .done = busy_answered,
                                .baton = batch };
    int i;

    for (i = 0; i < batch->n; i++) {
        ids[i] = batch->inquiries[i]->feed->address;
        batch->inquiries[i]->asked = 1;
    }
    question.body =
        qdn_google_question(ids, batch->n, batch->from, batch->to, batch->pool);
    qdn_fetch_begin(google->desk->fetch, &question);
}

static int any_due(account_t *account, apr_interval_time_t now)
{
    qdn_desk_t *desk = account->google->desk;
    int i;

    for (i = 0; i < desk->n; i++) {
        if (is_due(account->google, account, &desk->inquiries[i], now)) {
            return 1;
        }
    }
    return 0;
}

/* Who is due while nothing may be asked is due when something may. */
static void put_off(account_t *account, apr_interval_time_t now)
{
    qdn_desk_t *desk = account->google->desk;
    int i;

    for (i = 0; i < desk->n; i++) {
        if (is_due(account->google, account, &desk->inquiries[i], now)) {
            desk->inquiries[i].due = account->not_before;
        }
    }
}

static void ask_account(account_t *account, apr_interval_time_t now)
{
    if (now < account->not_before) {
        put_off(account, now);
    }
    while (any_due(account, now)) {
        if (!account->bearer || now >= account->renew) {
            ask_token(account);
            return;
        }
        if (!qdn_fetch_room(account->google->desk->fetch,
                            account->google->busy_url)) {
            return;
        }
        send_batch(gather(account, now));
    }
}

void qdn_google_desk_ask(qdn_google_desk_t *google, apr_interval_time_t now)
{
    qdn_desk_t *desk = google->desk;
    account_t *account;
    int i;

    for (i = 0; i < desk->n; i++) {
        if (desk->inquiries[i].feed->how == QDN_FEED_GOOGLE) {
            account_of(google, desk->inquiries[i].feed);
        }
    }
    for (account = google->accounts; account; account = account->next) {
        ask_account(account, now);
    }
}
