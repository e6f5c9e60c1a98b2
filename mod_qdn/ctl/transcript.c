/* SPDX-License-Identifier: Apache-2.0 */
#include "transcript.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <stdarg.h>
#include "text.h"

qdn_transcript_t *qdn_transcript_create(apr_pool_t *p)
{
    qdn_transcript_t *t = apr_pcalloc(p, sizeof(*t));

    t->pool = p;
    t->scenes = apr_array_make(p, 32, sizeof(qdn_scene_t));
    t->dials = apr_array_make(p, 8, sizeof(qdn_dialled_t *));
    t->documents = apr_array_make(p, 16, sizeof(qdn_document_t));
    t->complaints = qdn_complaints_create(p);
    return t;
}

void qdn_transcript_add(qdn_transcript_t *t, apr_interval_time_t at,
                        const char *who, const char *fmt, ...)
{
    qdn_scene_t *scene = apr_array_push(t->scenes);
    va_list args;

    va_start(args, fmt);
    scene->at = at;
    scene->who = who;
    scene->what = apr_pvsprintf(t->pool, fmt, args);
    va_end(args);
}

static const char *utc(apr_time_t at, apr_pool_t *p)
{
    char buf[32];
    apr_time_exp_t exp;
    apr_size_t len;

    apr_time_exp_gmt(&exp, at);
    apr_strftime(buf, &len, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &exp);
    return apr_pstrdup(p, buf);
}

static void text_scenes(qdn_text_t *out, const qdn_transcript_t *t)
{
    int i;

    for (i = 0; i < t->scenes->nelts; i++) {
        const qdn_scene_t *s = &APR_ARRAY_IDX(t->scenes, i, qdn_scene_t);

        qdn_text_addf(out, "%7.1f s  %-18s %s\n",
                      (double)s->at / APR_USEC_PER_SEC, s->who, s->what);
    }
}

static void text_complaints(qdn_text_t *out, const qdn_transcript_t *t)
{
    int i;

    for (i = 0; i < t->complaints->list->nelts; i++) {
        const qdn_complaint_t *c =
            &APR_ARRAY_IDX(t->complaints->list, i, qdn_complaint_t);

        if (c->code) {
            qdn_text_addf(out, "error %d: %s\n", c->code, c->text);
        }
        else {
            qdn_text_addf(out, "error: %s\n", c->text);
        }
    }
}

const char *qdn_transcript_text(const qdn_transcript_t *t, apr_pool_t *p)
{
    qdn_text_t out;

    qdn_text_init(&out, 2048, p);
    qdn_text_addf(&out, "%s  %s -> %s  %s\n", t->call_sid,
                  *t->from ? t->from : "(withheld)", t->to, utc(t->began, p));
    text_scenes(&out, t);
    qdn_text_addf(&out, "outcome: %s", t->outcome);
    if (t->answered_by) {
        qdn_text_addf(&out, " by %s, %d s of talk", t->answered_by, t->talk);
    }
    if (t->message) {
        qdn_text_addf(&out, ", a message of %d s", t->message);
    }
    qdn_text_addf(&out, "; %d webhooks\n", t->requests);
    text_complaints(&out, t);
    return out.buf;
}

static json_object *string_or_null(const char *s)
{
    return s ? json_object_new_string(s) : NULL;
}

static json_object *strings(const apr_array_header_t *list)
{
    json_object *array = json_object_new_array();
    int i;

    for (i = 0; i < list->nelts; i++) {
        json_object_array_add(
            array, string_or_null(APR_ARRAY_IDX(list, i, const char *)));
    }
    return array;
}

static json_object *seconds(apr_interval_time_t at)
{
    return json_object_new_double((double)at / APR_USEC_PER_SEC);
}

static json_object *json_dials(const qdn_transcript_t *t)
{
    json_object *array = json_object_new_array();
    int i;

    for (i = 0; i < t->dials->nelts; i++) {
        const qdn_dialled_t *d = APR_ARRAY_IDX(t->dials, i, qdn_dialled_t *);
        json_object *o = json_object_new_object();

        json_object_object_add(o, "at", seconds(d->at));
        json_object_object_add(o, "ring", json_object_new_int(d->ring));
        json_object_object_add(o, "numbers", strings(d->numbers));
        json_object_object_add(o, "phones", strings(d->names));
        json_object_object_add(o, "caller_id", string_or_null(d->callerid));
        json_object_object_add(o, "status", string_or_null(d->status));
        json_object_object_add(o, "picked_up", string_or_null(d->picked));
        json_object_object_add(o, "bridged",
                               json_object_new_boolean(d->bridged));
        json_object_array_add(array, o);
    }
    return array;
}

static json_object *json_scenes(const qdn_transcript_t *t)
{
    json_object *array = json_object_new_array();
    int i;

    for (i = 0; i < t->scenes->nelts; i++) {
        const qdn_scene_t *s = &APR_ARRAY_IDX(t->scenes, i, qdn_scene_t);
        json_object *o = json_object_new_object();

        json_object_object_add(o, "at", seconds(s->at));
        json_object_object_add(o, "who", string_or_null(s->who));
        json_object_object_add(o, "what", string_or_null(s->what));
        json_object_array_add(array, o);
    }
    return array;
}

static json_object *json_complaints(const qdn_transcript_t *t)
{
    json_object *array = json_object_new_array();
    int i;

    for (i = 0; i < t->complaints->list->nelts; i++) {
        const qdn_complaint_t *c =
            &APR_ARRAY_IDX(t->complaints->list, i, qdn_complaint_t);
        json_object *o = json_object_new_object();

        json_object_object_add(o, "code", json_object_new_int(c->code));
        json_object_object_add(o, "text", string_or_null(c->text));
        json_object_array_add(array, o);
    }
    return array;
}

json_object *qdn_transcript_json(const qdn_transcript_t *t,
                                 const apr_array_header_t *differences)
{
    json_object *o = json_object_new_object();

    json_object_object_add(o, "call_sid", string_or_null(t->call_sid));
    json_object_object_add(o, "from", string_or_null(t->from));
    json_object_object_add(o, "to", string_or_null(t->to));
    json_object_object_add(o, "began_at", json_object_new_int64(t->began));
    json_object_object_add(o, "ended_at", json_object_new_int64(t->ended));
    json_object_object_add(o, "outcome", string_or_null(t->outcome));
    json_object_object_add(o, "answered_by", string_or_null(t->answered_by));
    json_object_object_add(o, "call_status", string_or_null(t->call_status));
    json_object_object_add(o, "talk_seconds", json_object_new_int(t->talk));
    json_object_object_add(o, "message_seconds",
                           json_object_new_int(t->message));
    json_object_object_add(o, "requests", json_object_new_int(t->requests));
    json_object_object_add(o, "dials", json_dials(t));
    json_object_object_add(o, "scenes", json_scenes(t));
    json_object_object_add(o, "errors", json_complaints(t));
    json_object_object_add(o, "differences", strings(differences));
    return o;
}
