/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CELL_GAP 2

/* Also the C1 controls, which UTF-8 writes as C2 80 to C2 9F. */
static void defuse(char *s)
{
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if ((c < 0x20 && c != '\n') || c == 0x7F) {
            *s = '?';
        }
        else if (c == 0xC2 && (unsigned char)s[1] >= 0x80 &&
                 (unsigned char)s[1] < 0xA0) {
            s[0] = s[1] = '?';
        }
    }
}

static void print(const qdn_ctl_t *ctl, FILE *to, const char *fmt, va_list args)
{
    char *text = apr_pvsprintf(ctl->pool, fmt, args);

    defuse(text);
    fputs(text, to);
}

void qdn_ctl_say(const qdn_ctl_t *ctl, const char *fmt, ...)
{
    va_list args;

    if (ctl->json) {
        return;
    }
    va_start(args, fmt);
    print(ctl, stdout, fmt, args);
    va_end(args);
}

void qdn_ctl_json(const qdn_ctl_t *ctl, struct json_object *document)
{
    if (ctl->json) {
        puts(json_object_to_json_string_ext(
            document, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
                          JSON_C_TO_STRING_NOSLASHESCAPE));
    }
    json_object_put(document);
}

qdn_exit_e qdn_ctl_fail(const qdn_ctl_t *ctl, const char *fmt, ...)
{
    json_object *document = json_object_new_object();
    va_list args;
    char *text;

    va_start(args, fmt);
    text = apr_pvsprintf(ctl->pool, fmt, args);
    va_end(args);
    defuse(text);
    fprintf(stderr, "qdnctl: %s\n", text);
    json_object_object_add(document, "error", json_object_new_string(text));
    qdn_ctl_json(ctl, document);
    return QDN_EXIT_USAGE;
}

qdn_table_t *qdn_table_create(const char *const *head, apr_pool_t *p)
{
    qdn_table_t *table = apr_pcalloc(p, sizeof(*table));

    table->cells = apr_array_make(p, 32, sizeof(const char *));
    for (; head[table->columns]; table->columns++) {
        APR_ARRAY_PUSH(table->cells, const char *) = head[table->columns];
    }
    return table;
}

void qdn_table_row(qdn_table_t *table, ...)
{
    va_list args;

    va_start(args, table);
    for (int i = 0; i < table->columns; i++) {
        const char *cell = va_arg(args, const char *);

        APR_ARRAY_PUSH(table->cells, const char *) = cell ? cell : "-";
    }
    va_end(args);
}

/* Characters, not bytes: what continues a sequence of UTF-8 has no width. */
static int width(const char *s)
{
    int n = 0;

    for (; *s; s++) {
        n += (*s & 0xC0) != 0x80;
    }
    return n;
}

static int column_width(const qdn_table_t *table, int column)
{
    int widest = 0;

    for (int i = column; i < table->cells->nelts; i += table->columns) {
        int n = width(APR_ARRAY_IDX(table->cells, i, const char *));

        widest = n > widest ? n : widest;
    }
    return widest;
}

void qdn_table_print(const qdn_ctl_t *ctl, const qdn_table_t *table)
{
    int *widths = apr_palloc(ctl->pool, sizeof(int) * (size_t)table->columns);

    for (int column = 0; column < table->columns; column++) {
        widths[column] = column_width(table, column) + CELL_GAP;
    }
    for (int i = 0; i < table->cells->nelts; i++) {
        const char *cell = APR_ARRAY_IDX(table->cells, i, const char *);
        int column = i % table->columns;

        if (column == table->columns - 1) {
            qdn_ctl_say(ctl, "%s\n", cell);
        }
        else {
            qdn_ctl_say(ctl, "%s%*s", cell, widths[column] - width(cell), "");
        }
    }
}

void qdn_ctl_progress(const qdn_ctl_t *ctl, const char *what, apr_int64_t done,
                      apr_int64_t total)
{
    if (ctl->json || ctl->quiet || total <= 0 || !isatty(STDERR_FILENO)) {
        return;
    }
    if (done >= total) {
        fputs("\r\033[K", stderr);
        return;
    }
    fprintf(stderr, "\r%s %3d%%\033[K", what, (int)(done * 100 / total));
}
