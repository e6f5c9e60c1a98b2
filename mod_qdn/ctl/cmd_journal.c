/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_strings.h>
#include <json-c/json.h>

#include "command.h"
#include "database.h"
#include "ledger.h"
#include "output.h"
#include "parked.h"
#include "segment.h"
#include "status.h"

static const qdn_option_t options[] = {
    QDN_DATABASE_OPTIONS,
    { 0 },
};

typedef struct entry_t {
    const char *name;
    apr_int64_t size;
    apr_int64_t position; /* in SQL up to here */
    qdn_segment_health_t health;
} entry_t;

typedef struct journal_t {
    apr_array_header_t *entries; /* of entry_t */
    apr_int64_t lines;           /* waiting */
    apr_int64_t bytes;
    apr_int64_t damaged; /* lines */
    apr_int64_t parked;
    apr_time_t oldest; /* 0: nothing waits */
    const char *doubt; /* why positions are not known, NULL: they are */
} journal_t;

/* Where SQL is; without it every line counts as waiting. */
static apr_hash_t *find_positions(journal_t *j, const qdn_database_t *db,
                                  apr_pool_t *p)
{
    apr_hash_t *positions = apr_hash_make(p);
    qdn_store_t *store;

    j->doubt = qdn_database_open(&store, db, p);
    if (j->doubt) {
        return positions;
    }
    j->doubt = qdn_database_readable(store, p);
    if (!j->doubt &&
        qdn_ledger_positions(store, NULL, &positions, p) != APR_SUCCESS) {
        j->doubt = apr_pstrdup(p, qdn_store_error(store));
    }
    qdn_store_close(store);
    return positions;
}

static void add_entry(journal_t *j, const entry_t *e)
{
    APR_ARRAY_PUSH(j->entries, entry_t) = *e;
    j->lines += e->health.waiting;
    j->bytes += e->size > e->position ? e->size - e->position : 0;
    j->damaged += e->health.bad;
    if (e->health.oldest && (!j->oldest || e->health.oldest < j->oldest)) {
        j->oldest = e->health.oldest;
    }
}

static apr_status_t inspect(const qdn_ctl_t *ctl, journal_t *j, const char *dir,
                            apr_hash_t *positions)
{
    apr_array_header_t *segments;
    apr_status_t rv = qdn_segment_list(&segments, dir, ctl->pool);
    apr_pool_t *scratch;

    if (rv != APR_SUCCESS) {
        return rv;
    }
    apr_pool_create(&scratch, ctl->pool);
    j->entries = apr_array_make(ctl->pool, segments->nelts, sizeof(entry_t));
    for (int i = 0; i < segments->nelts; i++) {
        const qdn_segment_t *s = &APR_ARRAY_IDX(segments, i, qdn_segment_t);
        const apr_int64_t *known =
            apr_hash_get(positions, s->name, APR_HASH_KEY_STRING);
        entry_t e = { .name = s->name, .position = known ? *known : 0 };

        apr_pool_clear(scratch);
        qdn_ctl_progress(ctl, "reading", i, segments->nelts);
        rv = qdn_segment_verify(&e.health,
                                apr_pstrcat(scratch, dir, "/", s->name, NULL),
                                e.position, scratch);
        /* The drain may have finished with it meanwhile. */
        if (rv == APR_SUCCESS) {
            e.size = e.health.size;
            add_entry(j, &e);
        }
        else if (!APR_STATUS_IS_ENOENT(rv)) {
            return rv;
        }
    }
    qdn_ctl_progress(ctl, "reading", 1, 1);
    apr_pool_destroy(scratch);
    return APR_SUCCESS;
}

static const char *condition(const entry_t *e, apr_pool_t *p)
{
    const qdn_segment_health_t *h = &e->health;

    if (h->bad) {
        return apr_psprintf(
            p, "%" APR_INT64_T_FMT " damaged, the first at %" APR_INT64_T_FMT,
            h->bad, h->first_bad);
    }
    if (h->torn && !h->writer_alive) {
        return apr_psprintf(p, "torn end of %" APR_INT64_T_FMT " bytes",
                            h->torn);
    }
    return h->writer_alive ? "being written" : "ok";
}

static const char *number(apr_int64_t n, apr_pool_t *p)
{
    return apr_psprintf(p, "%" APR_INT64_T_FMT, n);
}

/* Negative if the clock was put back; people need no sign for that. */
static apr_int64_t age(apr_time_t since)
{
    apr_time_t now = apr_time_now();

    return since && now > since ? apr_time_sec(now - since) : 0;
}

static void show_text(const qdn_ctl_t *ctl, const journal_t *j)
{
    static const char *const head[] = { "SEGMENT", "LINES", "WAITING",
                                        "BYTES",   "STATE", NULL };
    qdn_table_t *table = qdn_table_create(head, ctl->pool);
    apr_pool_t *p = ctl->pool;

    for (int i = 0; i < j->entries->nelts; i++) {
        const entry_t *e = &APR_ARRAY_IDX(j->entries, i, entry_t);

        qdn_table_row(
            table, e->name, number(e->health.lines, p),
            number(e->health.waiting, p),
            number(e->size > e->position ? e->size - e->position : 0, p),
            condition(e, p));
    }
    if (j->entries->nelts) {
        qdn_table_print(ctl, table);
    }
    qdn_ctl_say(ctl,
                "%" APR_INT64_T_FMT " lines (%" APR_INT64_T_FMT
                " bytes) are not in SQL yet%s%s\n",
                j->lines, j->bytes, j->oldest ? ", the oldest is of " : "",
                j->oldest ? apr_psprintf(p, "%" APR_INT64_T_FMT " s ago",
                                         age(j->oldest))
                          : "");
    if (j->parked) {
        qdn_ctl_say(ctl,
                    "%" APR_INT64_T_FMT " lines lie in parked/: SQL cannot "
                    "have them; moved to journal/ they are tried again\n",
                    j->parked);
    }
    if (j->doubt) {
        qdn_ctl_say(ctl, "what is in SQL is not known: %s\n", j->doubt);
    }
}

static void add_number(json_object *object, const char *name, apr_int64_t n)
{
    json_object_object_add(object, name, json_object_new_int64(n));
}

static json_object *entry_json(const entry_t *e)
{
    json_object *object = json_object_new_object();

    json_object_object_add(object, "segment", json_object_new_string(e->name));
    add_number(object, "bytes", e->size);
    add_number(object, "drained_to", e->position);
    add_number(object, "lines", e->health.lines);
    add_number(object, "waiting", e->health.waiting);
    add_number(object, "damaged", e->health.bad);
    add_number(object, "first_damaged", e->health.first_bad);
    add_number(object, "newer", e->health.newer);
    add_number(object, "torn", e->health.torn);
    json_object_object_add(object, "writer_alive",
                           json_object_new_boolean(e->health.writer_alive));
    return object;
}

static json_object *to_json(const journal_t *j)
{
    json_object *document = json_object_new_object();
    json_object *list = json_object_new_array();

    for (int i = 0; i < j->entries->nelts; i++) {
        json_object_array_add(
            list, entry_json(&APR_ARRAY_IDX(j->entries, i, entry_t)));
    }
    json_object_object_add(document, "segments", list);
    add_number(document, "waiting", j->lines);
    add_number(document, "bytes", j->bytes);
    add_number(document, "damaged", j->damaged);
    add_number(document, "parked", j->parked);
    add_number(document, "oldest", j->oldest);
    json_object_object_add(document, "doubt",
                           j->doubt ? json_object_new_string(j->doubt) : NULL);
    return document;
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    journal_t j = { .lines = 0 };
    qdn_database_t db;
    const char *dir, *error = qdn_database_find(&db, ctl);
    apr_status_t rv;

    if (!error) {
        error = qdn_database_become_owner(db.state_dir, ctl->pool);
    }
    if (error) {
        return qdn_ctl_fail(ctl, "%s", error);
    }
    dir = apr_pstrcat(ctl->pool, db.state_dir, "/journal", NULL);
    rv = inspect(ctl, &j, dir, find_positions(&j, &db, ctl->pool));
    if (rv != APR_SUCCESS) {
        char cause[128];

        return qdn_ctl_fail(ctl, "%s: %s; --state names another directory", dir,
                            qdn_strerror(rv, cause, sizeof(cause)));
    }
    j.parked =
        qdn_parked_count(apr_pstrcat(ctl->pool, db.state_dir, "/parked", NULL));
    show_text(ctl, &j);
    qdn_ctl_json(ctl, to_json(&j));
    return j.damaged || j.parked ? QDN_EXIT_FOUND : QDN_EXIT_OK;
}

const qdn_command_t qdn_cmd_journal = {
    .name = "journal",
    .synopsis = "[--state DIR] [--dbd DRIVER:PARAMS]",
    .summary = "show what is not in SQL yet and verify every line",
    .detail = "Reads the files of the journal itself; httpd need not run. An "
              "incomplete last line\nof a writer that was killed is normal "
              "and is passed over by the drain. Exit status\n1: a line is "
              "damaged, or lines were put aside in parked/.",
    .options = options,
    .run = run,
};
