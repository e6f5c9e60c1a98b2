/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CSV_H
#define QDN_CSV_H

/* Tables for spreadsheets: CSV, as RFC 4180 has it. */

#include "text.h"

/*
 * Add a cell, and a comma before it unless it begins a row ("\r\n" ends one).
 * value is UTF-8; NULL is an empty cell. What a spreadsheet would carry out
 * (=, +, -, @, tab or CR in front) gets an apostrophe in front, which says
 * that it is text; a telephone number is written in groups instead, as people
 * do, since "+16195550123" is a sum and is shown as 1.62E+10. p is for scratch.
 */
void qdn_csv_cell(qdn_text_t *t, const char *value, apr_pool_t *p);

#endif
