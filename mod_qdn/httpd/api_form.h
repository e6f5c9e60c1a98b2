/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_API_FORM_H
#define QDN_API_FORM_H

/* What the files of the API share, and nobody else uses. */

#include <httpd.h>

#include "conf.h"
#include "page.h"
#include "rights.h"

/* A parameter of the path or the query. */
typedef struct qdn_api_param_t {
    const char *name;
    int (*ok)(const char *value);
    const char *expected; /* what is accepted, for a sentence */
    int number;           /* a telephone number: its "+" may have become " " */
    /* What a person must not ask for who may not see numbers; or NULL. */
    int (*reveals)(const char *value);
} qdn_api_param_t;

typedef struct qdn_api_t qdn_api_t;

typedef struct qdn_api_route_t {
    const char *path;              /* "calls/{call_sid}" */
    const char *word;              /* what the daemon is asked, or NULL */
    const qdn_api_param_t *part;   /* the one in braces, or NULL */
    const qdn_api_param_t *params; /* of the query; NULL: none */
    int (*get)(const qdn_api_t *api);
    int (*put)(const qdn_api_t *api); /* NULL: may not be changed */
} qdn_api_route_t;

/* All, ended by one whose path is NULL. */
extern const qdn_api_route_t qdn_api_routes[];

/* One request. */
struct qdn_api_t {
    request_rec *r;
    const qdn_conf_t *conf;
    const qdn_rights_t *rights;
    const qdn_api_route_t *route;
    apr_table_t *given; /* parameters by name, decoded and found good */
};

/************** api_param.c **************/

extern const qdn_api_param_t qdn_api_call, qdn_api_operator, qdn_api_revision;
extern const qdn_api_param_t qdn_api_calls_params[], qdn_api_export_params[],
    qdn_api_report_params[], qdn_api_audit_params[];

/* The query into api->given. 1, or 0 and *prefusal. */
int qdn_api_take_query(const qdn_api_t *api, qdn_refusal_t *prefusal);

/************** api_relay.c **************/

/* The request line of that word with what is given, and more (or NULL). In p */
const char *qdn_api_request(const qdn_api_t *api, const char *word,
                            const apr_table_t *more, apr_pool_t *p);

/* JSON as that person may see it, in p. */
const char *qdn_api_veil(const qdn_api_t *api, const char *json, apr_pool_t *p);

/*
 * The ETag of JSON: a hash of what it says, but for the members that tell how
 * late it is, unless its data are older than a minute. In p.
 */
const char *qdn_api_etag(const char *json, apr_pool_t *p);

/* Send JSON to somebody, or what a question came to. */
int qdn_api_send(const qdn_api_t *api, const char *json);
int qdn_api_relay(const qdn_api_t *api);

/* With Retry-After where it is worth while. */
int qdn_api_refuse(const qdn_api_t *api, const qdn_refusal_t *refusal);

/************** api_status.c, api_export.c **************/

int qdn_api_put_status(const qdn_api_t *api);
int qdn_api_export_csv(const qdn_api_t *api);
int qdn_api_export_json(const qdn_api_t *api);

#endif
