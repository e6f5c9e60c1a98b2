/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <string.h>

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>

#include "member.h"

static const struct {
    const char *name, *value;
} headers[] = {
    { "Content-Security-Policy",
      "default-src 'none'; script-src 'self'; style-src 'self'; "
      "img-src 'self' data:; connect-src 'self'; font-src 'self'; "
      "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'" },
    { "X-Content-Type-Options", "nosniff" },
    { "Referrer-Policy", "no-referrer" },
    { "Cross-Origin-Resource-Policy", "same-origin" },
};

void qdn_page_guard(request_rec *r)
{
    size_t i;

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        apr_table_setn(r->headers_out, headers[i].name, headers[i].value);
    }
}

/*
 * mod_deflate and mod_brotli mark the ETag of what they have compressed, and
 * httpd does not know the mark again when a client sends it back.
 */
static const char *unmark(const char *tags, apr_pool_t *p)
{
    static const char *const marks[] = { "-gzip\"", "-br\"" };
    char *plain = apr_pstrdup(p, tags);
    size_t i;

    for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        size_t n = strlen(marks[i]);
        char *at = plain;

        while ((at = strstr(at, marks[i])) != NULL) {
            *at++ = '"';
            memmove(at, at + n - 1, strlen(at + n - 1) + 1);
        }
    }
    return plain;
}

static void unmark_header(request_rec *r, const char *name)
{
    const char *tags = apr_table_get(r->headers_in, name);

    if (tags) {
        apr_table_setn(r->headers_in, name, unmark(tags, r->pool));
    }
}

int qdn_page_matches(const request_rec *r, const char *etag)
{
    const char *tags = apr_table_get(r->headers_in, "If-Match");

    return !tags || !strcmp(tags, "*") ||
           ap_find_etag_strong(r->pool, unmark(tags, r->pool), etag);
}

static int write_out(request_rec *r, const qdn_page_t *page)
{
    ap_set_content_type(r, page->type);
    ap_set_content_length(r, (apr_off_t)page->len);
    apr_table_setn(r->headers_out, "Cache-Control", page->cache);
    ap_rwrite(page->bytes, (int)page->len, r);
    return OK;
}

int qdn_page_send(request_rec *r, const qdn_page_t *page)
{
    static const qdn_refusal_t changed = {
        .status = HTTP_PRECONDITION_FAILED,
        .detail = "This has changed since you have read it.",
        .remedy = "Load it again.",
    };
    int status = OK;

    if (page->etag) {
        apr_table_setn(r->headers_out, "ETag", page->etag);
        unmark_header(r, "If-None-Match");
        unmark_header(r, "If-Match");
        status = ap_meets_conditions(r);
    }
    if (status == HTTP_PRECONDITION_FAILED) {
        return qdn_page_refuse(r, &changed);
    }
    if (status == HTTP_NOT_MODIFIED) {
        r->status = status;
        apr_table_setn(r->headers_out, "Cache-Control", page->cache);
        return OK;
    }
    return write_out(r, page);
}

int qdn_page_redirect(request_rec *r, const char *path)
{
    const char *to = ap_os_escape_path(r->pool, path, 1);
    qdn_page_t page = { .type = "text/plain; charset=utf-8",
                        .cache = "no-cache" };

    if (r->args) {
        to = apr_pstrcat(r->pool, to, "?", r->args, NULL);
    }
    r->status = HTTP_MOVED_PERMANENTLY;
    apr_table_setn(r->headers_out, "Location", to);
    page.bytes = apr_pstrcat(r->pool, "see ", to, "\n", NULL);
    page.len = strlen(page.bytes);
    return write_out(r, &page);
}

int qdn_refusal_fill(qdn_refusal_t *prefusal, int status, const char *detail,
                     const char *remedy)
{
    *prefusal =
        (qdn_refusal_t){ .status = status, .detail = detail, .remedy = remedy };
    return 0;
}

/* "404 Not Found" without its number. */
static const char *title(int status)
{
    const char *line = ap_get_status_line(status);

    return strlen(line) > 4 ? line + 4 : line;
}

int qdn_page_refuse(request_rec *r, const qdn_refusal_t *refusal)
{
    qdn_page_t page = { .type = "application/problem+json",
                        .cache = "no-store" };
    qdn_text_t t;

    qdn_text_init(&t, 512, r->pool);
    qdn_member_open(&t, NULL, '{');
    qdn_member_text(&t, "type", "about:blank");
    qdn_member_text(&t, "title", title(refusal->status));
    qdn_member_number(&t, "status", refusal->status);
    qdn_member_text(&t, "detail", refusal->detail);
    if (refusal->remedy) {
        qdn_member_text(&t, "remedy", refusal->remedy);
    }
    if (refusal->member) {
        qdn_text_addc(&t, ',');
        qdn_text_add(&t, refusal->member);
    }
    qdn_member_close(&t, '{');
    page.bytes = t.buf;
    page.len = t.len;
    r->status = refusal->status;
    return write_out(r, &page);
}

int qdn_page_wrong_method(request_rec *r, const char *allow)
{
    qdn_refusal_t refusal = { .status = HTTP_METHOD_NOT_ALLOWED };

    apr_table_setn(r->headers_out, "Allow", allow);
    refusal.detail =
        apr_pstrcat(r->pool, r->method, " is not answered here; allowed are ",
                    allow, ".", NULL);
    return qdn_page_refuse(r, &refusal);
}
