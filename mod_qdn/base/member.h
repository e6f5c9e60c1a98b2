/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_MEMBER_H
#define QDN_MEMBER_H

/*
 * JSON written into a text, member by member; commas are seen to. Inside an
 * array name is NULL.
 */

#include <apr_time.h>
#include "text.h"

/* kind: '{' or '['; to be closed by the same. */
void qdn_member_open(qdn_text_t *t, const char *name, char kind);
void qdn_member_close(qdn_text_t *t, char kind);

/* NULL becomes null. */
void qdn_member_text(qdn_text_t *t, const char *name, const char *value);
void qdn_member_number(qdn_text_t *t, const char *name, apr_int64_t value);
void qdn_member_truth(qdn_text_t *t, const char *name, int value);

/* Microseconds since 1970; 0 becomes null. */
void qdn_member_time(qdn_text_t *t, const char *name, apr_time_t at);

/* A value that is JSON already; NULL becomes null. */
void qdn_member_raw(qdn_text_t *t, const char *name, const char *json);

#endif
