/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PARKED_H
#define QDN_PARKED_H

/*
 * Lines of the journal that SQL cannot have: damaged, of a newer version, or
 * refused by the database for what is in them. Each lies in a file of its
 * own in QDNStateDir/parked, as it was. Moved back to QDNStateDir/journal a
 * file is tried again.
 */

#include <apr_pools.h>

/*
 * Put one line into dir, named after the segment and offset it came from, so
 * that parking it again after a crash makes no second file; *pfresh: it was
 * not there. Durable when it returns APR_SUCCESS; else the system's error.
 */
apr_status_t qdn_parked_put(const char *dir, const char *segment,
                            apr_int64_t offset, const char *line,
                            apr_size_t len, int *pfresh);

/* How many lie there; 0 if dir cannot be read. */
apr_int64_t qdn_parked_count(const char *dir);

#endif
