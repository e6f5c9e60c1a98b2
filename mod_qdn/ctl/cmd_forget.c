/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "command.h"
#include "database.h"
#include "e164.h"
#include "forget.h"
#include "ledger.h"
#include "login.h"
#include "output.h"
#include "redact.h"
#include "status.h"

#define WHY_MAX 400 /* bytes */

/* The drain takes a second; a database that was away may keep it longer. */
#define DRAIN_WAIT apr_time_from_sec(30)
#define DRAIN_GAP  apr_time_from_msec(200)

static const qdn_option_t options[] = {
    { .name = "why",
      .value = "TEXT",
      .required = 1,
      .help = "the reason, kept in the audit; without the person's name" },
    QDN_DATABASE_OPTIONS,
    { 0 },
};

typedef struct forgetting_t {
    qdn_ctl_t *ctl;
    qdn_database_t db;
    qdn_store_t *store;
    int lock; /* the drain's, if nobody drains; else -1 */
    qdn_forget_order_t order;
    qdn_forget_t done;
    qdn_forget_files_t files;
} forgetting_t;

static const char *check_words(const forgetting_t *f, apr_pool_t *p)
{
    const char *why = f->order.why;

    if (!qdn_e164_valid(f->order.number)) {
        return apr_psprintf(p,
                            "'%s' is no number like +16195550199, with its "
                            "country code",
                            f->order.number);
    }
    if (why[strspn(why, " \t\r\n")] == '\0' || strlen(why) > WHY_MAX) {
        return apr_psprintf(p, "--why needs a reason of at most %d bytes",
                            WHY_MAX);
    }
    return qdn_redact_find(why, f->order.number)
               ? "--why is kept; leave the number out of it"
               : NULL;
}

/* Held until the end, so that no drain begins meanwhile. */
static int take_drain_lock(const forgetting_t *f)
{
    const char *path =
        apr_pstrcat(f->ctl->pool, f->db.state_dir, "/drain.lock", NULL);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB)) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static const char *look_at_files(forgetting_t *f, int overwrite)
{
    apr_hash_t *positions = NULL;
    apr_pool_t *ptemp;
    const char *error = NULL;
    char cause[128];
    apr_status_t rv;

    apr_pool_create(&ptemp, f->ctl->pool);
    if (f->lock < 0 && qdn_ledger_positions(f->store, NULL, &positions,
                                            ptemp) != APR_SUCCESS) {
        error = apr_pstrdup(f->ctl->pool, qdn_store_error(f->store));
    }
    else {
        rv = qdn_forget_files(f->db.state_dir, f->order.number, positions,
                              overwrite, &f->files, ptemp);
        if (rv != APR_SUCCESS) {
            error = apr_psprintf(f->ctl->pool, "the journal in %s: %s",
                                 f->db.state_dir,
                                 qdn_strerror(rv, cause, sizeof(cause)));
        }
    }
    apr_pool_destroy(ptemp);
    return error;
}

/* What is on its way into SQL would bring the number back. */
static const char *await_drain(forgetting_t *f)
{
    apr_time_t until = apr_time_now() + DRAIN_WAIT;
    const char *error = look_at_files(f, 0);

    while (!error && f->files.waiting && apr_time_now() < until) {
        apr_sleep(DRAIN_GAP);
        error = look_at_files(f, 0);
    }
    if (!error && f->files.waiting) {
        error = apr_psprintf(
            f->ctl->pool,
            "%d lines of the journal name the number and are not in the "
            "database yet, so nothing was erased; 'qdnctl doctor' says why "
            "they wait",
            f->files.waiting);
    }
    return error;
}

static const char *forget(forgetting_t *f)
{
    switch (qdn_forget_number(f->store, &f->order, &f->done, f->ctl->pool)) {
    case APR_SUCCESS:
        return look_at_files(f, 1);
    case QDN_EREFUSED:
        return "the configuration in force names this number, and would bring "
               "it back; take it out there, and reload httpd first";
    case APR_EAGAIN:
        return "others write to the database all the time; try again";
    default:
        return apr_pstrcat(f->ctl->pool, qdn_store_error(f->store),
                           "; do the same again, nothing is lost by it", NULL);
    }
}

static void show(const forgetting_t *f)
{
    const qdn_forget_t *d = &f->done;
    const char *number = qdn_e164_mask(f->order.number, f->ctl->pool);

    if (!d->calls && !d->events && !d->revisions && !f->files.lines) {
        qdn_ctl_say(f->ctl, "%s: nothing is known of it\n", number);
        return;
    }
    qdn_ctl_say(f->ctl,
                "%s is forgotten: %" APR_INT64_T_FMT
                " calls lost their caller, %" APR_INT64_T_FMT
                " events and %" APR_INT64_T_FMT
                " former configurations the number, %" APR_INT64_T_FMT
                " texts were erased from the audit, %d lines of the journal "
                "overwritten\n",
                number, d->calls, d->events, d->revisions, d->entries,
                f->files.lines);
}

static json_object *to_json(const forgetting_t *f)
{
    json_object *document = json_object_new_object();
    json_object *erased = json_object_new_array();
    const struct {
        const char *name;
        apr_int64_t n;
    } counts[] = {
        { "calls", f->done.calls },         { "events", f->done.events },
        { "entries", f->done.entries },     { "lines", f->files.lines },
        { "revisions", f->done.revisions },
    };

    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        json_object_object_add(document, counts[i].name,
                               json_object_new_int64(counts[i].n));
    }
    for (int i = 0; i < f->done.erased->nelts; i++) {
        json_object_array_add(erased, json_object_new_string(APR_ARRAY_IDX(
                                          f->done.erased, i, const char *)));
    }
    json_object_object_add(document, "erased", erased);
    return document;
}

static const char *open_all(forgetting_t *f)
{
    apr_pool_t *p = f->ctl->pool;
    const char *error = check_words(f, p);

    if (!error) {
        error = qdn_database_find(&f->db, f->ctl);
    }
    if (!error) {
        error = qdn_database_become_owner(f->db.state_dir, p);
    }
    if (!error) {
        error = qdn_database_open(&f->store, &f->db, p);
    }
    return error ? error : qdn_database_current(f->store, p);
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    forgetting_t f = {
        .ctl = ctl,
        .lock = -1,
        .order = { .number = APR_ARRAY_IDX(ctl->args, 0, const char *),
                   .host = qdn_login_host(ctl->pool),
                   .who = qdn_login_who(ctl->pool),
                   .why = qdn_ctl_option(ctl, "why"),
                   .now = apr_time_now() },
    };
    const char *error = open_all(&f);

    if (!error) {
        f.lock = take_drain_lock(&f);
        error = await_drain(&f);
    }
    if (!error) {
        error = forget(&f);
    }
    if (f.store) {
        qdn_store_close(f.store);
    }
    if (f.lock >= 0) {
        close(f.lock);
    }
    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    show(&f);
    qdn_ctl_json(ctl, to_json(&f));
    return QDN_EXIT_OK;
}

const qdn_command_t qdn_cmd_forget = {
    .name = "forget",
    .synopsis = "--why TEXT [--state DIR] [--dbd DRIVER:PARAMS] NUMBER",
    .summary = "erase a person's number on request, and keep the proof",
    .detail =
        "Takes the number (with its country code, +16195550199) out of calls, "
        "of events, of\nthe audit and of former configurations in the "
        "database, and out of the journal and\nparked lines of this host; "
        "with several hosts run it on each. Calls, decisions and\nsums stay, "
        "without it. The audit says who asked for it, when and why, and\n"
        "'qdnctl audit --verify' then tells of it as erased on request.\n\n"
        "httpd may run or not. Lines of the journal that name the number are "
        "waited for until\nthe database has them; if that takes longer than "
        "half a minute, or there is no\ndatabase, nothing is erased (exit "
        "status 2). The same may be done again at any\ntime. A status's "
        "reason leaves the memory of running hosts within the hour.\n\nNot "
        "erased: what Twilio keeps, backups, and httpd's access log if "
        "webhooks come by GET.",
    .options = options,
    .args_min = 1,
    .args_max = 1,
    .run = run,
};
