/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STATEDIR_H
#define QDN_STATEDIR_H

/*
 * QDNStateDir: a directory of our own, mode 700, that belongs to the user
 * httpd's children run as. One httpd holds it at a time.
 */

#include <sys/types.h>

#include <apr_pools.h>

/* Longest path: ctl.sock below it must fit into a socket's address. */
#define QDN_STATEDIR_MAX 96

/*
 * May `path` become or be the state directory of this user? Looks, changes
 * nothing. NULL, or a sentence in p.
 */
const char *qdn_statedir_refuse(const char *path, uid_t uid, apr_pool_t *p);

/*
 * Make it if it is missing (its parent must exist), or take an empty one
 * over; make journal/ in it; lock it against a second httpd. The lock is
 * kept until httpd ends, over restarts, and goes to no program that is
 * executed. The directory that is held since before a restart is never
 * refused: its mode is put right again, and what cannot be is logged.
 * APR_SUCCESS; QDN_EFORBIDDEN (what is there is not ours), QDN_ECONFLICT
 * (another httpd holds it) or what the system said, each with a sentence in
 * *perror.
 */
apr_status_t qdn_statedir_open(const char *path, uid_t uid, gid_t gid,
                               const char **perror, apr_pool_t *p);

#endif
