/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One whole call, from the first webhook to the rows in SQL, in which the nth
 * call of one kind to the system fails: for every kind, for every n. Each run
 * is a process of its own. The answers to Twilio must be the bytes of a run
 * without faults, and what the journal has acknowledged must be in SQL once.
 * Out of memory a process may end, in one way: see qdn_digest and APR's abort
 * function; what it had acknowledged before must be in SQL all the same.
 *
 * QDN_TEST_QUICK=yes: a sample.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <apr_general.h>
#include <apr_strings.h>
#include "clock.h"
#include "dbds.h"
#include "drain.h"
#include "faults.h"
#include "log.h"
#include "office.h"
#include "outbox.h"
#include "parked.h"
#include "store.h"

#define STEPS      8
#define IDS_MAX    64
#define OUT_OF_MEM 77   /* exit status: ended as it may without memory */
#define STEPS_MAX  200  /* of the drain until it must have recovered */
#define KEPT       2000 /* statements that one store is made to remember */
#define SAMPLE     12   /* runs of a kind, if only a sample is wanted */

#define LEG  "CallSid=" OFFICE_LEG "&ParentCallSid=" OFFICE_CALL "&"
#define PAST "CallStatus=in-progress&"
#define AUDIO                                                                  \
    "RecordingSid=RE00112233445566778899aabbccddeeff&"                         \
    "RecordingUrl=https%3A%2F%2Fapi.example.com%2FRE00&"

/*
 * The call: what each webhook says and which URL of the answer before it is
 * asked. The first phone is picked up and passed on, the second rings out,
 * the caller leaves a message.
 */
static const struct {
    int from; /* the step whose answer names the URL; -1: no answer does */
    const char *step;
    const char *parameters;
} script[STEPS] = {
    { -1, "voice", "From=%2B16195550150&To=%2B16195550100&CallStatus=ringing" },
    { 0, "voice/screen", LEG PAST },
    { 1, "voice/accept", LEG PAST "Digits=2" },
    { 0, "voice/next",
      PAST "DialCallStatus=completed&DialBridged=false&"
           "DialCallSid=" OFFICE_LEG },
    { 3, "voice/next", PAST "DialCallStatus=no-answer&DialBridged=false" },
    { 4, "voice/recorded", PAST AUDIO "RecordingDuration=7" },
    { 4, "voice/recording",
      AUDIO "RecordingStatus=completed&RecordingDuration=7" },
    { -1, "voice/status",
      "From=%2B16195550150&To=%2B16195550100&CallStatus=completed" },
};

static const char line_conf[] = "QDNHop sergio/primary\n"
                                "QDNHop sergio/backup\n"
                                "QDNVoicemail greeting=\"After the tone.\"";

/* What a run tells this process; it may end at any moment. */
typedef struct account_t {
    int acknowledged;
    char ids[IDS_MAX][QDN_ID_HEX + 1];
    int answered; /* webhooks */
    char bodies[STEPS][4096];
    long counts[FAULT_KINDS]; /* if it did not end before */
    int ended;                /* for want of memory */
    char trouble[400];        /* in words; "": none */
} account_t;

static account_t *quiet;   /* of the run without faults */
static account_t *account; /* of the run that is on */
static apr_interval_time_t leap;
static pid_t self; /* who runs the tests; others suffer and end */

/************** what stands in for others **************/

apr_interval_time_t __real_qdn_clock_mono(void);
apr_interval_time_t __wrap_qdn_clock_mono(void);
void __wrap_abort(void) __attribute__((noreturn));

apr_interval_time_t __wrap_qdn_clock_mono(void)
{
    return __real_qdn_clock_mono() + leap;
}

/* Of libqdn's own objects only: what libc finds wrong ends in a signal. */
void __wrap_abort(void)
{
    faults_disarm();
    _exit(OUT_OF_MEM);
}

/* httpd's, too, is the abort function of all pools below its first. */
static int no_memory(int status)
{
    (void)status;
    faults_disarm();
    _exit(OUT_OF_MEM);
}

static void complain(const char *fmt, ...)
    __attribute__((format(printf, 1, 2), noreturn));

static void complain(const char *fmt, ...)
{
    va_list more;

    faults_disarm();
    va_start(more, fmt);
    vsnprintf(account->trouble, sizeof(account->trouble), fmt, more);
    va_end(more);
    _exit(1);
}

/************** the call **************/

/* Two steps may tell the same event; it is kept once. */
static void acknowledge(const char *id)
{
    int i = 0;

    while (i < account->acknowledged && strcmp(account->ids[i], id) != 0) {
        i++;
    }
    if (i == account->acknowledged) {
        memcpy(account->ids[i], id, QDN_ID_HEX + 1);
        account->acknowledged++;
    }
}

static apr_status_t keep(void *baton, const qdn_event_t *events, int n,
                         apr_pool_t *p)
{
    apr_status_t rv = qdn_outbox_record(baton, events, n, p);

    for (int i = 0; rv == APR_SUCCESS && i < n; i++) {
        acknowledge(events[i].id);
    }
    return rv;
}

static const char *path_of(office_t *o, int i)
{
    qdn_reply_t before = { .body = NULL };

    if (script[i].from < 0) {
        return script[i].step;
    }
    before.body = account->bodies[script[i].from];
    return office_find_url(o, &before, script[i].step);
}

static void ring_up(office_t *o)
{
    for (int i = 0; i < STEPS; i++) {
        qdn_request_t request;
        qdn_reply_t reply;

        faults_pause();
        request = office_request(o, path_of(o, i), script[i].parameters);
        request.now += apr_time_from_sec(i);
        office_sign(o, &request);
        faults_resume();
        reply = office_answer(o, &request);
        faults_pause();
        if (reply.status != 200 || strlen(reply.body) >= 4096) {
            complain("%s: %d %s", script[i].step, reply.status, reply.body);
        }
        apr_cpystrn(account->bodies[i], reply.body, 4096);
        account->answered++;
        faults_resume();
    }
}

static qdn_outbox_t *open_outbox(office_t *o, const char *dir,
                                 apr_interval_time_t wait)
{
    qdn_plan_t *plan = apr_pmemdup(o->pool, o->service.plan, sizeof(*plan));

    plan->state_dir = dir;
    plan->journal_sync = 1;
    plan->journal_wait = wait;
    plan->journal_max = 1 << 30;
    o->service.record = keep;
    o->service.record_baton =
        qdn_outbox_open(plan, o->service.host, &o->counters, o->pool);
    return o->service.record_baton;
}

/*
 * Drain until all is in SQL, or for so many steps (0 is returned then); the
 * clock is put forward over the waits between attempts.
 */
static int drain(const char *dir, int patience, apr_pool_t *p)
{
    qdn_drain_config_t config = { .state_dir = dir, .host = "host-a" };
    qdn_drain_report_t report = { .state = QDN_DRAIN_AWAY };
    qdn_drain_t *d = NULL;
    const char *error;

    while (patience-- > 0 && report.state != QDN_DRAIN_IDLE) {
        int more = 0;

        if (!d && qdn_drain_open(&d, &config, &error, p)) {
            d = NULL; /* the daemon ends, and another begins */
            continue;
        }
        if (qdn_drain_step(d, &more) != APR_SUCCESS) {
            leap += apr_time_from_sec(3);
        }
        qdn_drain_report(d, &report);
    }
    if (d) {
        qdn_drain_close(d);
    }
    return report.state == QDN_DRAIN_IDLE;
}

typedef struct run_t {
    fault_e kind;
    long nth; /* 0: no fault */
    int lasting;
} run_t;

/* In a process of its own: the call and the drain, then its end. */
static void suffer(const run_t *run, const char *dir)
{
    office_t *o = office_open(line_conf);
    qdn_outbox_t *outbox;
    int drained;

    qdn_log_set_sink(NULL, NULL, QDN_LOG_ERR);
    apr_pool_abort_set(no_memory, o->pool);
    apr_pool_abort_set(no_memory, apr_pool_parent_get(o->pool));
    faults_arm(run->kind, run->nth, run->lasting);
    outbox = open_outbox(
        o, dir, run->lasting ? apr_time_from_msec(5) : apr_time_from_sec(5));
    ring_up(o);
    /* Closing would wait a second for a disk that is full for ever. */
    if (!run->lasting) {
        qdn_outbox_close(outbox);
    }
    drained = drain(dir, run->lasting ? 5 : STEPS_MAX, o->pool);
    for (int i = 0; i < FAULT_KINDS; i++) {
        account->counts[i] = faults_count((fault_e)i);
    }
    faults_disarm();
    if (!drained && !run->lasting) {
        complain("the drain has not recovered");
    }
    _exit(0);
}

/************** what must be so afterwards **************/

static void take_number(void *baton, const char *const *values)
{
    *(apr_int64_t *)baton = apr_atoi64(values[0]);
}

static apr_int64_t ask(qdn_store_t *store, const char *from, apr_pool_t *p)
{
    const char *sql = apr_pstrcat(p, "SELECT COUNT(*) FROM ", from, NULL);
    apr_int64_t n = -1;

    if (qdn_store_select(store, sql, take_number, &n, p) != APR_SUCCESS) {
        complain("%s: %s", sql, qdn_store_error(store));
    }
    return n;
}

static void look_at_sql(qdn_store_t *store, apr_pool_t *p)
{
    const char *ids = "''";
    apr_int64_t kept;

    for (int i = 0; i < account->acknowledged; i++) {
        ids = apr_pstrcat(p, ids, ",'", account->ids[i], "'", NULL);
    }
    kept = ask(store, apr_pstrcat(p, "qdn_event WHERE id IN (", ids, ")", NULL),
               p);
    if (kept != account->acknowledged) {
        complain("%d events were acknowledged, %" APR_INT64_T_FMT " are there",
                 account->acknowledged, kept);
    }
    if (ask(store, "qdn_call", p) != !!ask(store, "qdn_event", p)) {
        complain("there are events, but not one row of the call");
    }
    if (account->acknowledged == quiet->acknowledged &&
        !ask(store,
             "qdn_call WHERE outcome = 'voicemail' AND hops = 2 AND "
             "caller = '+16195550150' AND ended_at > started_at",
             p)) {
        complain("the row of the call is not what its events say");
    }
}

/* In a process of its own, without faults: the next daemon, and a look. */
static void look(const char *dir)
{
    const char *error;
    qdn_store_t *store;
    apr_pool_t *p;

    apr_pool_create(&p, NULL);
    if (!drain(dir, STEPS_MAX, p)) {
        complain("the next daemon does not drain");
    }
    if (qdn_parked_count(apr_pstrcat(p, dir, "/parked", NULL))) {
        complain("a good line was parked");
    }
    if (qdn_store_open(&store, "sqlite3",
                       apr_pstrcat(p, dir, "/qdn.sqlite", NULL), &error, p)) {
        complain("%s", error);
    }
    look_at_sql(store, p);
    _exit(0);
}

/*
 * fork without cmocka's handlers, which would take a crash of the child for a
 * failed test and go on with the next.
 */
static pid_t fork_plain(void)
{
    static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };
    pid_t pid = fork();

    for (size_t i = 0; pid == 0 && i < sizeof(signals) / sizeof(int); i++) {
        signal(signals[i], SIG_DFL);
    }
    return pid;
}

/* What became of it: its exit status, -1 after a signal. */
static int await(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFSIGNALED(status)) {
        snprintf(account->trouble, sizeof(account->trouble), "signal %d",
                 WTERMSIG(status));
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Debian's APR takes the memory of its pools by mmap. */
static int is_memory(fault_e kind)
{
    return kind == FAULT_MALLOC || kind == FAULT_MMAP;
}

/* One run; what is wrong with it in words, or NULL. */
static const char *torture(const run_t *run, apr_pool_t *p)
{
    const char *dir = qdn_dbds_dir(p);
    const char *trouble = NULL;
    int status;
    pid_t pid;

    memset(account, 0, sizeof(*account));
    assert_int_equal(mkdir(apr_pstrcat(p, dir, "/journal", NULL), 0700), 0);
    if ((pid = fork_plain()) == 0) {
        suffer(run, dir);
    }
    status = await(pid);
    account->ended = status == OUT_OF_MEM;
    if (status != 0 && !(account->ended && is_memory(run->kind))) {
        trouble = apr_psprintf(p, "status %d: %s", status, account->trouble);
    }
    for (int i = 0; !trouble && run->nth && i < account->answered; i++) {
        if (strcmp(account->bodies[i], quiet->bodies[i]) != 0) {
            trouble = apr_psprintf(p, "%s is answered differently: %s",
                                   script[i].step, account->bodies[i]);
        }
    }
    if ((pid = fork_plain()) == 0) {
        look(dir);
    }
    if (await(pid) && !trouble) {
        trouble = apr_psprintf(p, "afterwards: %s", account->trouble);
    }
    qdn_dbds_sweep(dir);
    return trouble;
}

/************** the tests **************/

static int count_calls(void **state)
{
    run_t run = { .kind = FAULT_MALLOC };
    const char *trouble;
    apr_pool_t *p;

    (void)state;
    account = quiet;
    apr_pool_create(&p, NULL);
    trouble = torture(&run, p);
    if (trouble) {
        fail_msg("without a fault: %s", trouble);
    }
    assert_int_equal(account->answered, STEPS);
    assert_true(account->acknowledged > STEPS);
    account = quiet + 1;
    apr_pool_destroy(p);
    return 0;
}

/* Runs with the nth call for n from 1, every `step`. */
static void every_nth(run_t run, long step)
{
    long calls = quiet->counts[run.kind];
    int runs = 0, hits = 0, bad = 0;

    if (getpid() != self) {
        _exit(2); /* an assertion failed in a child and was noted */
    }
    for (run.nth = 1; run.nth <= calls; run.nth += step) {
        const char *trouble;
        apr_pool_t *p;

        apr_pool_create(&p, NULL);
        trouble = torture(&run, p);
        runs++;
        hits += account->ended || account->counts[run.kind] >= run.nth;
        if (trouble && bad++ < 20) {
            print_error("# %s %ld of %ld: %s\n", faults_name(run.kind), run.nth,
                        calls, trouble);
        }
        apr_pool_destroy(p);
    }
    print_message("# %s: %d of %ld calls failed%s, each in a run of its own\n",
                  faults_name(run.kind), runs, calls,
                  run.lasting ? " and all later ones" : "");
    assert_int_equal(bad, 0);
    /* Threads do not make the same calls each time, but nearly. */
    assert_true(runs > 0 && hits >= runs - runs / 10 - 1);
}

static void each_call_fails(void **state)
{
    const run_t run = { .kind = *(fault_e *)*state };
    const char *quick = getenv("QDN_TEST_QUICK");
    int sample = quick && !strcmp(quick, "yes");

    every_nth(run, sample ? quiet->counts[run.kind] / SAMPLE + 1 : 1);
}

/* It fails from some moment on, as a full disk does, until the look. */
static void all_later_calls_fail(void **state)
{
    static const fault_e kinds[] = { FAULT_MALLOC, FAULT_WRITE, FAULT_SYNC,
                                     FAULT_OPEN,   FAULT_STAT,  FAULT_RENAME };

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        const run_t run = { .kind = kinds[i], .lasting = 1 };

        every_nth(run, quiet->counts[run.kind] / 3 + 1);
    }
}

/* Statements are kept, so each of these needs more of the store's own pool. */
static void fill_store(const char *dir)
{
    static const char *const columns[] = { "id", NULL };
    const char *value = "x", *error;
    qdn_store_insert_t *inserts;
    qdn_store_t *store;
    apr_pool_t *p, *scratch; /* which soon needs no more */

    apr_pool_create_ex(&p, NULL, no_memory, NULL);
    apr_pool_create(&scratch, p);
    if (qdn_store_open(&store, "sqlite3",
                       apr_pstrcat(p, dir, "/qdn.sqlite", NULL), &error, p) ||
        qdn_store_run(store, "CREATE TABLE x (id TEXT PRIMARY KEY)")) {
        complain("no database");
    }
    /* By address: each is another one. */
    inserts = apr_pcalloc(p, KEPT * sizeof(*inserts));
    for (int i = 0; i < KEPT; i++) {
        inserts[i] = (qdn_store_insert_t){ .table = "x",
                                           .columns = columns,
                                           .conflict = QDN_STORE_KEEP };
        faults_arm(FAULT_MMAP, i > 10, 1);
        (void)qdn_store_insert(store, &inserts[i], &value, 1, scratch);
        faults_disarm();
        apr_pool_clear(scratch);
    }
    _exit(0);
}

/* Pools without a parent have an abort function, too. */
static void a_full_pool_ends_the_process(void **state)
{
    apr_pool_t *p;
    const char *dir;
    pid_t pid;

    (void)state;
    apr_pool_create(&p, NULL);
    dir = qdn_dbds_dir(p);
    if ((pid = fork_plain()) == 0) {
        fill_store(dir);
    }
    assert_int_equal(await(pid), OUT_OF_MEM);
    qdn_dbds_sweep(dir);
    apr_pool_destroy(p);
}

int main(void)
{
    /* No call uses sockets, pipes or other programs. */
    enum { KINDS = FAULT_INTERRUPT + 1 };
    struct CMUnitTest tests[KINDS + 2] = {
        cmocka_unit_test(a_full_pool_ends_the_process),
        cmocka_unit_test(all_later_calls_fail),
    };
    fault_e kinds[KINDS];

    apr_initialize();
    self = getpid();
    /* Thousands of databases: if there is a disk of memory, there. */
    if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0) {
        setenv("TMPDIR", "/dev/shm", 1);
    }
    quiet = mmap(NULL, 2 * sizeof(account_t), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < KINDS; i++) {
        kinds[i] = (fault_e)i;
        tests[i + 2] = (struct CMUnitTest){ .name = faults_name(kinds[i]),
                                            .test_func = each_call_fails,
                                            .initial_state = &kinds[i] };
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, count_calls, NULL);
}
