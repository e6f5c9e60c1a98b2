/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FORETELL_FORM_H
#define QDN_FORETELL_FORM_H

/* Pieces of the answers of foretell.h, shared by its files. */

#include "fiction.h"
#include "text.h"

/* {"error":"sentence"}, in p. */
const char *qdn_foretell_fault(const char *sentence, apr_pool_t *p);

/* "rung" or "skipped": qdn_choice_t. */
void qdn_foretell_choices(qdn_text_t *t, const char *name,
                          const apr_array_header_t *choices);

/* "rule": which one, what it says and where it stands; 0: null. */
void qdn_foretell_rule(qdn_text_t *t, const qdn_line_t *line, int number,
                       apr_pool_t *p);

#endif
