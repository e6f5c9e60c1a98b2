/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define ID_MAX 64

typedef struct unit_t {
    const char *suffix;
    apr_int64_t size;
} unit_t;

/* Largest first, for writing; a suffix is matched whole, so ms is no m. */
static const unit_t durations[] = {
    { "d", APR_INT64_C(86400) * APR_USEC_PER_SEC },
    { "h", APR_INT64_C(3600) * APR_USEC_PER_SEC },
    { "m", APR_INT64_C(60) * APR_USEC_PER_SEC },
    { "s", APR_USEC_PER_SEC },
    { "ms", 1000 },
    { NULL, 0 },
};

static const unit_t sizes[] = {
    { "G", APR_INT64_C(1) << 30 },
    { "M", APR_INT64_C(1) << 20 },
    { "K", APR_INT64_C(1) << 10 },
    { "", 1 },
    { NULL, 0 },
};

const char *qdn_parse_flag(const char *s, int *pvalue, apr_pool_t *p)
{
    if (s && !strcasecmp(s, "on")) {
        *pvalue = 1;
        return NULL;
    }
    if (s && !strcasecmp(s, "off")) {
        *pvalue = 0;
        return NULL;
    }
    return apr_psprintf(p, "'%s' is neither on nor off", s ? s : "");
}

/* Digits at *ps into *pn, *ps past them; 0 if there are none or too many. */
static int take_digits(const char **ps, apr_int64_t *pn)
{
    const char *s = *ps;
    apr_int64_t n = 0;

    if (!apr_isdigit(*s)) {
        return 0;
    }
    for (; apr_isdigit(*s); s++) {
        if (__builtin_mul_overflow(n, 10, &n) ||
            __builtin_add_overflow(n, *s - '0', &n)) {
            return 0;
        }
    }
    *ps = s;
    *pn = n;
    return 1;
}

const char *qdn_parse_int(const char *s, apr_int64_t min, apr_int64_t max,
                          apr_int64_t *pvalue, apr_pool_t *p)
{
    const char *at = s ? s : "";
    int minus = *at == '-';
    apr_int64_t n;

    at += minus;
    if (take_digits(&at, &n) && !*at) {
        n = minus ? -n : n;
        if (n >= min && n <= max) {
            *pvalue = n;
            return NULL;
        }
    }
    return apr_psprintf(p,
                        "'%s' is not a whole number from %" APR_INT64_T_FMT
                        " to %" APR_INT64_T_FMT,
                        s ? s : "", min, max);
}

static const unit_t *find_unit(const unit_t *units, const char *suffix)
{
    for (; units->suffix; units++) {
        if (!strcmp(units->suffix, suffix)) {
            return units;
        }
    }
    return NULL;
}

/* n in the largest unit that leaves no rest, as the administrator wrote it. */
static const char *in_units(apr_int64_t n, const unit_t *units, apr_pool_t *p)
{
    while (units[1].suffix && (n == 0 || n % units->size)) {
        units++;
    }
    return apr_psprintf(p, "%" APR_INT64_T_FMT "%s", n / units->size,
                        units->suffix);
}

/* A number with a suffix; 0 if s is none, or its product leaves 64 bits. */
static int take_quantity(const char *s, const char *bare, const unit_t *units,
                         apr_int64_t *pn)
{
    const unit_t *unit;

    if (!s || !take_digits(&s, pn)) {
        return 0;
    }
    unit = find_unit(units, *s ? s : bare);
    return unit && !__builtin_mul_overflow(*pn, unit->size, pn);
}

const char *qdn_parse_duration(const char *s, const char *unit,
                               apr_interval_time_t min, apr_interval_time_t max,
                               apr_interval_time_t *pvalue, apr_pool_t *p)
{
    apr_int64_t n;

    if (take_quantity(s, unit, durations, &n) && n >= min && n <= max) {
        *pvalue = n;
        return NULL;
    }
    return apr_psprintf(p,
                        "'%s' is not a duration from %s to %s (a whole number "
                        "with ms, s, m, h or d; without one it counts in %s)",
                        s ? s : "", in_units(min, durations, p),
                        in_units(max, durations, p), unit);
}

const char *qdn_parse_bytes(const char *s, apr_int64_t min, apr_int64_t max,
                            apr_int64_t *pvalue, apr_pool_t *p)
{
    apr_int64_t n;

    if (take_quantity(s, "", sizes, &n) && n >= min && n <= max) {
        *pvalue = n;
        return NULL;
    }
    return apr_psprintf(p,
                        "'%s' is not a size from %s to %s (bytes, or a whole "
                        "number with K, M or G)",
                        s ? s : "", in_units(min, sizes, p),
                        in_units(max, sizes, p));
}

const char *qdn_parse_id(const char *s, apr_pool_t *p)
{
    apr_size_t n = 0;

    if (s && apr_isalnum(*s)) {
        while (apr_isalnum(s[n]) || s[n] == '_' || s[n] == '-') {
            n++;
        }
        if (!s[n] && n <= ID_MAX) {
            return NULL;
        }
    }
    return apr_psprintf(p,
                        "'%s' is not a name of 1 to %d letters, digits, - and "
                        "_ that begins with a letter or digit",
                        s ? s : "", ID_MAX);
}

/* The pieces of a URL, as offsets into the text they were found in. */
typedef struct url_t {
    const char *host; /* with the brackets of an IPv6 address */
    apr_size_t host_len;
    const char *port; /* NULL if there is none */
    apr_size_t port_len;
    const char *path;
    int is_http;
} url_t;

static int host_ok(const url_t *u)
{
    apr_size_t label = 0;

    if (u->host_len && *u->host == '[') {
        return u->host_len > 3 && u->host[u->host_len - 1] == ']' &&
               strspn(u->host + 1, "0123456789abcdefABCDEF:.") ==
                   u->host_len - 2;
    }
    for (apr_size_t i = 0; i < u->host_len; i++) {
        char c = u->host[i];

        if (c == '.' ? label == 0 : !apr_isalnum(c) && c != '-') {
            return 0;
        }
        label = c == '.' ? 0 : label + 1;
    }
    return label > 0;
}

static int host_is_loopback(const url_t *u)
{
    static const char *const names[] = { "localhost", "[::1]" };

    for (apr_size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (strlen(names[i]) == u->host_len &&
            !strncasecmp(u->host, names[i], u->host_len)) {
            return 1;
        }
    }
    /* 127.0.0.0/8, and not a name such as 127.example.com */
    return u->host_len > 4 && !strncmp(u->host, "127.", 4) &&
           strspn(u->host, "0123456789.") >= u->host_len;
}

static int port_ok(const url_t *u)
{
    const char *at = u->port;
    apr_int64_t n;

    return !u->port || (take_digits(&at, &n) && at == u->port + u->port_len &&
                        n > 0 && n < 65536);
}

/* Slash-separated segments of unreserved characters, none of them . or .. */
static int path_ok(const char *path)
{
    if (!strcmp(path, "/")) {
        return 1;
    }
    while (*path == '/') {
        apr_size_t n = 0;

        path++;
        while (apr_isalnum(path[n]) || (path[n] && strchr("-._~", path[n]))) {
            n++;
        }
        if (!n) {
            return !*path; /* one slash at the end */
        }
        if (strspn(path, ".") == n && n <= 2) {
            return 0;
        }
        path += n;
    }
    return !*path;
}

/* Finds the pieces; NULL, or what is wrong with them. */
static const char *url_split(const char *s, url_t *u)
{
    const char *scheme_end = strstr(s, "://");
    apr_size_t n = scheme_end ? (apr_size_t)(scheme_end - s) : 0;

    memset(u, 0, sizeof(*u));
    u->is_http = n == 4 && !strncasecmp(s, "http", n);
    if (!u->is_http && (n != 5 || strncasecmp(s, "https", n))) {
        return "does not begin with https://";
    }
    u->host = scheme_end + 3;
    n = strcspn(u->host, "/?#");
    if (memchr(u->host, '@', n)) {
        return "has a user name";
    }
    u->path = u->host + n;
    u->host_len = *u->host == '[' ? strcspn(u->host, "]/?#") + 1
                                  : strcspn(u->host, ":/?#");
    if (u->host_len > n) {
        u->host_len = n;
    }
    if (u->host_len < n) {
        if (u->host[u->host_len] != ':') {
            return "has no valid host";
        }
        u->port = u->host + u->host_len + 1;
        u->port_len = n - u->host_len - 1;
    }
    return NULL;
}

static const char *url_fault(const char *s, url_t *u)
{
    const char *fault = url_split(s, u);

    if (fault) {
        return fault;
    }
    if (strpbrk(u->path, "?#")) {
        return "has a query or a fragment";
    }
    if (!host_ok(u)) {
        return "has no valid host";
    }
    if (!port_ok(u)) {
        return "has no valid port";
    }
    if (*u->path != '/') {
        return "has no path";
    }
    if (!path_ok(u->path)) {
        return "has a path with other characters than letters, digits, "
               "- . _ ~ and single slashes";
    }
    if (u->is_http && !host_is_loopback(u)) {
        return "is not encrypted (http is accepted for this machine only)";
    }
    return NULL;
}

const char *qdn_parse_public_url(const char *s, const char **pvalue,
                                 apr_pool_t *p)
{
    const char *fault;
    apr_size_t len;
    url_t u;
    char *url;

    fault = url_fault(s ? s : "", &u);
    if (fault) {
        return apr_psprintf(p,
                            "'%s' %s; what is wanted is the address that "
                            "Twilio uses, as https://calls.example.com/qdn/"
                            "twilio",
                            s ? s : "", fault);
    }
    /* Twilio signs the letters of the host as they were typed there. */
    url = apr_pstrdup(p, s);
    for (char *c = url; *c != ':'; c++) {
        *c = (char)apr_tolower(*c);
    }
    len = strlen(url);
    if (url[len - 1] == '/') {
        url[len - 1] = '\0';
    }
    *pvalue = url;
    return NULL;
}

/* Of RFC 3986, percent signs included; the server knows what they mean. */
static int visible(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7F ||
            strchr("\"<>\\^`{|}", *s)) {
            return 0;
        }
    }
    return 1;
}

static const char *source_fault(const char *s, url_t *u)
{
    const char *fault = url_split(s, u);

    if (fault) {
        return fault;
    }
    if (strchr(u->path, '#')) {
        return "has a fragment";
    }
    if (!host_ok(u)) {
        return "has no valid host";
    }
    if (!port_ok(u)) {
        return "has no valid port";
    }
    if (!visible(u->path)) {
        return "has characters that a URL writes as %XX";
    }
    if (u->is_http && !host_is_loopback(u)) {
        return "is not encrypted (http is accepted for this machine only)";
    }
    return NULL;
}

const char *qdn_parse_source_url(const char *s, const char **pvalue,
                                 apr_pool_t *p)
{
    const char *fault;
    url_t u;

    fault = source_fault(s ? s : "", &u);
    if (fault) {
        return apr_psprintf(p,
                            "the address %s; what is wanted is one such as "
                            "https://calendar.example.com/path",
                            fault);
    }
    *pvalue = s;
    return NULL;
}

/* A quoted piece at *ps into *pto, without its quotes; 0 if it has no end. */
static int take_quoted(const char **ps, char **pto)
{
    const char *s = *ps;
    char *to = *pto;
    char quote = *s++;

    for (; *s && *s != quote; s++) {
        if (*s == '\\' && (s[1] == quote || s[1] == '\\')) {
            s++;
        }
        *to++ = *s;
    }
    if (!*s) {
        return 0;
    }
    *ps = s + 1;
    *pto = to;
    return 1;
}

/*
 * A double quote opens anywhere; an apostrophe only where a word or a value
 * begins, because people write them inside words.
 */
static int opens_quote(const char *word, const char *s)
{
    return *s == '"' || (*s == '\'' && (s == word || s[-1] == '='));
}

static int take_word(const char **ps, char *to)
{
    const char *word = *ps;
    const char *s = word;

    while (*s && !apr_isspace(*s)) {
        if (!opens_quote(word, s)) {
            *to++ = *s++;
        }
        else if (!take_quoted(&s, &to)) {
            return 0;
        }
    }
    *to = '\0';
    *ps = s;
    return 1;
}

const char *qdn_parse_words(const char *raw, apr_array_header_t **pwords,
                            apr_pool_t *p)
{
    apr_array_header_t *words = apr_array_make(p, 4, sizeof(const char *));
    const char *s = raw ? raw : "";

    for (;;) {
        char *word;

        while (apr_isspace(*s)) {
            s++;
        }
        if (!*s) {
            break;
        }
        word = apr_palloc(p, strlen(s) + 1);
        if (!take_word(&s, word)) {
            return apr_psprintf(p, "a quote in '%s' is not closed", raw);
        }
        APR_ARRAY_PUSH(words, const char *) = word;
    }
    *pwords = words;
    return NULL;
}

const char *qdn_parse_option(const char *word, const char *key)
{
    apr_size_t n = strlen(key);

    return !strncmp(word, key, n) && word[n] == '=' ? word + n + 1 : NULL;
}
