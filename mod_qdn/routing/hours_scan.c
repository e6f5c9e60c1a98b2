/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>
#include "hours_scan.h"
#include "text.h"

/* What the notation knows besides: said so, not called a mistake. */
static const struct {
    const char *text;
    const char *what;
} beyond[] = {
    { "||", "a fallback rule" },
    { "sunrise", "the sun" },
    { "sunset", "the sun" },
    { "dawn", "the sun" },
    { "dusk", "the sun" },
    { "(", "a variable time" },
    { "week", "a week number" },
    { "easter", "a moving date" },
    { "unknown", "a state that is not known" },
    { "[", "the n-th weekday of a month" },
    { "\"", "a comment" },
    { "/", "a repeated time" },
    { "+", "an offset or an open end there" },
    { "day", "an offset" },
    { "days", "an offset" },
};

void qdn_scan_blanks(qdn_scan_t *in)
{
    in->at += strspn(in->at, " \t");
}

static apr_size_t word_length(const char *s)
{
    apr_size_t n = 0;

    while (apr_isalpha(s[n])) {
        n++;
    }
    return n;
}

/* What a person sees at s: a word, a number, "||", or one character. */
static apr_size_t token_length(const char *s)
{
    apr_size_t n = word_length(s);

    if (!n) {
        n = strspn(s, "0123456789");
    }
    if (!n && !strncmp(s, "||", 2)) {
        n = 2;
    }
    if (!n) {
        n = qdn_text_char(s);
    }
    return n || !*s ? n : 1;
}

/* Positions count characters, as editors do. */
static int position(const qdn_scan_t *in, const char *at)
{
    int n = 1;

    for (const char *s = in->text; s < at; s++) {
        n += (*s & 0xC0) != 0x80;
    }
    return n;
}

int qdn_scan_refuse(qdn_scan_t *in, const char *at, const char *accepted)
{
    const char *token = apr_pstrmemdup(in->pool, at, token_length(at));
    const char *what = NULL;

    for (apr_size_t i = 0; i < sizeof(beyond) / sizeof(*beyond); i++) {
        if (!strcasecmp(token, beyond[i].text)) {
            what = beyond[i].what;
        }
    }
    token =
        *token ? apr_psprintf(in->pool, "stands '%s'", token) : "the text ends";
    if (what) {
        token = apr_psprintf(in->pool,
                             "%s (%s), which opening_hours knows and this "
                             "program does not",
                             token, what);
    }
    in->error = apr_psprintf(in->pool, "at position %d %s; accepted there: %s",
                             position(in, at), token, accepted);
    return 0;
}

int qdn_scan_word(const char *s, const char *const *list)
{
    apr_size_t n = word_length(s);

    for (int i = 0; list[i]; i++) {
        if (strlen(list[i]) == n && !strncasecmp(s, list[i], n)) {
            return i;
        }
    }
    return -1;
}

int qdn_scan_take_word(qdn_scan_t *in, const char *const *list)
{
    int i = qdn_scan_word(in->at, list);

    if (i >= 0) {
        in->at += strlen(list[i]);
        qdn_scan_blanks(in);
    }
    return i;
}

int qdn_scan_take_char(qdn_scan_t *in, char c)
{
    if (*in->at != c) {
        return 0;
    }
    in->at++;
    qdn_scan_blanks(in);
    return 1;
}

int qdn_scan_at_time(const char *s)
{
    apr_size_t n = strspn(s, "0123456789");

    return n && s[n] == ':' && apr_isdigit(s[n + 1]);
}

int qdn_scan_at_year(const char *s)
{
    return strspn(s, "0123456789") == 4 && !qdn_scan_at_time(s);
}

int qdn_scan_take_number(qdn_scan_t *in, apr_size_t least, apr_size_t most,
                         int min, int max)
{
    apr_size_t n = strspn(in->at, "0123456789");
    int value = 0;

    if (n < least || n > most) {
        return -1;
    }
    for (apr_size_t i = 0; i < n; i++) {
        value = value * 10 + (in->at[i] - '0');
    }
    if (value < min || value > max) {
        return -1;
    }
    in->at += n;
    return value;
}
