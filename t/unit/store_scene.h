/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_STORE_SCENE_H
#define QDN_STORE_SCENE_H

/* A fresh store of each database, for tests of what stands on one. */

#include "dbds.h"
#include "schema.h"

typedef struct scene_t {
    apr_pool_t *pool;
    const char *dir;
    qdn_dbd_t dbd;
    qdn_store_t *store;
} scene_t;

static inline void must(scene_t *s, apr_status_t rv)
{
    if (rv != APR_SUCCESS) {
        fail_msg("%s", qdn_store_error(s->store));
    }
}

static inline void every_database(void **state)
{
    void (*test)(scene_t *) = *(void (**)(scene_t *)) * state;

    for (int k = 0; k < qdn_dbds_count(); k++) {
        scene_t s;

        apr_pool_create(&s.pool, NULL);
        s.dir = qdn_dbds_dir(s.pool);
        s.dbd = qdn_dbds_fresh(k, s.dir, s.pool);
        s.store = qdn_dbds_store(&s.dbd, s.pool);
        test(&s);
        qdn_store_close(s.store);
        qdn_dbds_sweep(s.dir);
        apr_pool_destroy(s.pool);
    }
}

#define EVERY(test)                                                            \
    {                                                                          \
#test, every_database, NULL, NULL, &(void (*[])(scene_t *))            \
        {                                                                      \
            test                                                               \
        }                                                                      \
    }

#endif
