/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SETTER_H
#define QDN_SETTER_H

/*
 * What stands behind the rows of qdn_settings, by the place that they are
 * about. Called by qdn_settings_apply alone, which has seen to scope, number
 * of words and repetition; the contract is that of qdn_setting_t.set.
 */

#include "settings.h"

typedef const char *qdn_setter_fn(qdn_builder_t *b,
                                  const apr_array_header_t *words);

/* settings_server.c */
qdn_setter_fn qdn_set_secrets; /* also of a line */
qdn_setter_fn qdn_set_public_url;
qdn_setter_fn qdn_set_state_dir;
qdn_setter_fn qdn_set_journal_sync;
qdn_setter_fn qdn_set_journal_wait;
qdn_setter_fn qdn_set_journal_max;
qdn_setter_fn qdn_set_retention;
qdn_setter_fn qdn_set_rotate_every;
qdn_setter_fn qdn_set_calendar_detail;
qdn_setter_fn qdn_set_on_a_call; /* also of an operator */

/* settings_operator.c */
qdn_setter_fn qdn_open_operator;
qdn_setter_fn qdn_set_name;     /* of the open operator or line */
qdn_setter_fn qdn_set_timezone; /* likewise, or of the server */
qdn_setter_fn qdn_set_hours;    /* of the open operator or line */
qdn_setter_fn qdn_add_phone;

/* settings_people.c: who may see and change what on the dashboard */
qdn_setter_fn qdn_add_login; /* of the open operator */
qdn_setter_fn qdn_add_admin;
qdn_setter_fn qdn_add_viewer;
qdn_setter_fn qdn_set_mask_numbers;

/* settings_feed.c */
qdn_setter_fn qdn_add_holidays; /* of the open operator or line, or all */
qdn_setter_fn qdn_add_calendar;
qdn_setter_fn qdn_add_duty;
qdn_setter_fn qdn_set_presence;
qdn_setter_fn qdn_add_numbers;

/* settings_line.c */
qdn_setter_fn qdn_open_line;
qdn_setter_fn qdn_add_rule;
qdn_setter_fn qdn_set_welcome;
qdn_setter_fn qdn_set_time_limit;
qdn_setter_fn qdn_add_forwarded_from;
qdn_setter_fn qdn_set_callerid;
qdn_setter_fn qdn_set_screen;

/* settings_cascade.c: of the open line or cascade */
qdn_setter_fn qdn_open_cascade;
qdn_setter_fn qdn_add_hop;
qdn_setter_fn qdn_set_voicemail;
qdn_setter_fn qdn_set_budget;

/* The n-th word, from 0. */
#define QDN_WORD(words, n) APR_ARRAY_IDX(words, n, const char *)

#endif
