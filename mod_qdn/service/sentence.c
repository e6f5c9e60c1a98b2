/* SPDX-License-Identifier: Apache-2.0 */
#include "sentence.h"

#include <apr_strings.h>
#include <string.h>

#include "detail.h"
#include "sentence_form.h"
#include "text.h"
#include "zone.h"

/* What a form is filled in with. */
typedef struct filler_t {
    const qdn_calls_event_t *event; /* NULL: only of what is known */
    const qdn_plan_t *plan;
    const char *detail; /* members that forms name; or NULL */
    const qdn_zone_t *zone;
    apr_time_t at; /* the day that need not be said */
    apr_pool_t *pool;
} filler_t;

const char *qdn_sentence_name(const qdn_plan_t *plan, const char *operator)
{
    const qdn_operator_t *op = plan ? qdn_plan_operator(plan, operator) : NULL;

    return op ? op->name : operator;
}

const char *qdn_sentence_time(const qdn_zone_t *zone, apr_time_t time,
                              apr_time_t at, apr_pool_t *p)
{
    const char *text = qdn_zone_text(zone, time, p);
    qdn_local_t then, today;

    qdn_zone_local(zone, time, &then);
    qdn_zone_local(zone, at, &today);
    return then.year == today.year && then.month == today.month &&
                   then.day == today.day
               ? strchr(text, ' ') + 1
               : text;
}

/************** what is in braces **************/

static const char *member(const filler_t *f, const char *name)
{
    const char *value = qdn_detail_text(f->detail, name, f->pool);

    return value && *value ? value : NULL;
}

static const char *name_of(const filler_t *f)
{
    const char *id = f->event->operator;

    return id ? qdn_sentence_name(f->plan, id) : "Somebody";
}

static const char *names_of(const filler_t *f)
{
    return apr_pstrcat(f->pool, name_of(f), "'s", NULL);
}

static const char *line_of(const filler_t *f)
{
    const qdn_line_t *line =
        f->plan ? qdn_plan_line(f->plan, f->event->line) : NULL;

    return line ? line->name : f->event->line;
}

static const char *from_of(const filler_t *f)
{
    const char *kind = member(f, "caller_kind");

    return kind && !strcmp(kind, "withheld") ? "a withheld number"
                                             : member(f, "from");
}

static const char *config_of(const filler_t *f)
{
    return f->event->config;
}

static const char *reason_of(const filler_t *f)
{
    /*
     * Written by qdn_chronicle: quotes within texts are escaped there, so
     * this is a member's name and not part of what somebody said.
     */
    static const char mark[] = "\"availability\":{";
    const char *reason = f->event->reason;
    const char *known = f->detail ? strstr(f->detail, mark) : NULL;

    return qdn_sentence_reason(reason ? reason : "",
                               known ? known + sizeof(mark) - 2 : NULL, f->zone,
                               f->at, f->pool);
}

static const char *forwarder_of(const filler_t *f)
{
    const char *id = member(f, "operator");

    return id ? qdn_sentence_name(f->plan, id) : NULL;
}

static const char *was_of(const filler_t *f)
{
    const char *was = member(f, "was");

    return was && !strcmp(was, "auto") ? "automatic" : was;
}

/* Whose hours they are. */
static const char *whose_of(const filler_t *f)
{
    const char *whose = member(f, "of");

    return !whose                       ? NULL
           : !strcmp(whose, "operator") ? "person"
           : !strcmp(whose, "line")     ? "number"
                                        : whose;
}

/* "calendar ics:calendars.example.com" */
static const char *source_of(const filler_t *f)
{
    static const char *const words[][2] = {
        { "calendar", "calendar" },         { "duty", "roster" },
        { "holidays", "list of holidays" }, { "presence", "presence service" },
        { "numbers", "list of numbers" },
    };
    const char *kind = member(f, "kind"), *feed = member(f, "feed");

    for (apr_size_t i = 0; kind && i < sizeof(words) / sizeof(*words); i++) {
        if (!strcmp(kind, words[i][0])) {
            kind = words[i][1];
            break;
        }
    }
    return apr_pstrcat(f->pool, kind ? kind : "source", feed ? " " : "", feed,
                       NULL);
}

static const struct {
    const char *name;
    const char *(*find)(const filler_t *f);
    int of_event; /* there is none without one */
} blanks[] = {
    { "NAME", name_of, 1 },     { "NAMES", names_of, 1 },
    { "LINE", line_of, 1 },     { "FROM", from_of, 0 },
    { "CONFIG", config_of, 1 }, { "REASON", reason_of, 1 },
    { "OF", whose_of, 0 },      { "FORWARDER", forwarder_of, 0 },
    { "SOURCE", source_of, 0 }, { "WAS", was_of, 0 },
};

static const char *moment(const filler_t *f, const char *name)
{
    apr_int64_t seconds = qdn_detail_number(f->detail, name, 0, f->pool);

    return seconds > 0 ? qdn_sentence_time(f->zone, apr_time_from_sec(seconds),
                                           f->at, f->pool)
                       : NULL;
}

static const char *value_of(const filler_t *f, const char *name)
{
    if (*name == '@') {
        return moment(f, name + 1);
    }
    for (apr_size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++) {
        if (!strcmp(name, blanks[i].name)) {
            return blanks[i].of_event && !f->event ? NULL : blanks[i].find(f);
        }
    }
    return member(f, name);
}

/************** filling in **************/

/* From `form` to its `end`, without brackets. 0: something is not there. */
static int fill_piece(const filler_t *f, qdn_text_t *t, const char *form,
                      const char *end)
{
    while (form < end) {
        const char *brace = memchr(form, '{', (apr_size_t)(end - form));
        const char *close, *name, *value;

        if (!brace) {
            break;
        }
        qdn_text_addn(t, form, (apr_size_t)(brace - form));
        close = strchr(brace, '}');
        name =
            apr_pstrmemdup(f->pool, brace + 1, (apr_size_t)(close - brace) - 1);
        value = value_of(f, name);
        if (!value) {
            return 0;
        }
        qdn_text_add(t, value);
        form = close + 1;
    }
    qdn_text_addn(t, form, (apr_size_t)(end - form));
    return 1;
}

static const char *fill(const filler_t *f, const char *form)
{
    qdn_text_t all, piece;

    qdn_text_init(&all, 160, f->pool);
    while (*form) {
        int optional = *form == '[';
        const char *end = form + strcspn(form, optional ? "]" : "[");

        qdn_text_init(&piece, 80, f->pool);
        if (fill_piece(f, &piece, form + optional, end) || !optional) {
            qdn_text_addn(&all, piece.buf, piece.len);
        }
        form = end + optional;
    }
    return all.buf;
}

const char *qdn_sentence_reason(const char *reason, const char *known,
                                const qdn_zone_t *zone, apr_time_t at,
                                apr_pool_t *p)
{
    const filler_t f = { .detail = known, .zone = zone, .at = at, .pool = p };
    const char *form = qdn_sentence_reason_form(qdn_reason_find(reason));

    return form ? fill(&f, form) : reason;
}

/* The line's clock, which its callers see; else the person's. */
static const qdn_zone_t *zone_of(const qdn_calls_event_t *e,
                                 const qdn_plan_t *plan)
{
    const qdn_line_t *line = plan ? qdn_plan_line(plan, e->line) : NULL;
    const qdn_operator_t *op =
        plan ? qdn_plan_operator(plan, e->operator) : NULL;

    return line   ? line->zone
           : op   ? op->zone
           : plan ? plan->zone
                  : qdn_zone_utc();
}

static const char *say(const filler_t *f)
{
    const qdn_calls_event_t *e = f->event;
    const char *reason = e->reason ? e->reason : "";
    const char *form =
        qdn_sentence_form(qdn_event_kind_find(e->kind), qdn_reason_find(reason),
                          e->operator!= NULL, member(f, "state"));

    return form ? fill(f, form)
                : apr_pstrcat(f->pool, e->kind, *reason ? ": " : "", reason,
                              NULL);
}

const char *qdn_sentence_event(const qdn_calls_event_t *event,
                               const qdn_plan_t *plan, apr_pool_t *p)
{
    const filler_t f = { .event = event,
                         .plan = plan,
                         .detail = event->detail,
                         .zone = zone_of(event, plan),
                         .at = event->at,
                         .pool = p };

    return say(&f);
}

const char *qdn_sentence_in_zone(const qdn_calls_event_t *event,
                                 const qdn_zone_t *zone, apr_pool_t *p)
{
    const filler_t f = { .event = event,
                         .detail = event->detail,
                         .zone = zone,
                         .at = event->at,
                         .pool = p };

    return say(&f);
}

/************** what became of a call **************/

static const char *const outcomes[QDN_OUTCOME_MAX] = {
    [QDN_OUTCOME_UNKNOWN] = "Not over yet",
    [QDN_OUTCOME_ANSWERED] = "Answered",
    [QDN_OUTCOME_VOICEMAIL] = "Left a message",
    [QDN_OUTCOME_REJECTED] = "Refused",
    [QDN_OUTCOME_ABANDONED] = "Hung up before anybody answered",
    [QDN_OUTCOME_UNANSWERED] = "Nobody answered",
    [QDN_OUTCOME_FAILED] = "Failed",
};

const char *qdn_sentence_outcome(const qdn_chain_t *c, const qdn_plan_t *plan,
                                 apr_pool_t *p)
{
    const char *slash = c->answered_by ? strchr(c->answered_by, '/') : NULL;
    const char *id;

    if (c->outcome == QDN_OUTCOME_UNKNOWN && c->ended_at) {
        return "Over, and nobody knows how";
    }
    if (c->outcome != QDN_OUTCOME_ANSWERED || !slash) {
        return outcomes[c->outcome];
    }
    id =
        apr_pstrmemdup(p, c->answered_by, (apr_size_t)(slash - c->answered_by));
    return apr_pstrcat(p, "Answered by ", qdn_sentence_name(plan, id), NULL);
}
