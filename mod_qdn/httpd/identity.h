/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_IDENTITY_H
#define QDN_IDENTITY_H

#include <sys/types.h>

/*
 * Whom httpd's children and the daemon run as: User and Group if httpd is
 * started as root, else whoever started it.
 */
typedef struct qdn_identity_t {
    uid_t uid;
    gid_t gid;
} qdn_identity_t;

qdn_identity_t qdn_identity(void);

#endif
