/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_NOW_CAUSE_H
#define QDN_NOW_CAUSE_H

/* Pieces of the answers of now.h, shared by its files. */

#include "now.h"
#include "now_words.h"

/*
 * What decides on that operator for that line (NULL: for none in particular)
 * now; strings in p. 1: he is available.
 */
int qdn_now_cause(const qdn_now_t *now, const qdn_operator_t *op,
                  const qdn_line_t *line, qdn_now_cause_t *pcause,
                  apr_pool_t *p);

/* "since", "until", "who", "why" */
void qdn_now_cause_members(qdn_text_t *t, const qdn_now_cause_t *cause);

#endif
