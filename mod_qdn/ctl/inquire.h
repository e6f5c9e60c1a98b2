/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_INQUIRE_H
#define QDN_INQUIRE_H

/*
 * Questions to the running daemon, and its answers. Commands that ask have
 * the options QDN_DATABASE_OPTIONS in their table, which say where it is.
 */

#include <apr_time.h>
#include "command.h"
#include "control.h"

struct json_object;

/*
 * Ask one line at ctl.sock of the state directory, as its owner. NULL, and
 * *panswer is the caller's to put; or a sentence in the pool of ctl: httpd is
 * down, its daemon does not answer in time, or it says why it cannot.
 */
const char *qdn_inquire(struct json_object **panswer, const qdn_ctl_t *ctl,
                        const char *request, apr_interval_time_t patience);

/* A member as text (NULL: absent or null), as a number (0), as a list. */
const char *qdn_inquire_text(struct json_object *object, const char *name);
apr_int64_t qdn_inquire_number(struct json_object *object, const char *name);
struct json_object *qdn_inquire_list(struct json_object *object,
                                     const char *name);

/* 0 for NULL. */
size_t qdn_inquire_length(struct json_object *list);

#endif
