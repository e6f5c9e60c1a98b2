/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"
#include <json-c/json.h>
#include <stdlib.h>
#include "feed.h"
#include "foretell.h"
#include "text.h"
#include "zone.h"

#define LENGTH(a) (sizeof(a) / sizeof(*(a)))
#define ZONE      "QDNTimezone America/Los_Angeles\n"
#define OFFICE    "QDNHours \"Mo-Fr 08:00-18:00\"\n"
#define ANA(x)                                                                 \
    "<QDNOperator ana>\nQDNPhone mobile +16195550103\n" x "</QDNOperator>\n"

static qdn_knowledge_t knowledge;
static apr_array_header_t *standings; /* set by hand; NULL: nothing */
static qdn_engaged_cb *engaged;       /* NULL: nobody talks */

/* Rules match as their expressions say: one parameter and its value. */
static int match(void *baton, const qdn_rule_t *rule,
                 const qdn_subject_t *subject)
{
    const char *equals = strchr(rule->expr, '=');
    const char *value;

    (void)baton;
    if (!equals) {
        return -1;
    }
    value = qdn_form_get(
        subject->fields,
        apr_pstrmemdup(pool, rule->expr, (apr_size_t)(equals - rule->expr)));
    return value && !strcmp(value, equals + 1);
}

/* "2026-11-20 12:00" in Los Angeles; that is a Friday. */
static apr_time_t moment(const char *s)
{
    qdn_local_t t = { .year = atoi(s),
                      .month = atoi(s + 5),
                      .day = atoi(s + 8),
                      .hour = atoi(s + 11),
                      .minute = atoi(s + 14) };
    const qdn_zone_t *zone;

    assert_null(qdn_zone_load(&zone, "America/Los_Angeles", pool));
    return qdn_zone_at(zone, &t);
}

static json_object *ask(const char *conf, qdn_foretell_fn *tell,
                        const char *now, const char *request)
{
    qdn_foretell_t f = { .plan = plan_of(conf),
                         .knowledge = &knowledge,
                         .rule = match,
                         .now = moment(now) };
    json_object *said;
    const char *text;

    knowledge = (qdn_knowledge_t){ .as_of = f.now,
                                   .standings = standings,
                                   .engaged = engaged };
    text = tell(&f, request, pool);
    said = json_tokener_parse(text);
    if (!said || strchr(text, '\n')) {
        fail_msg("no JSON line: %s", text);
    }
    return said;
}

static json_object *member(json_object *object, const char *name)
{
    json_object *value = NULL;

    if (!json_object_object_get_ex(object, name, &value)) {
        fail_msg("no %s in %s", name, json_object_to_json_string(object));
    }
    return value;
}

static const char *word(json_object *object, const char *name)
{
    const char *text = json_object_get_string(member(object, name));

    return text ? text : "null";
}

static void add_choices(qdn_text_t *t, json_object *scene, const char *name,
                        const char *mark)
{
    json_object *list = member(scene, name);

    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *c = json_object_array_get_idx(list, i);

        qdn_text_addf(t, " %s%s/%s:%s", mark, word(c, "operator"),
                      word(c, "phone"), word(c, "reason"));
    }
}

/* All scenes on one line: "dial ana/mobile:available no-answer; voicemail" */
static const char *story(json_object *said)
{
    json_object *scenes = member(said, "scenes");
    qdn_text_t t;

    qdn_text_init(&t, 128, pool);
    for (size_t i = 0; i < json_object_array_length(scenes); i++) {
        json_object *scene = json_object_array_get_idx(scenes, i);
        json_object *ended;

        qdn_text_addf(&t, "%s%s", i ? "; " : "", word(scene, "act"));
        add_choices(&t, scene, "skipped", "-");
        add_choices(&t, scene, "rung", "+");
        if (json_object_object_get_ex(scene, "ended", &ended)) {
            qdn_text_addf(&t, " %s", json_object_get_string(ended));
        }
        if (*word(scene, "reason")) {
            qdn_text_addf(&t, " by %s", word(scene, "reason"));
        }
    }
    return t.buf;
}

static const struct {
    const char *conf, *now, *request, *story;
} stories[] = {
    { HOUSE LINE(HOPS), "2026-11-20 12:00", "{}",
      "dial +sergio/primary:available no-answer; "
      "dial +sergio/backup:available no-answer; voicemail" },
    { SERVER SERGIO(ZONE OFFICE) LINE(HOPS), "2026-11-20 12:00",
      "{\"line\":\"+16195550100\"}",
      "dial +sergio/primary:available no-answer; "
      "dial +sergio/backup:available no-answer; voicemail" },
    { SERVER SERGIO(ZONE OFFICE) LINE(HOPS), "2026-11-20 18:00",
      "{\"line\":\"+16195550100\"}",
      "voicemail -sergio/primary:outside-hours "
      "-sergio/backup:outside-hours" },
    { SERVER SERGIO(ZONE OFFICE)
          LINE("QDNHop sergio/primary\nQDNHop sergio/backup when=always\n"
               "QDNVoicemail off\n"),
      "2026-11-20 18:00", "{\"line\":\"+16195550100\"}",
      "dial -sergio/primary:outside-hours +sergio/backup:always "
      "no-answer; goodbye" },
    /* Closing time comes while the first phone rings. */
    { SERVER SERGIO(ZONE OFFICE) LINE(HOPS), "2026-11-20 17:59",
      "{\"line\":\"+16195550100\",\"at\":1795226390000000}",
      "dial +sergio/primary:available no-answer; "
      "voicemail -sergio/backup:outside-hours" },
    /* By the line's clock, not ours. */
    { SERVER SERGIO(ZONE OFFICE) LINE(ZONE "QDNHop sergio/primary\n"),
      "2026-11-20 12:00",
      "{\"line\":\"+16195550100\",\"local\":\"2026-11-23T07:59\"}",
      "voicemail -sergio/primary:outside-hours" },
    { SERVER SERGIO(ZONE OFFICE) LINE(ZONE "QDNHop sergio/primary\n"),
      "2026-11-20 20:00",
      "{\"line\":\"+16195550100\",\"local\":\"2026-11-23T08:00\"}",
      "dial +sergio/primary:available no-answer; voicemail" },
    { HOUSE LINE("QDNRule reject \"From=+16195550109\"\n"
                 "QDNRule voicemail \"StirVerstat=bad\"\n"
                 "QDNRule busy \"From=anonymous\"\n"
                 "QDNRule busy broken\n" HOPS),
      "2026-11-20 12:00",
      "{\"line\":\"+16195550100\",\"from\":\"+16195550109\"}",
      "reject by rule" },
    { HOUSE LINE("QDNRule voicemail \"StirVerstat=bad\"\n" HOPS),
      "2026-11-20 12:00", "{\"line\":\"+16195550100\",\"stir\":\"bad\"}",
      "voicemail by rule" },
    { HOUSE LINE("QDNRule busy \"From=anonymous\"\n" HOPS), "2026-11-20 12:00",
      "{\"line\":\"+16195550100\",\"from\":\"anonymous\"}", "busy by rule" },
    /* The key is pressed. */
    { HOUSE LINE("QDNRule challenge \"Direction=inbound\"\n" HOPS),
      "2026-11-20 12:00", "{\"line\":\"+16195550100\"}",
      "challenge by rule; dial +sergio/primary:available no-answer; "
      "dial +sergio/backup:available no-answer; voicemail" },
    { HOUSE ANA("") "<QDNCascade night>\nQDNHop ana/mobile\n"
                    "QDNHop sergio/backup\nQDNVoicemail off\n"
                    "</QDNCascade>\n" LINE(
                        "QDNRule cascade=night \"Direction=inbound\"\n" HOPS),
      "2026-11-20 12:00", "{\"line\":\"+16195550100\"}",
      "dial +ana/mobile:available no-answer; "
      "dial +sergio/backup:available no-answer; goodbye" },
    { HOUSE LINE(HOPS), "2026-11-20 12:00",
      "{\"line\":\"+16195550100\",\"from\":\"+16195550101\"}",
      "dial -sergio/primary:caller-own-phone +sergio/backup:available "
      "no-answer; voicemail" },
    { HOUSE LINE(HOPS), "2026-11-20 12:00",
      "{\"line\":\"+16195550100\",\"forwarded_from\":\"16195550101\"}",
      "busy by loop" },
};

static void test_explain(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(stories); i++) {
        json_object *said = ask(stories[i].conf, qdn_foretell_explain,
                                stories[i].now, stories[i].request);

        assert_string_equal(story(said), stories[i].story);
        json_object_put(said);
    }
}

static void test_explain_inputs(void **state)
{
    json_object *said =
        ask(SERVER SERGIO(ZONE OFFICE) ANA("")
                LINE("QDNName Queen\n" ZONE
                     "QDNRule busy \"From=anonymous\"\nQDNHop sergio/primary "
                     "ana/mobile\nQDNHop sergio/backup\n"),
            qdn_foretell_explain, "2026-11-20 19:00",
            "{\"line\":\"+16195550100\",\"from\":\"+16195550109\"}");
    json_object *inputs = member(said, "inputs");
    json_object *sergio = json_object_array_get_idx(inputs, 0);
    json_object *ana = json_object_array_get_idx(inputs, 1);

    (void)state;
    assert_string_equal(word(said, "name"), "Queen");
    assert_string_equal(word(said, "local"), "2026-11-20 19:00 PST");
    assert_string_equal(word(said, "caller"), "+16195550109");
    assert_null(member(said, "rule"));
    assert_int_equal(json_object_array_length(inputs), 2);
    assert_string_equal(word(sergio, "operator"), "sergio");
    assert_string_equal(word(sergio, "available"), "false");
    assert_string_equal(word(sergio, "reason"), "outside-hours");
    assert_true(json_object_get_int64(member(sergio, "until")) ==
                moment("2026-11-23 08:00"));
    assert_string_equal(word(member(sergio, "availability"), "by"), "hours");
    assert_string_equal(word(ana, "available"), "true");
    json_object_put(said);
}

static void test_rule_is_named(void **state)
{
    json_object *said =
        ask(HOUSE LINE(HOPS "QDNRule busy \"From=x\"\n"
                            "QDNRule reject \"From=anonymous\"\n"),
            qdn_foretell_explain, "2026-11-20 12:00",
            "{\"line\":\"+16195550100\",\"from\":\"anonymous\"}");
    json_object *rule = member(said, "rule");

    (void)state;
    assert_string_equal(word(rule, "number"), "2");
    assert_string_equal(word(rule, "expr"), "From=anonymous");
    assert_non_null(strstr(word(rule, "origin"), QDN_TEST_CONF ":"));
    assert_null(member(said, "caller"));
    json_object_put(said);
}

static void test_faults(void **state)
{
    static const struct {
        qdn_foretell_fn *tell;
        const char *request, *says;
    } rows[] = {
        { qdn_foretell_explain, "{\"line\":\"\"}", "is no <QDNLine>" },
        { qdn_foretell_explain, "{\"line\":\"+16195550109\"}",
          "'+16195550109' is no <QDNLine>" },
        { qdn_foretell_explain,
          "{\"line\":\"+16195550100\",\"local\":\"2026-13-01T10:00\"}",
          "'2026-13-01T10:00' is no moment" },
        { qdn_foretell_replay, "{\"line\":\"+16195550109\"}",
          "is no <QDNLine>" },
        { qdn_foretell_sweep, "{\"line\":\"+16195550109\"}", "<QDNLine>" },
        { qdn_foretell_sweep, "{\"days\":0}", "accepted are 1 to 34" },
        { qdn_foretell_sweep, "{\"days\":35}", "accepted are 1 to 34" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        json_object *said = ask(HOUSE LINE(HOPS), rows[i].tell,
                                "2026-11-20 12:00", rows[i].request);

        assert_non_null(strstr(word(said, "error"), rows[i].says));
        json_object_put(said);
    }
}

static void test_which_line(void **state)
{
    json_object *said =
        ask(HOUSE LINE(HOPS) OTHER("9", HOPS), qdn_foretell_explain,
            "2026-11-20 12:00", "{\"local\":\"2026-11-20T12:00\"}");

    (void)state;
    assert_string_equal(word(said, "error"),
                        "which line? The plan in force has 2; name one with "
                        "--line");
    json_object_put(said);
}

/* "from > to: who:why ..." of each span, one a line. */
static const char *spans(json_object *said)
{
    json_object *list = member(said, "spans");
    qdn_text_t t;

    qdn_text_init(&t, 128, pool);
    for (size_t i = 0; i < json_object_array_length(list); i++) {
        json_object *span = json_object_array_get_idx(list, i);

        qdn_text_addf(&t, "%s > %s:", word(span, "from_local"),
                      word(span, "to_local"));
        add_choices(&t, span, "causes", "");
        if (member(span, "rule")) {
            qdn_text_addf(&t, " rule %s", word(member(span, "rule"), "number"));
        }
        qdn_text_addc(&t, '\n');
    }
    return t.buf;
}

static void test_sweep(void **state)
{
    static const struct {
        const char *conf, *request, *spans;
    } rows[] = {
        { HOUSE LINE(HOPS), "{}", "" },
        { SERVER SERGIO(ZONE OFFICE) LINE(ZONE HOPS), "{\"days\":4}",
          "2026-11-20 18:00 PST > 2026-11-23 08:00 PST:"
          " sergio/primary:outside-hours sergio/backup:outside-hours\n"
          "2026-11-23 18:00 PST > 2026-11-24 08:00 PST:"
          " sergio/primary:outside-hours sergio/backup:outside-hours\n" },
        /* Somebody is there, or is rung whatever the hour. */
        { SERVER SERGIO(ZONE OFFICE) ANA("")
              LINE(ZONE HOPS "QDNHop ana/mobile\n"),
          "{}", "" },
        { SERVER SERGIO(ZONE OFFICE)
              LINE(ZONE "QDNHop sergio/primary when=always\n"),
          "{}", "" },
        /* Between two people's hours, on the day the clocks go back. */
        { SERVER SERGIO(ZONE "QDNHours \"00:00-12:00\"\n")
              ANA(ZONE "QDNHours \"12:00-24:00; Mo off\"\n")
                  LINE(ZONE "QDNHop sergio/primary\nQDNHop ana/mobile\n"),
          "{\"days\":7}",
          "2026-11-23 12:00 PST > 2026-11-24 00:00 PST:"
          " sergio/primary:outside-hours ana/mobile:outside-hours\n" },
        { HOUSE LINE(ZONE "QDNRule voicemail \"Direction=inbound\"\n" HOPS),
          "{\"days\":1}",
          "2026-11-20 12:00 PST > 2026-11-21 12:00 PST: rule 1\n" },
        { HOUSE LINE(ZONE "QDNRule challenge \"Direction=inbound\"\n" HOPS),
          "{\"days\":1}", "" },
        { SERVER SERGIO(ZONE OFFICE) LINE(ZONE HOPS)
              OTHER("9", "QDNHop sergio/primary when=always\n"),
          "{\"days\":1,\"line\":\"+16195550109\"}", "" },
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        json_object *said = ask(rows[i].conf, qdn_foretell_sweep,
                                "2026-11-20 12:00", rows[i].request);

        assert_string_equal(spans(said), rows[i].spans);
        assert_string_equal(word(said, "complete"), "true");
        json_object_put(said);
    }
}

static void set_by_hand(const char *line, qdn_standing_e state,
                        const char *until)
{
    APR_ARRAY_PUSH(standings, qdn_standing_t) =
        (qdn_standing_t){ .operator= "sergio",
                          .line = line,
                          .state = state,
                          .at = moment("2026-11-20 11:00"),
                          .until = moment(until),
                          .who = "ana",
                          .why = "lunch" };
}

/* What was set by hand ends by itself, in the middle of a sweep. */
static void test_standings(void **state)
{
    json_object *said;

    (void)state;
    standings = apr_array_make(pool, 2, sizeof(qdn_standing_t));
    set_by_hand(NULL, QDN_STANDING_AWAY, "2026-11-20 14:30");
    set_by_hand("+16195550109", QDN_STANDING_AVAILABLE, "2026-11-21 09:00");
    said = ask(SERVER SERGIO(ZONE OFFICE) LINE(ZONE HOPS)
                   OTHER("9", ZONE "QDNHop sergio/primary\n"),
               qdn_foretell_sweep, "2026-11-20 12:00", "{\"days\":2}");
    assert_string_equal(
        spans(said),
        "2026-11-20 12:00 PST > 2026-11-20 14:30 PST:"
        " sergio/primary:status-away sergio/backup:status-away\n"
        "2026-11-20 18:00 PST > 2026-11-22 12:00 PST:"
        " sergio/primary:outside-hours sergio/backup:outside-hours\n"
        "2026-11-21 09:00 PST > 2026-11-22 12:00 PST:"
        " sergio/primary:outside-hours\n");
    json_object_put(said);
    said = ask(SERVER SERGIO(ZONE OFFICE) LINE(ZONE HOPS), qdn_foretell_explain,
               "2026-11-20 12:00", "{\"local\":\"2026-11-20T14:29\"}");
    assert_string_equal(story(said), "voicemail -sergio/primary:status-away "
                                     "-sergio/backup:status-away");
    json_object_put(said);
    standings = NULL;
}

/* As shared memory has it: for as long as a talk may last at all. */
static int talks(void *baton, const qdn_operator_t *op, apr_time_t now,
                 apr_time_t *psince)
{
    (void)baton;
    *psince = moment("2026-11-20 11:58");
    return !strcmp(op->id, "sergio") && now < moment("2026-11-20 15:58");
}

/* A talk is over soon; nobody knows when, so it is no gap of hours. */
static void test_talks(void **state)
{
    const char *conf = SERVER SERGIO(ZONE OFFICE) ANA("") LINE(ZONE HOPS)
        OTHER("9", "QDNHop ana/mobile\n");
    json_object *said;

    (void)state;
    engaged = talks;
    said = ask(conf, qdn_foretell_sweep, "2026-11-20 12:00", "{\"days\":1}");
    assert_string_equal(
        spans(said),
        "2026-11-20 12:00 PST > 2026-11-20 12:02 PST:"
        " sergio/primary:on-a-call sergio/backup:on-a-call\n"
        "2026-11-20 18:00 PST > 2026-11-21 12:00 PST:"
        " sergio/primary:outside-hours sergio/backup:outside-hours\n");
    json_object_put(said);
    said = ask(conf, qdn_foretell_explain, "2026-11-20 12:00",
               "{\"line\":\"+16195550100\"}");
    assert_string_equal(story(said), "voicemail -sergio/primary:on-a-call "
                                     "-sergio/backup:on-a-call");
    json_object_put(said);
    said = ask(conf, qdn_foretell_explain, "2026-11-20 12:00",
               "{\"line\":\"+16195550100\",\"local\":"
               "\"2026-11-20T15:00\"}");
    assert_string_equal(story(said),
                        "dial +sergio/primary:available no-answer; dial "
                        "+sergio/backup:available no-answer; voicemail");
    json_object_put(said);
    engaged = NULL;
}

/* More than there is time for: said, and every line looked at as far. */
static void test_sweep_too_much(void **state)
{
    qdn_text_t conf;
    json_object *said;
    apr_time_t to;

    (void)state;
    qdn_text_init(&conf, 4096, pool);
    qdn_text_add(&conf, SERVER SERGIO(ZONE OFFICE));
    for (int i = 10; i < 40; i++) {
        qdn_text_addf(&conf,
                      "<QDNLine +120255501%d>\nQDNRule busy broken\n" HOPS
                      "</QDNLine>\n",
                      i);
    }
    said =
        ask(conf.buf, qdn_foretell_sweep, "2026-11-20 12:00", "{\"days\":34}");
    assert_string_equal(word(said, "complete"), "false");
    to = json_object_get_int64(member(said, "to"));
    assert_true(to > moment("2026-11-20 12:00"));
    assert_true(to < moment("2026-12-24 12:00"));
    json_object_put(said);
}

#define TWO "QDNHop sergio/primary\nQDNHop ana/mobile\n"
static const struct {
    const char *conf, *request, *story;
} replays[] = {
    { HOUSE ANA("") LINE(TWO),
      "{\"line\":\"+16195550100\",\"verdicts\":\"sergio=calendar-busy "
      "ana=available\",\"fates\":\"ana/mobile=connected\"}",
      "dial -sergio/primary:calendar-busy +ana/mobile:available "
      "connected" },
    /* What is configured today decides nothing about that day. */
    { SERVER SERGIO(ZONE "QDNHours off\n") ANA("") LINE(TWO),
      "{\"line\":\"+16195550100\",\"verdicts\":\"sergio=available\","
      "\"fates\":\"sergio/primary=busy\"}",
      "dial +sergio/primary:available busy; "
      "dial +ana/mobile:available no-answer; voicemail" },
    { HOUSE ANA("") LINE("QDNHop sergio/primary ana/mobile\n"),
      "{\"line\":\"+16195550100\",\"fates\":\"sergio/primary=declined "
      "ana/mobile=connected\"}",
      "dial +sergio/primary:available +ana/mobile:available connected" },
    { HOUSE ANA("") LINE("QDNHop sergio/primary ana/mobile\n"),
      "{\"line\":\"+16195550100\",\"fates\":\"sergio/primary=no-key "
      "ana/mobile=failed\"}",
      "dial +sergio/primary:available +ana/mobile:available no-key; "
      "dial +ana/mobile:redial-without failed; voicemail" },
    { HOUSE ANA("") LINE(TWO),
      "{\"line\":\"+16195550100\",\"fates\":"
      "\"sergio/primary=caller-gone\"}",
      "dial +sergio/primary:available caller-gone" },
    /* Who says no at once leaves more for the others. */
    { HOUSE ANA("") LINE("QDNBudget 45\nQDNHop sergio/primary ring=20\n"
                         "QDNHop ana/mobile ring=20\n"),
      "{\"line\":\"+16195550100\"}",
      "dial +sergio/primary:available no-answer; dial "
      "+ana/mobile:available no-answer; voicemail" },
    { HOUSE ANA("") LINE("QDNBudget 40\nQDNHop sergio/primary ring=20\n"
                         "QDNHop ana/mobile ring=20\n"),
      "{\"line\":\"+16195550100\"}",
      "dial +sergio/primary:available no-answer; voicemail "
      "-ana/mobile:budget" },
    { HOUSE ANA("") LINE("QDNBudget 40\nQDNHop sergio/primary ring=20\n"
                         "QDNHop ana/mobile ring=20\n"),
      "{\"line\":\"+16195550100\",\"fates\":\"sergio/primary=busy:3\"}",
      "dial +sergio/primary:available busy; dial +ana/mobile:available "
      "no-answer; voicemail" },
/* Why a phone was rung or not says nothing about its operator. */
#define NO_VERDICT(word)                                                       \
    {                                                                          \
        HOUSE LINE(                                                            \
            "QDNHop sergio/primary when=always\nQDNHop sergio/backup\n"),      \
            "{\"line\":\"+16195550100\",\"verdicts\":\"sergio=" word "\"}",    \
            "dial +sergio/primary:always no-answer; "                          \
            "dial +sergio/backup:available no-answer; voicemail"               \
    }
    NO_VERDICT("always"),
    NO_VERDICT("already-tried"),
    NO_VERDICT("budget"),
    NO_VERDICT("rule"),
    NO_VERDICT("caller-own-phone"),
    NO_VERDICT("redial-without"),
    NO_VERDICT("loop"),
    NO_VERDICT("connected"),
    NO_VERDICT(""),
#define VERDICT(word)                                                          \
    {                                                                          \
        HOUSE LINE("QDNHop sergio/primary when=even-away\n"                    \
                   "QDNHop sergio/backup\n"),                                  \
            "{\"line\":\"+16195550100\",\"verdicts\":\"sergio=" word "\"}",    \
            "dial +sergio/primary:always no-answer; "                          \
            "voicemail -sergio/backup:" word                                   \
    }
    VERDICT("status-away"),
    VERDICT("on-a-call"),
    VERDICT("outside-hours"),
    VERDICT("holiday"),
    VERDICT("off-duty"),
    VERDICT("calendar-busy"),
    VERDICT("presence-away"),
    { HOUSE LINE(HOPS),
      "{\"line\":\"+16195550100\",\"verdicts\":\"sergio="
      "unknown-assumed-available\"}",
      "dial +sergio/primary:unknown-assumed-available no-answer; dial "
      "+sergio/backup:unknown-assumed-available no-answer; voicemail" },
    /* Who did not press the key then got no farther. */
    { HOUSE LINE("QDNRule challenge \"Direction=inbound\"\n" HOPS),
      "{\"line\":\"+16195550100\",\"passed\":false}", "challenge by rule" },
    { HOUSE LINE("QDNRule challenge \"Direction=inbound\"\n"
                 "QDNHop sergio/primary\n"),
      "{\"line\":\"+16195550100\",\"passed\":true}",
      "challenge by rule; dial +sergio/primary:available no-answer; "
      "voicemail" },
    { HOUSE LINE("QDNHop sergio/primary\n"),
      "{\"line\":\"+16195550100\",\"passed\":false}",
      "dial +sergio/primary:available no-answer; voicemail" },
    /* Words of other versions, people who have left. */
    { HOUSE ANA("") LINE(TWO),
      "{\"line\":\"+16195550100\",\"verdicts\":\"bob=status-away "
      "sergio=asleep x =\",\"fates\":\"bob/x=connected "
      "sergio/primary=lost\"}",
      "dial +sergio/primary:available no-answer; "
      "dial +ana/mobile:available no-answer; voicemail" },
};

static void test_replay(void **state)
{
    (void)state;
    for (size_t i = 0; i < LENGTH(replays); i++) {
        json_object *said = ask(replays[i].conf, qdn_foretell_replay,
                                "2026-11-20 12:00", replays[i].request);

        assert_string_equal(story(said), replays[i].story);
        json_object_put(said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_explain),       TEST(test_explain_inputs),
        TEST(test_rule_is_named), TEST(test_faults),
        TEST(test_sweep),         TEST(test_sweep_too_much),
        TEST(test_replay),        TEST(test_which_line),
        TEST(test_standings),     TEST(test_talks),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("foretell", tests, NULL, NULL);
}
