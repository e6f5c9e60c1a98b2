/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SCHEMA_H
#define QDN_SCHEMA_H

/*
 * The tables and their version. The same on all databases but for the words
 * of the dialect; conf/schema/<driver>.sql is this text, kept equal by a
 * test. The statements make the newest version where there is nothing, and
 * what an older one lacks; what else must change in its tables stands apart.
 */

#include <apr_tables.h>
#include <apr_time.h>
#include "store.h"

#define QDN_SCHEMA_VERSION 3

/* Widths of columns, in characters: what is longer is cut where it is put. */
#define QDN_WIDTH_TEXT 255
#define QDN_WIDTH_KEY  191 /* of a host that is part of a key */
#define QDN_WIDTH_WORD 64
#define QDN_WIDTH_SID  34

/* Cut to a width, between characters of UTF-8; NULL stays NULL. In p. */
const char *qdn_schema_fit(const char *text, apr_size_t width, apr_pool_t *p);

/* All statements in order, const char * in p, without semicolons. */
apr_array_header_t *qdn_schema_statements(const qdn_dialect_t *dialect,
                                          apr_pool_t *p);

/* As a file: comment, statements, semicolons. */
const char *qdn_schema_text(const qdn_dialect_t *dialect, apr_pool_t *p);

/*
 * *pversion: what the database has, 0 if there is no schema (the table
 * qdn_schema cannot be read). Always APR_SUCCESS or APR_EGENERAL if even
 * asking the database something trivial fails.
 */
apr_status_t qdn_schema_version(qdn_store_t *store, int *pversion,
                                apr_pool_t *ptemp);

/*
 * Bring the database to QDN_SCHEMA_VERSION if it is older. APR_SUCCESS;
 * QDN_ECONFLICT if it is newer than that: this program must not write to it;
 * APR_EGENERAL, see qdn_store_error (also when another host is doing the
 * same at the same moment: try again).
 */
apr_status_t qdn_schema_apply(qdn_store_t *store, apr_time_t now,
                              apr_pool_t *ptemp);

#endif
