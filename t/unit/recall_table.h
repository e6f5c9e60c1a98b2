/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_RECALL_TABLE_H
#define QDN_RECALL_TABLE_H

/*
 * Tables, keys and a clock for the tests of service/recall.h. Link with
 * --wrap=qdn_clock_mono, so that a test can let a quarter of an hour pass.
 */

#include "recall.h"

/* Over QDN_RECALL_WAIT: scheduling on a loaded machine. */
#define RECALL_TOLERANCE apr_time_from_sec(1)

/* Added to the monotonic clock; 0 at the start of each test. */
extern apr_interval_time_t recall_clock_offset;
extern apr_pool_t *recall_pool; /* of one test */

int recall_setup(void **state);
int recall_teardown(void **state);

/* Zeroed memory that forked processes share; a table in such memory. */
void *recall_memory(apr_size_t size);
qdn_recall_t *recall_table(int slots, apr_size_t mean);

/* The n-th key, returned. */
const char *recall_key(unsigned n, char key[QDN_ID_HEX + 1]);

/* qdn_recall_claim without its value. */
apr_status_t recall_claim(qdn_recall_t *recall, const char *key);

/* Fail the test unless the key was answered with this value. */
void recall_check(qdn_recall_t *recall, const char *key, const void *value,
                  apr_size_t len);

#endif
