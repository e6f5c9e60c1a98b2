/* SPDX-License-Identifier: Apache-2.0 */
#include "dotenv.h"

#include <apr_strings.h>
#include <stdarg.h>
#include <string.h>

#include "log.h"
#include "status.h"
#include "text.h"

/*
 * What is accepted is where two readers meet. Node's dotenv is one regular
 * expression over the whole text: its \s crosses line ends, any # ends a
 * plain value, quoted values keep their escapes but \n and \r. python-dotenv
 * goes line by line, cuts at a blank before #, and unescapes. Every refusal
 * below names a difference between them.
 */
typedef struct reader_t {
    const char *at; /* the next byte; the text ends with a NUL */
    int line;
    int passed_over; /* the last line with content was no assignment */
    apr_pool_t *pool;
    apr_array_header_t *entries;
    const char *error;
} reader_t;

static apr_status_t refuse(reader_t *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static apr_status_t refuse(reader_t *r, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    r->error = apr_psprintf(r->pool, "line %d: %s", r->line,
                            apr_pvsprintf(r->pool, fmt, args));
    va_end(args);
    return QDN_EMALFORMED;
}

static int is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static int ends_line(char c)
{
    return c == '\n' || c == '\0';
}

static const char *skip_blanks(const char *s)
{
    while (is_blank(*s)) {
        s++;
    }
    return s;
}

static int is_name_char(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* White space but blank, tab and line end: where \s means different things. */
static int is_odd_space(const char *s)
{
    static const char *const wide[] = {
        "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80",
        "\xE2\x80\xA8", "\xE2\x80\xA9", "\xE2\x80\xAF",
        "\xE2\x81\x9F", "\xE3\x80\x80", "\xEF\xBB\xBF",
    };
    unsigned char c = (unsigned char)*s;

    if (c < 0x80) {
        return c == '\v' || c == '\f' || (c >= 0x1C && c <= 0x1F);
    }
    for (apr_size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++) {
        if (!strncmp(s, wide[i], strlen(wide[i]))) {
            return 1;
        }
    }
    /* U+2000 to U+200A */
    return !strncmp(s, "\xE2\x80", 2) && (unsigned char)s[2] <= 0x8A;
}

/* JavaScript's . and $ stop at U+2028 and U+2029, also within a comment. */
static int is_line_separator(const char *s)
{
    return !strncmp(s, "\xE2\x80\xA8", 3) || !strncmp(s, "\xE2\x80\xA9", 3);
}

/* Past the rest of the line and its end, if nothing in it is in doubt. */
static apr_status_t skip_line(reader_t *r, const char *s)
{
    int comment = 0;

    for (; !ends_line(*s); s++) {
        comment = comment || *s == '#';
        if (comment ? is_line_separator(s) : is_odd_space(s)) {
            return refuse(r, "has an invisible character that readers take "
                             "differently; write plain blanks");
        }
    }
    if (*s) {
        s++;
        r->line++;
    }
    r->at = s;
    return APR_SUCCESS;
}

static void add_entry(reader_t *r, const char *name, const char *value,
                      int line)
{
    qdn_dotenv_entry_t *to = (qdn_dotenv_entry_t *)r->entries->elts;
    qdn_dotenv_entry_t *from = to;
    int n = r->entries->nelts;

    for (int i = 0; i < n; i++, from++) {
        if (strcmp(from->name, name)) {
            *to++ = *from;
        }
    }
    r->entries->nelts = (int)(to - (qdn_dotenv_entry_t *)r->entries->elts);
    APR_ARRAY_PUSH(r->entries, qdn_dotenv_entry_t) =
        (qdn_dotenv_entry_t){ .name = name, .value = value, .line = line };
}

/*
 * The quote that ends the value, as both find it: the first without a
 * backslash before it, else the last one of all. NULL if there is none.
 */
static const char *find_quote(const char *s, char quote)
{
    const char *last = NULL;

    for (const char *at = s; (at = strchr(at, quote)); at++) {
        if (at == s || at[-1] != '\\') {
            return at;
        }
        last = at;
    }
    return last;
}

/*
 * The text between quotes, with \n and \r expanded in double ones. NULL if it
 * has an escape that Python resolves and Node does not.
 */
static const char *unescape(const char *s, apr_size_t len, char quote,
                            apr_pool_t *p)
{
    const char *python = quote == '"' ? "\\'\"abftv" : "\\'";
    const char *end = s + len;
    char *value = apr_palloc(p, len + 1);
    char *to = value;

    while (s < end) {
        char next = s + 1 < end ? s[1] : '\0';

        if (*s != '\\' || !next) {
            *to++ = *s++;
        }
        else if (strchr(python, next)) {
            return NULL;
        }
        else if (quote == '"' && (next == 'n' || next == 'r')) {
            *to++ = next == 'n' ? '\n' : '\r';
            s += 2;
        }
        else {
            *to++ = *s++;
        }
    }
    *to = '\0';
    return value;
}

static apr_status_t read_quoted(reader_t *r, const char *name, const char *s)
{
    char quote = *s++;
    const char *end = find_quote(s, quote);
    const char *value;
    int line = r->line;

    if (!end) {
        return refuse(r, "the quote that begins here is not closed");
    }
    value = unescape(s, (apr_size_t)(end - s), quote, r->pool);
    if (!value) {
        return refuse(r,
                      "has an escape that dotenv readers take differently; "
                      "%s",
                      quote == '"' ? "only \\n and \\r are safe"
                                   : "use double quotes around an "
                                     "apostrophe, and no double "
                                     "backslash");
    }
    for (; s < end; s++) {
        r->line += *s == '\n';
    }
    s = skip_blanks(end + 1);
    if (*s != '#' && !ends_line(*s)) {
        return refuse(r, "has text after the closing quote");
    }
    add_entry(r, name, value, line);
    return skip_line(r, s);
}

/* Node takes a quoted string on a later line as the value of `NAME=`. */
static int quote_follows(const char *s)
{
    while (is_blank(*s) || *s == '\n' || is_odd_space(s)) {
        s += *s == ' ' || *s == '\t' || *s == '\n' ? 1 : qdn_text_char(s);
    }
    return *s && strchr("'\"`", *s) != NULL;
}

static apr_status_t read_plain(reader_t *r, const char *name, const char *s)
{
    const char *end = s;
    const char *last;
    int line = r->line;

    while (!ends_line(*end) && *end != '#') {
        end++;
    }
    if (*end == '#' && (end == s || !is_blank(end[-1]))) {
        return refuse(r, "has a # that some readers take for a comment; put "
                         "the value in quotes, or a blank before the #");
    }
    if (end == s && quote_follows(s)) {
        return refuse(r, "has no value, and a quoted string stands below; "
                         "write NAME=\"\" for an empty value");
    }
    for (last = end; last > s && is_blank(last[-1]); last--) {
    }
    add_entry(r, name, apr_pstrmemdup(r->pool, s, (apr_size_t)(last - s)),
              line);
    return skip_line(r, s);
}

static apr_status_t read_value(reader_t *r, const char *name, const char *s)
{
    r->passed_over = 0;
    s = skip_blanks(s);
    switch (*s) {
    case '"':
    case '\'':
        return read_quoted(r, name, s);
    case '`':
        return refuse(r, "has a value in back-quotes; use double quotes");
    default:
        return read_plain(r, name, s);
    }
}

/* Python takes a name alone for one without a value, Node for nothing. */
static int is_entry(const reader_t *r, const char *name, apr_size_t len)
{
    for (int i = 0; i < r->entries->nelts; i++) {
        const char *known =
            APR_ARRAY_IDX(r->entries, i, qdn_dotenv_entry_t).name;

        if (!strncmp(known, name, len) && !known[len]) {
            return 1;
        }
    }
    return 0;
}

/* A line that both leave out: said, because a typing error looks like this. */
static apr_status_t pass_over(reader_t *r, const char *s)
{
    int line = r->line;
    apr_status_t rv = skip_line(r, s);

    if (rv == APR_SUCCESS) {
        qdn_log(QDN_LOG_WARNING, APR_SUCCESS,
                QDNLOGNO(0101) "secrets: line %d is no assignment and is "
                               "passed over",
                line);
        r->passed_over = 1;
    }
    return rv;
}

static apr_status_t read_assignment(reader_t *r, const char *s)
{
    int exported = !strncmp(s, "export", 6) && is_blank(s[6]);
    const char *start = s, *name, *end;
    apr_size_t safe = 0;

    s = exported ? skip_blanks(s + 6) : s;
    name = s;
    while (!is_blank(*s) && !ends_line(*s) && *s != '=' && *s != '#') {
        s++;
    }
    end = s;
    while (is_name_char(name[safe])) {
        safe++;
    }
    s = skip_blanks(s);
    if (*name == '\'') {
        return refuse(r, "has a quoted name; write it without quotes");
    }
    if (*s == '=' && name == end && (exported || r->passed_over)) {
        return refuse(r, "has no name before the =");
    }
    if (*s == '=' && name != end) {
        if (name + safe != end) {
            return refuse(r, "has a name with other characters than letters, "
                             "digits, _ . and -");
        }
        return read_value(r, apr_pstrmemdup(r->pool, name, safe), s + 1);
    }
    if (safe && name[safe] == ':' &&
        (name[safe + 1] == '\n' || is_blank(name[safe + 1]))) {
        return refuse(r, "has a colon after the name; write NAME=value");
    }
    if ((ends_line(*s) || *s == '#') &&
        is_entry(r, name, (apr_size_t)(end - name))) {
        return refuse(r, "names again, without a value, what was set above");
    }
    return pass_over(r, start);
}

static apr_status_t read_line(reader_t *r)
{
    const char *s = skip_blanks(r->at);

    if (*s == '#') {
        r->passed_over = 0;
    }
    return ends_line(*s) || *s == '#' ? skip_line(r, s) : read_assignment(r, s);
}

/* Line ends become \n and the text UTF-8 without NUL, or it is refused. */
static apr_status_t normalise(reader_t *r, const char *text, apr_size_t len)
{
    char *copy = apr_palloc(r->pool, len + 1);
    apr_size_t n = 0;

    for (apr_size_t i = 0; i < len; i++) {
        if (text[i] == '\n' && i > 0 && text[i - 1] == '\r') {
            continue;
        }
        copy[n++] = text[i] == '\r' ? '\n' : text[i];
    }
    copy[n] = '\0';
    r->at = copy;
    for (const char *s = copy; s < copy + n;) {
        apr_size_t step = qdn_text_char(s);

        if (!step) {
            return refuse(r, "is not UTF-8 text");
        }
        r->line += *s == '\n';
        s += step;
    }
    r->line = 1;
    return APR_SUCCESS;
}

/* Node skips a byte order mark; to Python it is the first name's begin. */
static apr_status_t skip_mark(reader_t *r)
{
    const char *s;

    if (strncmp(r->at, "\xEF\xBB\xBF", 3)) {
        return APR_SUCCESS;
    }
    s = skip_blanks(r->at + 3);
    if (!ends_line(*s) && *s != '#') {
        return refuse(r, "begins with a byte order mark; save the file as "
                         "UTF-8 without it");
    }
    r->at = s;
    return APR_SUCCESS;
}

apr_status_t qdn_dotenv_parse(apr_array_header_t **pentries, const char *text,
                              apr_size_t len, const char **perror,
                              apr_pool_t *p)
{
    reader_t reader = { .line = 1, .pool = p };
    apr_status_t rv;

    reader.entries = apr_array_make(p, 16, sizeof(qdn_dotenv_entry_t));
    rv = normalise(&reader, text, len);
    if (rv == APR_SUCCESS) {
        rv = skip_mark(&reader);
    }
    while (rv == APR_SUCCESS && *reader.at) {
        rv = read_line(&reader);
    }
    if (rv == APR_SUCCESS) {
        *pentries = reader.entries;
    }
    else {
        *perror = reader.error;
    }
    return rv;
}
