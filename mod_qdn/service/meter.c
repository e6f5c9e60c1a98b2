/* SPDX-License-Identifier: Apache-2.0 */
#include "meter.h"

static const apr_interval_time_t ends[QDN_METER_BUCKET_MAX] = {
#define X(us) us,
    QDN_METER_BUCKETS(X)
#undef X
};

static void add(apr_uint64_t *count, apr_uint64_t n)
{
    __atomic_fetch_add(count, n, __ATOMIC_RELAXED);
}

/* Two processes may do this at once: either moment is as good. */
static void set(apr_int64_t *moment, apr_time_t now)
{
    __atomic_store_n(moment, now, __ATOMIC_RELAXED);
}

apr_interval_time_t qdn_meter_end(int bucket)
{
    return bucket < QDN_METER_BUCKET_MAX ? ends[bucket] : 0;
}

void qdn_meter_answered(qdn_meter_t *meter, int step, int repeat,
                        apr_interval_time_t took, apr_time_t now)
{
    int bucket = 0;

    if (!meter || step < 0 || step >= QDN_METER_STEPS) {
        return;
    }
    while (bucket < QDN_METER_BUCKET_MAX && took > ends[bucket]) {
        bucket++;
    }
    add(&meter->steps[step][repeat != 0], 1);
    add(&meter->took[bucket], 1);
    add(&meter->took_us, (apr_uint64_t)took);
    set(&meter->last_webhook, now);
}

void qdn_meter_refused(qdn_meter_t *meter, apr_time_t now)
{
    if (meter) {
        set(&meter->last_refusal, now);
    }
}

void qdn_meter_chosen(qdn_meter_t *meter, qdn_reason_e reason)
{
    if (meter) {
        add(&meter->chosen[reason], 1);
    }
}

void qdn_meter_ended(qdn_meter_t *meter, qdn_reason_e reason)
{
    if (meter) {
        add(&meter->ended[reason], 1);
    }
}

apr_uint64_t qdn_meter_get(const apr_uint64_t *count)
{
    return __atomic_load_n(count, __ATOMIC_RELAXED);
}
