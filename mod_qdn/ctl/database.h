/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DATABASE_H
#define QDN_DATABASE_H

/*
 * Which state directory and which database a command is about. Commands that
 * read them have the options QDN_DATABASE_OPTIONS in their table.
 */

#include "command.h"
#include "store.h"

#define QDN_STATE_DIR_DEFAULT "/var/lib/qdn"

#define QDN_DATABASE_OPTIONS                                                   \
    { .name = "state",                                                         \
      .value = "DIR",                                                          \
      .help = "state directory; its qdn.sqlite is the database" },             \
    {                                                                          \
        .name = "dbd", .value = "DRIVER:PARAMS",                               \
        .help = "database, as DBDriver and DBDParams name it"                  \
    }

typedef struct qdn_database_t {
    const char *driver;
    const char *params;
    const char *state_dir;
} qdn_database_t;

/*
 * What --state and --dbd say; without either what `apachectl` says of the
 * configuration on disk, and if there is none the default directory. NULL,
 * or a sentence in the pool of ctl.
 */
const char *qdn_database_find(qdn_database_t *pdb, const qdn_ctl_t *ctl);

/*
 * Become the owner of dir if we are root and it exists, so that no file of
 * root's appears in it. NULL, or a sentence.
 */
const char *qdn_database_become_owner(const char *dir, apr_pool_t *p);

/*
 * Connect, as the owner of the directory if it is a file. A database file
 * that does not exist is not made. NULL, or a sentence.
 */
const char *qdn_database_open(qdn_store_t **pstore, const qdn_database_t *db,
                              apr_pool_t *p);

/* NULL if the schema is one that we can read, else a sentence. */
const char *qdn_database_readable(qdn_store_t *store, apr_pool_t *p);

/* NULL if the schema is this version's, else a sentence. */
const char *qdn_database_current(qdn_store_t *store, apr_pool_t *p);

#endif
