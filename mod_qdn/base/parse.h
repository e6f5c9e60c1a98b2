/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_PARSE_H
#define QDN_PARSE_H

/*
 * Values of single settings, parsed in one place for directives, options of
 * directives and qdnctl. Each returns NULL, or a sentence in p that quotes
 * the input and says what is accepted; *pvalue is then untouched.
 */

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

const char *qdn_parse_flag(const char *s, int *pvalue, apr_pool_t *p);

/* A whole decimal number from min to max, nothing around it. */
const char *qdn_parse_int(const char *s, apr_int64_t min, apr_int64_t max,
                          apr_int64_t *pvalue, apr_pool_t *p);

/*
 * "500ms", "2s", "15m", "4h", "90d"; a bare number counts in `unit`, one of
 * those suffixes. Microseconds into *pvalue. 0 is accepted only with min 0.
 */
const char *qdn_parse_duration(const char *s, const char *unit,
                               apr_interval_time_t min,
                               apr_interval_time_t max,
                               apr_interval_time_t *pvalue, apr_pool_t *p);

/* "65536", "64K", "10M", "1G" (powers of 1024). Bytes into *pvalue. */
const char *qdn_parse_bytes(const char *s, apr_int64_t min, apr_int64_t max,
                            apr_int64_t *pvalue, apr_pool_t *p);

/*
 * An http or https URL with a host and an absolute path, without user, query
 * and fragment; the scheme is lowered, the host is not, because Twilio signs
 * it as it was typed there; one trailing slash is dropped.
 * http is accepted only for loopback hosts, since Twilio's signature does
 * not protect what it does not encrypt.
 */
const char *qdn_parse_public_url(const char *s, const char **pvalue,
                                 apr_pool_t *p);

/*
 * An http or https URL that this host asks: with a host, a port if need be,
 * any path and query, without user and fragment. http is accepted only for
 * loopback hosts. The sentence does not quote it, since such an address may
 * be a secret.
 */
const char *qdn_parse_source_url(const char *s, const char **pvalue,
                                 apr_pool_t *p);

/* An identifier that is safe in URLs and SQL: [A-Za-z0-9][A-Za-z0-9_-]{0,63} */
const char *qdn_parse_id(const char *s, apr_pool_t *p);

/*
 * Split raw directive arguments into words, as httpd does, with one addition:
 * quotes may begin inside a word, so that key="two words" and
 * "key=two words" are the same word. \" and \\ are unescaped inside quotes.
 * *pwords is an array of const char * in p.
 */
const char *qdn_parse_words(const char *raw, apr_array_header_t **pwords,
                            apr_pool_t *p);

/* If word is key=value with this key, its value, else NULL. */
const char *qdn_parse_option(const char *word, const char *key);

#endif
