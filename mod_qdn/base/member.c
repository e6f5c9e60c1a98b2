/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include "member.h"

static void begin(qdn_text_t *t, const char *name)
{
    if (t->len && !strchr("{[:", t->buf[t->len - 1])) {
        qdn_text_addc(t, ',');
    }
    if (name) {
        qdn_text_add_json(t, name);
        qdn_text_addc(t, ':');
    }
}

void qdn_member_open(qdn_text_t *t, const char *name, char kind)
{
    begin(t, name);
    qdn_text_addc(t, kind);
}

void qdn_member_close(qdn_text_t *t, char kind)
{
    qdn_text_addc(t, kind == '{' ? '}' : ']');
}

void qdn_member_text(qdn_text_t *t, const char *name, const char *value)
{
    begin(t, name);
    qdn_text_add_json(t, value);
}

void qdn_member_number(qdn_text_t *t, const char *name, apr_int64_t value)
{
    begin(t, name);
    qdn_text_add_int(t, value);
}

void qdn_member_truth(qdn_text_t *t, const char *name, int value)
{
    qdn_member_raw(t, name, value ? "true" : "false");
}

void qdn_member_time(qdn_text_t *t, const char *name, apr_time_t at)
{
    if (at) {
        qdn_member_number(t, name, at);
    }
    else {
        qdn_member_raw(t, name, NULL);
    }
}

void qdn_member_raw(qdn_text_t *t, const char *name, const char *json)
{
    begin(t, name);
    qdn_text_add(t, json ? json : "null");
}
