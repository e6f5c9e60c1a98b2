/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_FORM_H
#define QDN_FORM_H

/*
 * application/x-www-form-urlencoded, as bodies and query strings carry it
 * (WHATWG URL, section "application/x-www-form-urlencoded"): decoded exactly
 * once, in wire order, repeated names kept. Twilio signs over the decoded
 * names and values, so nothing here may normalise.
 */

#include <apr_pools.h>
#include <apr_tables.h>

#define QDN_FORM_FIELDS_MAX 256 /* Twilio sends about 30 */

typedef struct qdn_field_t {
    const char *name;
    const char *value; /* "" if the wire has none */
} qdn_field_t;

/*
 * *pfields: array of qdn_field_t in p; empty for an empty text. An empty
 * piece between two & is passed over. APR_SUCCESS; QDN_EMALFORMED for a %
 * that is not followed by two hex digits or a NUL byte, coded or not;
 * QDN_ETOOBIG for more than QDN_FORM_FIELDS_MAX fields.
 */
apr_status_t qdn_form_parse(apr_array_header_t **pfields, const char *text,
                            apr_size_t len, apr_pool_t *p);

/* Value of the first field of that name, NULL if there is none. */
const char *qdn_form_get(const apr_array_header_t *fields, const char *name);

/* How many fields have that name? */
int qdn_form_count(const apr_array_header_t *fields, const char *name);

/* The inverse, for simulate and the REST client: name=value&... in p. */
const char *qdn_form_encode(const apr_array_header_t *fields, apr_pool_t *p);

/* Append a field; name and value are not copied. */
void qdn_form_add(apr_array_header_t *fields, const char *name,
                  const char *value);

#endif
