/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Input: opening hours. They are refused with the position of the fault, or
 * they say of every moment whether it is open, and of the next change the
 * truth: nothing changes before it, and it changes there.
 */
#include "fuzz.h"
#include "hours.h"

#define DAY apr_time_from_sec(86400)

static const int days[] = { 20260315, 20261101, 20261225 };
static const qdn_days_t list = { days, 3 };
static const qdn_holidays_t holidays = { &list, &list };

static const qdn_zone_t *zone_at_hand(void)
{
    static const qdn_zone_t *zone;
    static apr_pool_t *keep;

    if (!zone) {
        apr_initialize();
        FUZZ_CHECK(apr_pool_create(&keep, NULL) == APR_SUCCESS);
        FUZZ_CHECK(!qdn_zone_load(&zone, "America/Los_Angeles", keep));
    }
    return zone;
}

static int open_at(const qdn_hours_t *hours, apr_time_t at)
{
    int holiday;

    return qdn_hours_open(hours, zone_at_hand(), &holidays, at, &holiday);
}

static void check_change(const qdn_hours_t *hours, apr_time_t at)
{
    qdn_hours_state_t is;

    qdn_hours_at(hours, zone_at_hand(), &holidays, at, &is);
    FUZZ_CHECK(is.open == open_at(hours, at));
    if (!is.until) {
        FUZZ_CHECK(open_at(hours, at + 399 * DAY) == is.open);
        return;
    }
    FUZZ_CHECK(is.until > at && is.until <= at + 401 * DAY);
    FUZZ_CHECK(open_at(hours, is.until) != is.open);
    FUZZ_CHECK(open_at(hours, is.until - 1) == is.open);
    FUZZ_CHECK(open_at(hours, at + (is.until - at) / 2) == is.open);
}

/* The number that the complaint names is one of the text, or its end. */
static void check_complaint(const char *complaint, const char *text)
{
    const char *number = strstr(complaint, "at position ");

    if (strlen(text) > QDN_HOURS_BYTES) {
        FUZZ_CHECK(!number);
        return;
    }
    FUZZ_CHECK(number);
    FUZZ_CHECK(atoi(number + 12) >= 1);
    FUZZ_CHECK((size_t)atoi(number + 12) <= strlen(text) + 1);
    FUZZ_CHECK(strstr(complaint, "accepted there: "));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* 2026-03-06 and 2026-10-30, days before the clocks are changed */
    static const apr_time_t begins[] = { 1772784000, 1793318400 };
    apr_pool_t *pool = fuzz_pool();
    const char *text = fuzz_text(data, size, pool);
    const qdn_hours_t *hours = NULL;
    const char *complaint = qdn_hours_parse(&hours, text, pool);

    FUZZ_CHECK(!complaint == (hours != NULL));
    if (complaint) {
        check_complaint(complaint, text);
    }
    else {
        FUZZ_CHECK(!strcmp(qdn_hours_text(hours), text));
        for (int i = 0; i < 8; i++) {
            check_change(hours, apr_time_from_sec(begins[i % 2]) +
                                    i * (DAY + 7 * DAY / 24));
        }
    }
    apr_pool_destroy(pool);
    return 0;
}
