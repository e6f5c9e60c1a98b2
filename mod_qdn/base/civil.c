/* SPDX-License-Identifier: Apache-2.0 */
#include "civil.h"

/*
 * Years are counted from March, so that the leap day is a year's last: the
 * days before a month are then one line, (153 m + 2) / 5.
 */
#define DAYS_400_YEARS 146097
#define DAYS_TO_1970   719468 /* from 0000-03-01 */

apr_int64_t qdn_civil_div(apr_int64_t a, apr_int64_t b)
{
    return a / b - (a % b < 0);
}

apr_int64_t qdn_civil_mod(apr_int64_t a, apr_int64_t b)
{
    return a % b + (a % b < 0 ? b : 0);
}

apr_int64_t qdn_civil_days(apr_int64_t year, apr_int64_t month, apr_int64_t day)
{
    apr_int64_t march = month - 3;
    apr_int64_t y = year + qdn_civil_div(march, 12);
    apr_int64_t m = qdn_civil_mod(march, 12);

    return y * 365 + qdn_civil_div(y, 4) - qdn_civil_div(y, 100) +
           qdn_civil_div(y, 400) + (153 * m + 2) / 5 + day - 1 - DAYS_TO_1970;
}

void qdn_civil_date(apr_int64_t days, int *pyear, int *pmonth, int *pday)
{
    apr_int64_t era = qdn_civil_div(days + DAYS_TO_1970, DAYS_400_YEARS);
    int doe = (int)qdn_civil_mod(days + DAYS_TO_1970, DAYS_400_YEARS);
    int yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int m = (5 * doy + 2) / 153;

    *pday = doy - (153 * m + 2) / 5 + 1;
    *pmonth = m < 10 ? m + 3 : m - 9;
    *pyear = (int)(era * 400 + yoe + (*pmonth <= 2));
}

int qdn_civil_weekday(apr_int64_t days)
{
    return (int)qdn_civil_mod(days + 3, 7);
}
