/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SETTINGS_CASES_H
#define QDN_SETTINGS_CASES_H

/* What test_settings reads, and what must come of it. */

typedef struct settings_case_t {
    const char *conf;
    const char *wanted; /* a piece of the plan's JSON, where feeds' keys are
                         * "@"; or how the error begins */
} settings_case_t;

/* Ended by a row whose conf is NULL. */
extern const settings_case_t settings_accepted[];
extern const settings_case_t settings_refused[];

#endif
