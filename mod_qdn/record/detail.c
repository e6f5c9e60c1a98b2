/* SPDX-License-Identifier: Apache-2.0 */
#include "detail.h"

#include <string.h>
#include <apr_strings.h>
#include "text.h"

#define BLANKS  " \t\r\n"
#define SCALAR  "+-.0123456789abcdefghijklmnopqrstuvwxyzE"
#define LONGEST 64 /* of a number, characters */

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, BLANKS);
}

/************** strings **************/

/* Behind the string that begins at s, NULL if it has no end. */
static const char *skip_string(const char *s)
{
    for (s++; *s && *s != '"'; s++) {
        if (*s == '\\' && !*++s) {
            return NULL;
        }
    }
    return *s ? s + 1 : NULL;
}

/* Four hex digits; -1 if they are not. */
static long take_unit(const char *s)
{
    long unit = 0;

    for (int i = 0; i < 4; i++) {
        const char *digits = "0123456789abcdef0123456789ABCDEF";
        const char *digit = s[i] ? strchr(digits, s[i]) : NULL;

        if (!digit) {
            return -1;
        }
        unit = unit * 16 + (digit - digits) % 16;
    }
    return unit;
}

static char *put_utf8(char *to, unsigned long c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    }
    else if (c < 0x10000) {
        *to++ = (char)(0xE0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    else {
        *to++ = (char)(0xF0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

/*
 * The character of \uXXXX at s, or of a pair of them; what stands for none,
 * a NUL or half of a pair, is U+FFFD. *ps is moved behind. 0: malformed.
 */
static unsigned long take_unicode(const char **ps)
{
    long unit = take_unit(*ps + 2), low;

    if (unit < 0) {
        return 0;
    }
    *ps += 6;
    if (unit >= 0xD800 && unit < 0xDC00 && !strncmp(*ps, "\\u", 2)) {
        low = take_unit(*ps + 2);
        if (low >= 0xDC00 && low < 0xE000) {
            *ps += 6;
            return 0x10000 + (((unsigned long)unit - 0xD800) << 10) +
                   ((unsigned long)low - 0xDC00);
        }
    }
    return !unit || (unit >= 0xD800 && unit < 0xE000) ? 0xFFFD
                                                      : (unsigned long)unit;
}

/* The string from s up to its closing quote at end; NULL if malformed. */
static const char *unescape(const char *s, const char *end, apr_pool_t *p)
{
    static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    char *text = apr_palloc(p, (apr_size_t)(end - s) + 1), *to = text;

    while (s < end) {
        const char *escape;
        unsigned long c;

        if (*s != '\\') {
            *to++ = *s++;
        }
        else if ((escape = strchr(escapes, s[1])) != NULL) {
            *to++ = meant[escape - escapes];
            s += 2;
        }
        else if (s[1] == 'u' && (c = take_unicode(&s)) != 0) {
            to = put_utf8(to, c);
        }
        else {
            return NULL;
        }
    }
    *to = '\0';
    return text;
}

/************** values **************/

/* Behind the object or array at s. */
static const char *skip_nested(const char *s)
{
    int depth = 0;

    while (s && *s) {
        if (*s == '"') {
            s = skip_string(s);
            continue;
        }
        depth += *s == '{' || *s == '[';
        depth -= *s == '}' || *s == ']';
        s++;
        if (depth == 0) {
            return s;
        }
    }
    return NULL;
}

/* Behind the value at s; NULL if there is none. */
static const char *skip_value(const char *s)
{
    size_t n;

    if (*s == '"') {
        return skip_string(s);
    }
    if (*s == '{' || *s == '[') {
        return skip_nested(s);
    }
    n = strspn(s, SCALAR);
    return n ? s + n : NULL;
}

static const char *value_text(const char *s, const char *end, apr_pool_t *p)
{
    apr_size_t n = (apr_size_t)(end - s);

    if (*s == '"') {
        return unescape(s + 1, end - 1, p);
    }
    if (*s == '{' || *s == '[' || n > LONGEST ||
        (n == 4 && !strncmp(s, "null", 4))) {
        return NULL;
    }
    return apr_pstrmemdup(p, s, n);
}

/* Is the string at s, with its quotes up to end, this name? No escapes. */
static int is_name(const char *s, const char *end, const char *name)
{
    apr_size_t n = strlen(name);

    return (apr_size_t)(end - s) == n + 2 && !strncmp(s + 1, name, n);
}

typedef struct span_t {
    const char *key, *key_end; /* with its quotes */
    const char *value, *value_end;
} span_t;

/* The member behind the brace or comma at s; NULL, or what follows it. */
static const char *take_member(const char *s, span_t *m)
{
    m->key = skip_blanks(s + 1);
    m->key_end = *m->key == '"' ? skip_string(m->key) : NULL;
    s = m->key_end ? skip_blanks(m->key_end) : "";
    if (*s != ':') {
        return NULL;
    }
    m->value = skip_blanks(s + 1);
    m->value_end = skip_value(m->value);
    return m->value_end ? skip_blanks(m->value_end) : NULL;
}

const char *qdn_detail_text(const char *detail, const char *name, apr_pool_t *p)
{
    const char *s = detail ? skip_blanks(detail) : "";
    span_t m;

    /* Nearly all details lack the member asked for: do not walk those. */
    if (*s != '{' || !strstr(s, name)) {
        return NULL;
    }
    do {
        s = take_member(s, &m);
        if (s && is_name(m.key, m.key_end, name)) {
            return value_text(m.value, m.value_end, p);
        }
    } while (s && *s == ',');
    return NULL;
}

apr_int64_t qdn_detail_number(const char *detail, const char *name,
                              apr_int64_t otherwise, apr_pool_t *p)
{
    const char *text = qdn_detail_text(detail, name, p);

    return text ? apr_atoi64(text) : otherwise;
}

/************** all members **************/

apr_array_header_t *qdn_detail_members(const char *detail, apr_pool_t *p)
{
    apr_array_header_t *members =
        apr_array_make(p, 8, sizeof(qdn_detail_member_t));
    const char *s = skip_blanks(detail);
    span_t m;

    if (*s != '{') {
        return NULL;
    }
    if (*skip_blanks(s + 1) == '}') {
        return *skip_blanks(skip_blanks(s + 1) + 1) ? NULL : members;
    }
    do {
        qdn_detail_member_t *member;

        s = take_member(s, &m);
        if (!s) {
            return NULL;
        }
        member = apr_array_push(members);
        member->name =
            apr_pstrmemdup(p, m.key + 1, (apr_size_t)(m.key_end - m.key) - 2);
        member->value =
            apr_pstrmemdup(p, m.value, (apr_size_t)(m.value_end - m.value));
    } while (*s == ',');
    return *s == '}' && !*skip_blanks(s + 1) ? members : NULL;
}

apr_array_header_t *qdn_detail_elements(const char *array, apr_pool_t *p)
{
    apr_array_header_t *elements = apr_array_make(p, 16, sizeof(const char *));
    const char *s = skip_blanks(array);

    if (*s != '[') {
        return NULL;
    }
    if (*skip_blanks(s + 1) == ']') {
        return *skip_blanks(skip_blanks(s + 1) + 1) ? NULL : elements;
    }
    do {
        const char *value = skip_blanks(s + 1);
        const char *end = skip_value(value);

        if (!end) {
            return NULL;
        }
        APR_ARRAY_PUSH(elements, const char *) =
            apr_pstrmemdup(p, value, (apr_size_t)(end - value));
        s = skip_blanks(end);
    } while (*s == ',');
    return *s == ']' && !*skip_blanks(s + 1) ? elements : NULL;
}

const char *qdn_detail_object(const apr_array_header_t *members, apr_pool_t *p)
{
    qdn_text_t t;

    qdn_text_init(&t, 256, p);
    qdn_text_addc(&t, '{');
    for (int i = 0; i < members->nelts; i++) {
        const qdn_detail_member_t *m =
            &APR_ARRAY_IDX(members, i, qdn_detail_member_t);

        qdn_text_addf(&t, "%s\"%s\":", i ? "," : "", m->name);
        qdn_text_add(&t, m->value);
    }
    qdn_text_addc(&t, '}');
    return t.buf;
}
