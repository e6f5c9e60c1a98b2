/* SPDX-License-Identifier: Apache-2.0 */
#include "veil.h"

#include <string.h>

#include <apr_lib.h>

#include "text.h"

#define PLUS_MIN  7  /* digits behind a "+" that are a number */
#define PLAIN_MIN 10 /* digits without one */
#define PLAIN_MAX 15 /* likewise, if nothing stands between them */
#define HEAD      4  /* digits that are left in front: country and area */
#define TAIL      2  /* at the end */
#define HIDDEN    4  /* at least; of a short number less is left in front */
#define DIGITS    64 /* of one run; what follows is looked at anew */

#define MASK "\xe2\x80\xa6\xe2\x80\xa6" /* two ellipses */

/* A run of digits with what stands between them. */
typedef struct run_t {
    const char *begin, *end;
    char digits[DIGITS + 1];
    int n;
    int plus;
    int joined; /* nothing stands between the digits */
} run_t;

/* Members whose values are made of hex digits, and name no telephone. */
static const char *const names[] = {
    "config",   "revision",    "id",    "hash",
    "call_sid", "fingerprint", "event", "next"
};

/************** what a run is **************/

static int is_word(char c)
{
    return apr_isalnum(c) || c == '_';
}

/* Bytes of what people put between the digits of a number; 0: no such. */
static size_t between(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;

    if (*s && strchr(" .-()[]/", *s)) {
        return 1;
    }
    if (u[0] == 0xC2 && (u[1] == 0xA0 || u[1] == 0xAD)) {
        return 2; /* no-break space, soft hyphen */
    }
    if (u[0] == 0xE2 && u[1] == 0x80 &&
        ((u[2] >= 0x80 && u[2] <= 0x95) || u[2] == 0xAF)) {
        return 3; /* spaces, joiners, hyphens, dashes */
    }
    return 0;
}

/* "2026-11-22", and what it may be followed by: "T14:30:05". */
static size_t date(const char *s)
{
    static const char form[] = "dddd-dd-dd";
    size_t i;

    for (i = 0; form[i]; i++) {
        if (form[i] == 'd' ? !apr_isdigit(s[i]) : s[i] != form[i]) {
            return 0;
        }
    }
    if (apr_isdigit(s[i])) {
        return 0;
    }
    if ((s[i] == 'T' || s[i] == ' ') && apr_isdigit(s[i + 1]) &&
        apr_isdigit(s[i + 2]) && s[i + 3] == ':') {
        i += 1 + strspn(s + i + 1, "0123456789:");
    }
    return i;
}

/* Is that the hour of a time, behind a number? */
static int is_hour(const char *begin, const char *end)
{
    return end - begin <= 2 && *end == ':' && apr_isdigit(end[1]);
}

/* The run that begins at s, a digit or "+"; it ends with its last digit. */
static void take(run_t *run, const char *s)
{
    const char *group = NULL, *before = NULL;
    int n_before = 0;

    *run = (run_t){ .begin = s, .end = s, .plus = *s == '+', .joined = 1 };
    s += run->plus;
    while (run->n < DIGITS) {
        const char *gap = s;
        size_t n;

        while ((n = between(s)) != 0) {
            s += n;
        }
        if (!apr_isdigit(*s) ||
            (s != gap && run->joined && run->n >= PLAIN_MIN)) {
            break; /* at once, or behind a number that is whole */
        }
        if (s != gap && run->n) {
            run->joined = 0;
            before = run->end;
            n_before = run->n;
            group = s;
        }
        run->digits[run->n++] = *s++;
        run->end = s;
    }
    if (group && is_hour(group, run->end)) {
        run->end = before;
        run->n = n_before;
    }
    run->digits[run->n] = '\0';
}

/* Is the run one that is published: of a line, as people write it? */
static int is_line(const qdn_plan_t *plan, const run_t *run)
{
    int i;

    for (i = 0; i < plan->lines->nelts; i++) {
        const char *number =
            APR_ARRAY_IDX(plan->lines, i, const qdn_line_t *)->number + 1;
        size_t n = strlen(number);

        if (!strcmp(number, run->digits) ||
            (!run->plus && run->n >= PLAIN_MIN && (size_t)run->n < n &&
             !strcmp(number + n - (size_t)run->n, run->digits))) {
            return 1;
        }
    }
    return 0;
}

/* "x12" behind a number; no hex digits go on so. */
static int is_extension(const char *s)
{
    return (*s == 'x' || *s == 'X') && apr_isdigit(s[1]);
}

static int is_number(const run_t *run, int inside)
{
    if (run->plus) {
        return run->n >= PLUS_MIN;
    }
    return inside && run->n >= PLAIN_MIN &&
           (!run->joined || (run->n <= PLAIN_MAX &&
                             (!is_word(*run->end) || is_extension(run->end))));
}

static void add_veiled(qdn_text_t *t, const run_t *run)
{
    int head = run->n - TAIL - HIDDEN;

    head = head > HEAD ? HEAD : head;
    if (run->plus) {
        qdn_text_addc(t, '+');
    }
    qdn_text_addn(t, run->digits, (apr_size_t)head);
    qdn_text_add(t, MASK);
    qdn_text_add(t, run->digits + run->n - TAIL);
}

/************** where strings are **************/

typedef struct walk_t {
    const qdn_plan_t *plan;
    const char *text; /* all of it */
    qdn_text_t out;
    const char *edge; /* behind an escape, or what was taken */
    int inside;       /* of a JSON string */
    int kept;         /* its member is one of names */
} walk_t;

/* Does the key that ends before the colon at s name what is kept? */
static int is_kept(const walk_t *w, const char *s)
{
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t n = strlen(names[i]) + 2;

        if ((size_t)(s - w->text) >= n && s[-1] == '"' && *(s - n) == '"' &&
            !strncmp(s - n + 1, names[i], n - 2)) {
            return 1;
        }
    }
    return 0;
}

static void turn(walk_t *w, const char *s)
{
    if (*s == '"') {
        w->inside = !w->inside;
    }
    else if (!w->inside && *s == ':') {
        w->kept = is_kept(w, s);
    }
    else if (!w->inside && strchr(",{[", *s)) {
        w->kept = 0;
    }
}

/* May a number begin at s? Not in the middle of a word or a time. */
static int may_begin(const walk_t *w, const char *s)
{
    if (*s == '+') {
        return 1;
    }
    if (!apr_isdigit(*s)) {
        return 0;
    }
    if (s == w->text || s == w->edge || !(is_word(s[-1]) || s[-1] == ':')) {
        return 1;
    }
    if (s[-1] == ':') {
        return s - w->text < 2 || !apr_isdigit(s[-2]); /* "tel:", no time */
    }
    return s - w->text >= 3 && s[-3] == '%' && s[-2] == '2' &&
           (s[-1] | 0x20) == 'b'; /* an escaped "+" */
}

/* Copy what is no number at s, as far as none can begin; bytes. */
static size_t pass(walk_t *w, const char *s)
{
    size_t n = 1;

    if (w->inside && *s == '\\' && s[1]) {
        n = s[1] == 'u' && strnlen(s, 6) == 6 ? 6 : 2;
        w->edge = s + n;
    }
    else if (w->inside && apr_isdigit(*s) && may_begin(w, s) && date(s)) {
        n = date(s);
    }
    else {
        turn(w, s);
    }
    qdn_text_addn(&w->out, s, n);
    return n;
}

const char *qdn_veil_numbers(const qdn_plan_t *plan, const char *json,
                             apr_pool_t *p)
{
    walk_t w = { .plan = plan, .text = json };
    const char *s = json;
    run_t run;

    qdn_text_init(&w.out, strlen(json) + 64, p);
    while (*s) {
        if (!w.kept && may_begin(&w, s) && !(w.inside && date(s))) {
            take(&run, s);
            if (is_number(&run, w.inside) && !is_line(plan, &run)) {
                add_veiled(&w.out, &run);
                s = w.edge = run.end;
                continue;
            }
            if (run.n && is_line(plan, &run)) {
                qdn_text_addn(&w.out, s, (apr_size_t)(run.end - s));
                s = run.end;
                continue;
            }
        }
        s += pass(&w, s);
    }
    return w.out.buf;
}
