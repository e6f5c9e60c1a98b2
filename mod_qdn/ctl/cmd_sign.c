/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_file_io.h>
#include <apr_strings.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "digest.h"
#include "output.h"
#include "signature.h"
#include "source.h"
#include "status.h"

#define FORM_TYPE "application/x-www-form-urlencoded"
#define BODY_MAX  (1024 * 1024) /* sixteen times what a webhook may have */

static const qdn_option_t options[] = {
    { .name = "secrets",
      .value = "SPEC",
      .required = 1,
      .help = "dotenv:/path or exec:/command; its TWILIO_AUTH_TOKEN signs" },
    { .name = "url",
      .value = "URL",
      .required = 1,
      .help = "exactly as Twilio requests it" },
    { .name = "method", .value = "M", .help = "POST (default) or GET" },
    { .name = "content-type",
      .value = "T",
      .help = "of the body; " FORM_TYPE " unless given" },
    { .name = "body", .value = "FILE", .help = "the raw body, - for stdin" },
    { .name = "verify",
      .value = "SIGNATURE",
      .help = "check this one instead of printing it" },
    { 0 },
};

/* One question to sign. */
typedef struct job_t {
    qdn_signed_t what;
    const char *tokens[3]; /* primary, secondary, NULL */
    const char *signature; /* to check, NULL: to make */
    const char *error;
    int bad_digest; /* the URL does not vouch for the body */
    apr_pool_t *pool;
} job_t;

static apr_status_t take_tokens(job_t *job, const char *spec)
{
    static const char *const names[] = { "TWILIO_AUTH_TOKEN",
                                         "TWILIO_AUTH_TOKEN_SECONDARY" };
    qdn_secrets_t *secrets;
    apr_status_t rv;
    int n = 0;

    rv = qdn_source_load(&secrets, spec, &job->error, job->pool);
    for (int i = 0; rv == APR_SUCCESS && i < 2; i++) {
        const char *token = qdn_secrets_get(secrets, names[i]);

        if (token && *token) {
            job->tokens[n++] = token;
        }
        else if (i == 0) {
            job->error =
                apr_psprintf(job->pool, "%s has no %s",
                             qdn_source_name(spec, job->pool), names[i]);
            rv = QDN_EMISSING;
        }
    }
    return rv;
}

static apr_status_t open_body(apr_file_t **pfile, const char *path,
                              apr_pool_t *p)
{
    return !strcmp(path, "-")
               ? apr_file_open_stdin(pfile, p)
               : apr_file_open(pfile, path, APR_FOPEN_READ | APR_FOPEN_BINARY,
                               APR_FPROT_OS_DEFAULT, p);
}

static apr_status_t read_body(job_t *job, const char *path, char **pbody,
                              apr_size_t *plen)
{
    char *body = apr_palloc(job->pool, BODY_MAX + 1);
    apr_file_t *file;
    apr_status_t rv;
    char cause[128];

    rv = open_body(&file, path, job->pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_read_full(file, body, BODY_MAX + 1, plen);
        apr_file_close(file);
    }
    if (rv == APR_SUCCESS) {
        job->error = apr_psprintf(job->pool, "%s has more than %d bytes", path,
                                  BODY_MAX);
        return QDN_ETOOBIG;
    }
    if (!APR_STATUS_IS_EOF(rv)) {
        job->error = apr_psprintf(job->pool, "%s cannot be read: %s", path,
                                  qdn_strerror(rv, cause, sizeof(cause)));
        return rv;
    }
    *pbody = body;
    return APR_SUCCESS;
}

/* Parameters of the type (charset ...) are not part of the comparison. */
static int is_form(const char *type)
{
    apr_size_t n = strcspn(type, "; \t");

    return n == strlen(FORM_TYPE) && !strncasecmp(type, FORM_TYPE, n);
}

/* A body that is no form is signed through its digest in the URL. */
static apr_status_t check_digest(job_t *job, const char *body, apr_size_t len)
{
    const char *url = job->what.url;
    apr_status_t rv = qdn_signature_body(url, body, len, job->pool);
    char hex[QDN_SHA256_HEX + 1];

    if (rv == APR_SUCCESS) {
        return APR_SUCCESS;
    }
    job->bad_digest = 1;
    qdn_digest_sha256(body, len, hex);
    if (APR_STATUS_IS_NOTFOUND(rv)) {
        job->error = apr_psprintf(
            job->pool,
            "a body that is no form needs its digest in the URL; Twilio would "
            "request %s%cbodySHA256=%s",
            url, strchr(url, '?') ? '&' : '?', hex);
        return rv;
    }
    job->error = apr_psprintf(job->pool,
                              "the URL's bodySHA256 is not the body's, which "
                              "is %s",
                              hex);
    return rv;
}

static apr_status_t take_body(job_t *job, const char *path, const char *type)
{
    apr_array_header_t *form;
    char *body = NULL;
    apr_size_t len = 0;
    apr_status_t rv;

    rv = read_body(job, path, &body, &len);
    if (rv != APR_SUCCESS) {
        return rv;
    }
    if (type && !is_form(type)) {
        return check_digest(job, body, len);
    }
    rv = qdn_form_parse(&form, body, len, job->pool);
    if (rv == APR_SUCCESS) {
        job->what.form = form;
    }
    else {
        job->error = apr_psprintf(job->pool,
                                  "%s is no form; give its type "
                                  "with --content-type",
                                  path);
    }
    return rv;
}

static const char *refuse_usage(const char *method, const char *url,
                                const char *body)
{
    if (strcmp(method, "POST") && strcmp(method, "GET")) {
        return "--method is neither POST nor GET, and Twilio uses no other";
    }
    if (body && !strcmp(method, "GET")) {
        return "a GET has no body; leave --body out or use --method POST";
    }
    if (strncmp(url, "https://", 8) && strncmp(url, "http://", 7)) {
        return "--url does not begin with https:// or http://";
    }
    if (strchr(url, '#')) {
        return "--url has a fragment, which is never sent nor signed; leave # "
               "and what follows out";
    }
    return NULL;
}

static qdn_exit_e check(const qdn_ctl_t *ctl, const job_t *job)
{
    int fits =
        !job->bad_digest && qdn_signature_verify(&job->what, job->tokens,
                                                 job->signature, job->pool);
    json_object *document = json_object_new_object();

    qdn_ctl_say(ctl, "the signature %s%s%s\n", fits ? "fits" : "does not fit",
                job->bad_digest ? ": " : "", job->bad_digest ? job->error : "");
    json_object_object_add(document, "fits", json_object_new_boolean(fits));
    qdn_ctl_json(ctl, document);
    return fits ? QDN_EXIT_OK : QDN_EXIT_FOUND;
}

static qdn_exit_e make(const qdn_ctl_t *ctl, const job_t *job)
{
    const char *signature =
        qdn_signature_make(&job->what, job->tokens[0], job->pool);
    json_object *document = json_object_new_object();

    qdn_ctl_say(ctl, "%s\n", signature);
    json_object_object_add(document, "signature",
                           json_object_new_string(signature));
    qdn_ctl_json(ctl, document);
    return QDN_EXIT_OK;
}

static qdn_exit_e answer(const qdn_ctl_t *ctl, job_t *job)
{
    const char *method = qdn_ctl_option(ctl, "method");
    const char *body = qdn_ctl_option(ctl, "body");
    apr_status_t rv;

    job->what.url = qdn_ctl_option(ctl, "url");
    job->signature = qdn_ctl_option(ctl, "verify");
    job->error = refuse_usage(method ? method : "POST", job->what.url, body);
    if (job->error) {
        return qdn_ctl_fail(ctl, "%s", job->error);
    }
    rv = take_tokens(job, qdn_ctl_option(ctl, "secrets"));
    if (rv == APR_SUCCESS && body) {
        rv = take_body(job, body, qdn_ctl_option(ctl, "content-type"));
    }
    if (rv != APR_SUCCESS && !(job->bad_digest && job->signature)) {
        return qdn_ctl_fail(ctl, "%s", job->error);
    }
    return job->signature ? check(ctl, job) : make(ctl, job);
}

static qdn_exit_e run(qdn_ctl_t *ctl)
{
    qdn_exit_e status;
    job_t job = { 0 };

    apr_pool_create(&job.pool, ctl->pool);
    status = answer(ctl, &job);
    apr_pool_destroy(job.pool);
    return status;
}

const qdn_command_t qdn_cmd_sign = {
    .name = "sign",
    .synopsis = "--secrets SPEC --url URL [--method M] [--content-type T] "
                "[--body FILE] [--verify SIGNATURE]",
    .summary = "print or check the signature of a webhook",
    .detail = "Prints what Twilio would send as X-Twilio-Signature: HMAC-SHA1 "
              "over the URL and,\nfor a form POST, its sorted fields. A body "
              "of another type counts through the\nURL's bodySHA256. With "
              "--verify the URL is tried with and without a port, under\nthe "
              "primary and the secondary token; exit status 1: it does not "
              "fit.",
    .options = options,
    .run = run,
};
