/* SPDX-License-Identifier: Apache-2.0 */
#include "vault.h"

#include <apr_strings.h>

#include "daemon.h"
#include "feed.h"
#include "log.h"
#include "private.h"
#include "status.h"

#define RETAINED "qdn-vault"

typedef struct origin_of_t {
    const char *spec;
    qdn_origin_t origin; /* of the first directive that names it */
} origin_of_t;

/* What is kept over restarts; replaced as a whole, with its pool. */
typedef struct retained_t {
    apr_pool_t *pool;
    apr_array_header_t *secrets; /* of qdn_secrets_t * */
    int ahead; /* read by the trial pass of this start, not yet in force */
} retained_t;

/* Each source once, the server's first. */
static apr_array_header_t *sources(const qdn_plan_t *plan, apr_pool_t *p)
{
    apr_array_header_t *all = apr_array_make(p, 4, sizeof(origin_of_t));
    apr_hash_t *seen = apr_hash_make(p);
    int i;

    if (plan->secrets) {
        apr_hash_set(seen, plan->secrets, APR_HASH_KEY_STRING, plan);
        APR_ARRAY_PUSH(all, origin_of_t) =
            (origin_of_t){ plan->secrets, plan->secrets_origin };
    }
    for (i = 0; i < plan->lines->nelts; i++) {
        const qdn_line_t *line =
            APR_ARRAY_IDX(plan->lines, i, const qdn_line_t *);

        if (!line->secrets ||
            apr_hash_get(seen, line->secrets, APR_HASH_KEY_STRING)) {
            continue;
        }
        apr_hash_set(seen, line->secrets, APR_HASH_KEY_STRING, line);
        APR_ARRAY_PUSH(all, origin_of_t) =
            (origin_of_t){ line->secrets, line->secrets_origin };
    }
    return all;
}

static qdn_secrets_t *copy(const qdn_secrets_t *secrets, apr_pool_t *p)
{
    qdn_secrets_t *mine = apr_pcalloc(p, sizeof(*mine));
    int i;

    mine->spec = apr_pstrdup(p, secrets->spec);
    mine->names =
        apr_array_make(p, secrets->names->nelts, sizeof(const char *));
    for (i = 0; i < secrets->names->nelts; i++) {
        APR_ARRAY_PUSH(mine->names, const char *) =
            apr_pstrdup(p, APR_ARRAY_IDX(secrets->names, i, const char *));
    }
    mine->values = apr_table_clone(p, secrets->values);
    mine->google_key = apr_pstrdup(p, secrets->google_key);
    return mine;
}

/* What was read before from that source; NULL: it never was. */
static qdn_secrets_t *recall(const retained_t *retained, const char *spec,
                             apr_pool_t *p)
{
    int i;

    for (i = 0; retained && i < retained->secrets->nelts; i++) {
        const qdn_secrets_t *secrets =
            APR_ARRAY_IDX(retained->secrets, i, const qdn_secrets_t *);

        if (!strcmp(secrets->spec, spec)) {
            return copy(secrets, p);
        }
    }
    return NULL;
}

/* Does a calendar of Google's take its credentials from that source? */
static int is_googles(const qdn_plan_t *plan, const char *spec)
{
    int i;

    for (i = 0; i < plan->feeds->nelts; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(plan->feeds, i, const qdn_feed_t *);

        if (feed->how == QDN_FEED_GOOGLE && feed->secrets &&
            !strcmp(feed->secrets, spec)) {
            return 1;
        }
    }
    return 0;
}

/*
 * A calendar's key that cannot be read costs no call and holds up no new
 * token of Twilio's: *pdefect says why, and the key of before stays.
 */
static void load_google(const qdn_plan_t *plan, const retained_t *retained,
                        qdn_secrets_t *secrets, const char **pdefect,
                        apr_pool_t *p)
{
    const qdn_secrets_t *before;

    if (is_googles(plan, secrets->spec) &&
        qdn_source_load_google(secrets, pdefect, p)) {
        before = recall(retained, secrets->spec, p);
        secrets->google_key = before ? before->google_key : NULL;
    }
}

/* Read one source, or take what was read ahead; its account on the ring. */
static apr_status_t load(const qdn_plan_t *plan, const char *spec,
                         qdn_keyring_t *ring, const retained_t *retained,
                         qdn_secrets_t **psecrets, const char **perror,
                         const char **pdefect, apr_pool_t *p)
{
    apr_status_t rv = APR_SUCCESS;

    *pdefect = NULL;
    *psecrets = retained && retained->ahead ? recall(retained, spec, p) : NULL;
    if (!*psecrets) {
        rv = qdn_source_load(psecrets, spec, perror, p);
        if (!rv) {
            load_google(plan, retained, *psecrets, pdefect, p);
        }
    }
    return rv ? rv : qdn_keyring_add(ring, *psecrets, perror, p);
}

static void log_defect(const origin_of_t *source, const char *defect,
                       server_rec *s)
{
    if (defect) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     QDNLOGNO(0612) "%s:%d: the key for Google's calendars "
                                    "cannot be read: %s",
                     source->origin.file, source->origin.line, defect);
    }
}

/*
 * A source that could not be read at a restart: what was read earlier, NULL
 * if nothing was. Are those in force? Not where the account is on the ring
 * already with what another source now says: that is newer.
 */
static int fall_back(qdn_vault_t *vault, const retained_t *retained,
                     const origin_of_t *source, qdn_secrets_t **psecrets,
                     const char **pfate, apr_pool_t *p)
{
    const char *error;

    *psecrets = recall(retained, source->spec, p);
    if (!*psecrets) {
        vault->missing++;
        *pfate = "calls that need them are refused";
        return 0;
    }
    if (qdn_keyring_add(vault->keyring, *psecrets, &error, p)) {
        vault->missing++;
        *pfate = apr_psprintf(p,
                              "those read earlier do not fit what is read "
                              "now (%s), so calls that need them are refused",
                              error);
        return 0;
    }
    vault->kept++;
    *pfate = "those read earlier stay in force";
    return 1;
}

static void note_credentials(qdn_vault_t *vault, const qdn_secrets_t *secrets,
                             apr_pool_t *p)
{
    const apr_array_header_t *all = qdn_credential_list(secrets, p);
    const char *source = qdn_source_name(secrets->spec, p);
    int i;

    for (i = 0; i < all->nelts; i++) {
        APR_ARRAY_PUSH(vault->credentials, qdn_loaded_t) =
            (qdn_loaded_t){ source, APR_ARRAY_IDX(all, i, qdn_credential_t) };
    }
}

/* The first fault, which ends a start; 0 at a restart, where all are borne. */
static apr_status_t fill(qdn_vault_t *vault, const qdn_plan_t *plan,
                         retained_t *fresh, const retained_t *retained,
                         const apr_array_header_t *all, server_rec *s)
{
    int i;

    for (i = 0; i < all->nelts; i++) {
        const origin_of_t *source = &APR_ARRAY_IDX(all, i, origin_of_t);
        qdn_secrets_t *secrets = NULL;
        const char *error = NULL, *defect, *fate;
        int in_force = 1;
        apr_status_t rv = load(plan, source->spec, vault->keyring, retained,
                               &secrets, &error, &defect, fresh->pool);

        log_defect(source, defect, s);
        if (rv && (!retained || retained->ahead)) {
            ap_log_error(APLOG_MARK, APLOG_CRIT, 0, s,
                         QDNLOGNO(0610) "%s:%d: secrets cannot be read: %s",
                         source->origin.file, source->origin.line, error);
            return rv;
        }
        if (rv) {
            in_force = fall_back(vault, retained, source, &secrets, &fate,
                                 fresh->pool);
            ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                         QDNLOGNO(0611) "%s:%d: secrets cannot be read: %s; "
                                        "%s",
                         source->origin.file, source->origin.line, error, fate);
        }
        if (secrets) {
            APR_ARRAY_PUSH(fresh->secrets, qdn_secrets_t *) = secrets;
        }
        if (in_force) {
            note_credentials(vault, secrets, fresh->pool);
        }
    }
    return APR_SUCCESS;
}

static void retain(retained_t *retained, const retained_t *fresh)
{
    if (!retained) {
        retained = ap_retained_data_create(RETAINED, sizeof(*retained));
    }
    else {
        apr_pool_destroy(retained->pool);
    }
    *retained = *fresh;
}

apr_status_t qdn_vault_open(const qdn_vault_t **pvault, const qdn_plan_t *plan,
                            int trial, server_rec *s)
{
    retained_t *retained = ap_retained_data_get(RETAINED);
    retained_t fresh;
    qdn_vault_t *vault;
    apr_array_header_t *all;
    apr_status_t rv;

    rv = apr_pool_create(&fresh.pool, s->process->pool);
    if (rv) {
        return rv;
    }
    apr_pool_tag(fresh.pool, "qdn_vault");
    fresh.ahead = trial;
    all = sources(plan, fresh.pool);
    fresh.secrets =
        apr_array_make(fresh.pool, all->nelts, sizeof(qdn_secrets_t *));
    vault = apr_pcalloc(fresh.pool, sizeof(*vault));
    vault->keyring = qdn_keyring_create(fresh.pool);
    vault->credentials = apr_array_make(fresh.pool, 8, sizeof(qdn_loaded_t));
    vault->secrets = fresh.secrets;
    rv = fill(vault, plan, &fresh, retained, all, s);
    if (rv) {
        apr_pool_destroy(fresh.pool);
        return rv;
    }
    retain(retained, &fresh);
    *pvault = vault;
    return APR_SUCCESS;
}

/* What a feed would ask with; NULL: nothing is missing. */
static const char *lacks(const qdn_feed_t *feed, const qdn_secrets_t *secrets,
                         apr_pool_t *p)
{
    static const char *const oauth[] = { "GOOGLE_CLIENT_ID",
                                         "GOOGLE_CLIENT_SECRET",
                                         "GOOGLE_REFRESH_TOKEN" };
    const char *value;
    apr_size_t i;

    if (feed->how != QDN_FEED_GOOGLE) {
        value = feed->secret ? qdn_secrets_get(secrets, feed->secret) : "-";
        return value && *value ? NULL : feed->secret;
    }
    for (i = 0; !secrets->google_key && i < sizeof(oauth) / sizeof(*oauth);
         i++) {
        value = qdn_secrets_get(secrets, oauth[i]);
        if (!value || !*value) {
            return apr_pstrcat(p, QDN_SOURCE_GOOGLE_FILE, " or ", oauth[i],
                               NULL);
        }
    }
    return NULL;
}

/* A feed that cannot be asked costs no call: it is a warning. */
static void check_feeds(const qdn_plan_t *plan, const qdn_secrets_t *secrets,
                        apr_array_header_t *problems, apr_pool_t *p)
{
    int i;

    for (i = 0; i < plan->feeds->nelts; i++) {
        const qdn_feed_t *feed =
            APR_ARRAY_IDX(plan->feeds, i, const qdn_feed_t *);
        const char *name;

        if (!feed->secrets || strcmp(feed->secrets, secrets->spec) ||
            !(name = lacks(feed, secrets, p))) {
            continue;
        }
        APR_ARRAY_PUSH(problems, qdn_problem_t) = (qdn_problem_t){
            .severity = QDN_PROBLEM_WARNING,
            .origin = feed->origin,
            .text = apr_psprintf(p,
                                 "QDNSecrets lacks %s, so %s cannot be "
                                 "asked",
                                 name, qdn_feed_name(feed, p))
        };
    }
}

void qdn_vault_check(const qdn_plan_t *plan, apr_array_header_t *problems,
                     apr_pool_t *p)
{
    apr_array_header_t *all = sources(plan, p);
    qdn_keyring_t *ring = qdn_keyring_create(p);
    int i;

    for (i = 0; i < all->nelts; i++) {
        const origin_of_t *source = &APR_ARRAY_IDX(all, i, origin_of_t);
        qdn_secrets_t *secrets;
        const char *error = NULL, *defect;

        if (load(plan, source->spec, ring, NULL, &secrets, &error, &defect,
                 p)) {
            APR_ARRAY_PUSH(problems, qdn_problem_t) =
                (qdn_problem_t){ .severity = QDN_PROBLEM_ERROR,
                                 .origin = source->origin,
                                 .text = error };
            continue;
        }
        if (defect) {
            APR_ARRAY_PUSH(problems, qdn_problem_t) =
                (qdn_problem_t){ .severity = QDN_PROBLEM_WARNING,
                                 .origin = source->origin,
                                 .text = defect };
        }
        check_feeds(plan, secrets, problems, p);
    }
}
