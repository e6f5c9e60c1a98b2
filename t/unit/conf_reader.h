/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CONF_READER_H
#define QDN_CONF_READER_H

/*
 * Configuration text to a plan without httpd, for unit tests and cases:
 * comments, continued lines and blocks as httpd reads them. Directives of
 * others (SetHandler ...) and their blocks are passed over outside of our
 * blocks.
 */

#include "plan.h"

/* The file that origins name. */
#define QDN_TEST_CONF "test.conf"

/*
 * Read and freeze. NULL, or "line N: sentence": of the first directive that
 * was refused (then *pproblems is NULL), else of the first error that freeze
 * found. *pproblems: of qdn_problem_t; pproblems may be NULL.
 */
const char *qdn_test_read_conf(qdn_plan_t **pplan, const char *text,
                               apr_array_header_t **pproblems, apr_pool_t *p);

#endif
