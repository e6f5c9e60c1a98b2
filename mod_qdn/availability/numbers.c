/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <stdlib.h>
#include <string.h>

#include "e164.h"
#include "status.h"

#define BLANKS " \t\r"

/* The number on the line, "" for none; NULL: that is something else. */
static const char *number_of(const char *line, apr_size_t len,
                             char number[QDN_E164_MAX + 1])
{
    const char *comment = memchr(line, '#', len);

    len = comment ? (apr_size_t)(comment - line) : len;
    while (len && strchr(BLANKS, line[len - 1]) && line[len - 1]) {
        len--;
    }
    while (len && strchr(BLANKS, *line) && *line) {
        line++;
        len--;
    }
    if (len > QDN_E164_MAX) {
        return NULL;
    }
    apr_cpystrn(number, line, len + 1);
    return strlen(number) == len && (!len || qdn_e164_valid(number)) ? number
                                                                     : NULL;
}

static int compare(const void *a, const void *b)
{
    apr_uint64_t x = *(const apr_uint64_t *)a;
    apr_uint64_t y = *(const apr_uint64_t *)b;

    return x < y ? -1 : x > y;
}

static int sort_once(apr_uint64_t *numbers, int n)
{
    int i, kept = 0;

    if (n) {
        qsort(numbers, (size_t)n, sizeof(*numbers), compare);
    }
    for (i = 0; i < n; i++) {
        if (!kept || numbers[kept - 1] != numbers[i]) {
            numbers[kept++] = numbers[i];
        }
    }
    return kept;
}

apr_status_t qdn_numbers_read(const char *text, apr_size_t len,
                              const apr_uint64_t **pnumbers, int *pn,
                              const char **perror, apr_pool_t *p)
{
    apr_array_header_t *all = apr_array_make(p, 64, sizeof(apr_uint64_t));
    const char *end = text + len;
    int line = 0;

    while (text < end) {
        const char *stop = memchr(text, '\n', (apr_size_t)(end - text));
        apr_size_t n = (apr_size_t)((stop ? stop : end) - text);
        char buf[QDN_E164_MAX + 1];
        const char *number = number_of(text, n, buf);

        line++;
        if (!number) {
            *perror = apr_psprintf(p,
                                   "line %d is no number such as "
                                   "+16195550101",
                                   line);
            return QDN_EMALFORMED;
        }
        if (*number) {
            APR_ARRAY_PUSH(all, apr_uint64_t) = strtoull(number + 1, NULL, 10);
        }
        text += n + 1;
    }
    *pn = sort_once((apr_uint64_t *)all->elts, all->nelts);
    *pnumbers = (const apr_uint64_t *)all->elts;
    return APR_SUCCESS;
}
