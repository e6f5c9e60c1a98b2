/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_COMMAND_OUTPUT_H
#define QDN_COMMAND_OUTPUT_H

/* The output of a command that is trusted with secrets, for exec: sources. */

#include <apr_pools.h>
#include <apr_time.h>

/*
 * Run `line`, split on blanks, without a shell: its own process group, empty
 * standard input, no standard error (it might quote a secret), no other
 * descriptor of ours, environment PATH alone, default signals. Reads until
 * the end of its output or until buf is full; *plen is the size of buf before
 * and the length after.
 *
 * APR_SUCCESS if it ended with status 0 or buf is full (then it is killed),
 * APR_ENOENT, another system error if it cannot be started, APR_TIMEUP after
 * `wait`, APR_EGENERAL if it ended otherwise; each with a sentence in
 * *perror. On failure the whole process group is killed and nothing is left
 * to wait for.
 */
apr_status_t qdn_command_output(const char *line, apr_interval_time_t wait,
                                char *buf, apr_size_t *plen,
                                const char **perror, apr_pool_t *p);

#endif
