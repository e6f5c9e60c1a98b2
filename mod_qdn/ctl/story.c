/* SPDX-License-Identifier: Apache-2.0 */
#include "story.h"

#include <apr_strings.h>
#include <json-c/json.h>
#include <string.h>

#include "inquire.h"
#include "sentence.h"
#include "zone.h"

/* The clock that the answer names; UTC: it names none that we have. */
static const qdn_zone_t *zone_of(json_object *holder, apr_pool_t *p)
{
    const char *name = qdn_inquire_text(holder, "zone");
    const qdn_zone_t *zone;

    return name && !qdn_zone_load(&zone, name, p) ? zone : qdn_zone_utc();
}

static const char *name_of(json_object *choice, apr_pool_t *p)
{
    return apr_pstrcat(p, qdn_inquire_text(choice, "operator"), "/",
                       qdn_inquire_text(choice, "phone"), NULL);
}

/* What is said of each kind of knowledge, in this order. */
static const struct {
    const char *by;
    const char *member;
    const char *before;
} pieces[] = {
    { "status", "who", "by " },     { "status", "why", ": " },
    { "talk", "host", "on " },      { "hours", "hours", "" },
    { "hours", "of", ", of the " }, { "duty", "feed", "" },
    { "calendar", "feed", "" },     { "calendar", "title", ": " },
    { "presence", "feed", "" },     { "presence", "word", " says " },
    { "feed", "feed", "" },         { "feed", "error", ": " },
};

const char *qdn_story_source(json_object *holder, apr_pool_t *p)
{
    const char *by, *text = "";
    json_object *known;

    if (!json_object_object_get_ex(holder, "availability", &known) ||
        !json_object_is_type(known, json_type_object)) {
        return NULL;
    }
    by = qdn_inquire_text(known, "by");
    for (size_t i = 0; by && i < sizeof(pieces) / sizeof(*pieces); i++) {
        const char *value = qdn_inquire_text(known, pieces[i].member);

        if (!strcmp(by, pieces[i].by) && value) {
            text = apr_pstrcat(p, text, pieces[i].before, value, NULL);
        }
    }
    if (!*text && by) {
        text = by;
    }
    if (json_object_object_get_ex(known, "age", NULL)) {
        text =
            apr_psprintf(p, "%s%s%" APR_INT64_T_FMT " s old", text,
                         *text ? ", " : "", qdn_inquire_number(known, "age"));
    }
    return text;
}

static const char *known_of(json_object *choice)
{
    json_object *known;

    return json_object_object_get_ex(choice, "availability", &known) && known
               ? json_object_to_json_string_ext(known, JSON_C_TO_STRING_PLAIN)
               : NULL;
}

const char *qdn_story_choice(json_object *choice, json_object *span,
                             apr_pool_t *p)
{
    return apr_pstrcat(p, name_of(choice, p), " is skipped: ",
                       qdn_sentence_reason(qdn_inquire_text(choice, "reason"),
                                           known_of(choice), zone_of(span, p),
                                           qdn_inquire_number(span, "from"), p),
                       NULL);
}

/* As the event that it would be. */
static const char *tell_choice(json_object *choice, const char *kind,
                               json_object *scene, const qdn_zone_t *zone,
                               apr_pool_t *p)
{
    const char *known = known_of(choice);
    const qdn_calls_event_t e = {
        .at = qdn_inquire_number(scene, "at"),
        .kind = kind,
        .operator= qdn_inquire_text(choice, "operator"),
        .reason = qdn_inquire_text(choice, "reason"),
        .detail = apr_psprintf(
            p, "{\"ring\":%" APR_INT64_T_FMT ",\"availability\":%s}",
            qdn_inquire_number(scene, "ring"), known ? known : "null"),
    };

    return qdn_sentence_in_zone(&e, zone, p);
}

static void add_choices(apr_array_header_t *lines, json_object *scene,
                        const char *list, const char *kind, int after,
                        const qdn_zone_t *zone)
{
    json_object *choices = qdn_inquire_list(scene, list);
    apr_pool_t *p = lines->pool;

    for (size_t i = 0; i < qdn_inquire_length(choices); i++) {
        json_object *choice = json_object_array_get_idx(choices, i);

        APR_ARRAY_PUSH(lines, qdn_story_line_t) = (qdn_story_line_t){
            .after = after,
            .hop = (int)qdn_inquire_number(choice, "hop"),
            .who = name_of(choice, p),
            .kind = kind,
            .reason = qdn_inquire_text(choice, "reason"),
            .what = tell_choice(choice, kind, scene, zone, p),
        };
    }
}

/* How a scene that rings nobody ends the call: the event that it would be. */
static const char *kind_of(const char *act)
{
    static const char *const kinds[][2] = {
        { "voicemail", "voicemail.offered" }, { "goodbye", "call.goodbye" },
        { "reject", "call.rejected" },        { "busy", "call.rejected" },
        { "challenge", "call.challenged" },
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (!strcmp(act, kinds[i][0])) {
            return kinds[i][1];
        }
    }
    return act;
}

apr_array_header_t *qdn_story_read(json_object *answer, apr_pool_t *p)
{
    apr_array_header_t *lines = apr_array_make(p, 8, sizeof(qdn_story_line_t));
    json_object *scenes = qdn_inquire_list(answer, "scenes");
    const qdn_zone_t *zone = zone_of(answer, p);
    apr_int64_t began = qdn_inquire_number(answer, "at");

    for (size_t i = 0; i < qdn_inquire_length(scenes); i++) {
        json_object *scene = json_object_array_get_idx(scenes, i);
        int after = (int)apr_time_sec(qdn_inquire_number(scene, "at") - began);
        const char *reason = qdn_inquire_text(scene, "reason");
        const char *ended = qdn_inquire_text(scene, "ended");
        const char *kind = kind_of(qdn_inquire_text(scene, "act"));

        add_choices(lines, scene, "skipped", "hop.skipped", after, zone);
        add_choices(lines, scene, "rung", "hop.dialled", after, zone);
        if (!ended || !strcmp(ended, "connected") ||
            !strcmp(ended, "caller-gone")) {
            kind = ended ? "hop.ended" : kind;
            reason = ended ? ended : reason;
            APR_ARRAY_PUSH(lines, qdn_story_line_t) = (qdn_story_line_t){
                .after = after,
                .hop = ended ? (int)qdn_inquire_number(scene, "hop") : 0,
                .kind = kind,
                .reason = reason,
                .what = qdn_sentence_in_zone(
                    &(qdn_calls_event_t){ .kind = kind, .reason = reason },
                    zone, p),
            };
        }
    }
    return lines;
}
