/* SPDX-License-Identifier: Apache-2.0 */
#include "shm.h"

#include <apr_shm.h>
#include <apr_strings.h>
#include <httpd.h>
#include <http_config.h>

#define ALIGNED(n) APR_ALIGN(n, 64)

/* Offsets, and the size of all of it. */
typedef struct layout_t {
    apr_size_t health, meter, gauges, beat, asking, bell, places, talks, tally,
        replies, legs, size;
} layout_t;

static layout_t lay_out(void)
{
    layout_t at;

    at.health = ALIGNED(sizeof(qdn_counters_t));
    at.meter = at.health + ALIGNED(sizeof(qdn_health_t));
    at.gauges = at.meter + ALIGNED(sizeof(qdn_meter_t));
    at.beat = at.gauges + ALIGNED(sizeof(qdn_gauges_t));
    at.asking = at.beat + ALIGNED(sizeof(apr_int64_t));
    at.bell = at.asking + ALIGNED(sizeof(qdn_quarantine_t));
    at.places = at.bell + ALIGNED(sizeof(apr_uint32_t));
    at.talks = at.places + ALIGNED(QDN_SHM_PLACES * sizeof(apr_int64_t));
    at.tally = at.talks + ALIGNED(qdn_engaged_size(QDN_SHM_TALKS));
    at.replies = at.tally + ALIGNED(qdn_tally_size(QDN_SHM_CALLERS));
    at.legs = at.replies +
              ALIGNED(qdn_recall_size(QDN_SHM_REPLIES, QDN_SHM_REPLIES_MEAN));
    at.size =
        at.legs + ALIGNED(qdn_recall_size(QDN_SHM_LEGS, QDN_SHM_LEGS_MEAN));
    return at;
}

/* base: zeroed, of the size that is laid out. */
static void furnish(qdn_shm_t *shm, char *base, const layout_t *at)
{
    shm->counters = (void *)base;
    shm->health = (void *)(base + at->health);
    shm->meter = (void *)(base + at->meter);
    shm->gauges = (void *)(base + at->gauges);
    shm->beat = (void *)(base + at->beat);
    shm->asking = (void *)(base + at->asking);
    shm->bell = (void *)(base + at->bell);
    shm->places = (void *)(base + at->places);
    shm->talks = qdn_engaged_init(base + at->talks, QDN_SHM_TALKS);
    shm->tally = qdn_tally_init(base + at->tally, QDN_SHM_CALLERS);
    shm->replies = qdn_recall_init(base + at->replies, QDN_SHM_REPLIES,
                                   QDN_SHM_REPLIES_MEAN);
    shm->legs =
        qdn_recall_init(base + at->legs, QDN_SHM_LEGS, QDN_SHM_LEGS_MEAN);
}

/*
 * The module's file may be a newer one after a restart: what an older
 * version laid out is found again only if it has the same name here.
 */
static apr_status_t find_or_make(qdn_shm_t **pkept, const layout_t *at,
                                 apr_pool_t *process)
{
    char key[64];
    qdn_shm_t *kept;
    apr_shm_t *segment;
    apr_status_t rv;
    char *base;

    apr_snprintf(key, sizeof(key), "qdn-shm-%s-%d-%" APR_SIZE_T_FMT,
                 QDN_VERSION, QDN_COUNTER_MAX, at->size);
    kept = ap_retained_data_get(key);
    if (!kept) {
        rv = apr_shm_create(&segment, at->size, NULL, process);
        if (rv) {
            return rv;
        }
        base = apr_shm_baseaddr_get(segment);
        kept = ap_retained_data_create(key, sizeof(*kept));
        furnish(kept, base, at);
    }
    *pkept = kept;
    return APR_SUCCESS;
}

apr_status_t qdn_shm_open(qdn_shm_t *pshm, apr_pool_t *process)
{
    layout_t at = lay_out();
    qdn_shm_t *kept;
    apr_status_t rv = find_or_make(&kept, &at, process);

    if (!rv) {
        *pshm = *kept;
    }
    return rv;
}

void qdn_shm_make_private(qdn_shm_t *pshm, apr_pool_t *p)
{
    layout_t at = lay_out();

    furnish(pshm, apr_pcalloc(p, at.size), &at);
    pshm->beat = NULL;
    pshm->asking = NULL;
    pshm->bell = NULL;
}
