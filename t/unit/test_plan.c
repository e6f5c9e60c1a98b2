/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <time.h>
#include "house.h"
#include "digest.h"
#include "e164.h"
#include "relation.h"
#include "settings.h"
#include "status.h"

#define MANY                                                                   \
    "<QDNOperator m>\nQDNPhone a +12125550101\nQDNPhone b +12125550102\n"      \
    "QDNPhone c +12125550103\nQDNPhone d +12125550104\n"                       \
    "QDNPhone e +12125550105\nQDNPhone f +12125550106\n"                       \
    "QDNPhone g +12125550107\nQDNPhone h +12125550108\n"                       \
    "QDNPhone i +12125550109\nQDNPhone j +12125550110\n"                       \
    "QDNPhone k +12125550111\n</QDNOperator>\n"

#define NIGHT(x) "<QDNCascade night>\n" x "</QDNCascade>\n"

#define E QDN_PROBLEM_ERROR
#define W QDN_PROBLEM_WARNING
#define N QDN_PROBLEM_NOTE

/*
 * Each relation broken: what is said, how loudly, of which line. The text is
 * compared from its beginning. A file that breaks nothing names no relation.
 */
static const struct {
    const char *relation;
    qdn_problem_e severity;
    int line;
    const char *conf;
    const char *text;
} broken[] = {
    { "nothing-configured", N, 0, "QDNStateDir /srv/qdn\n",
      "nothing is configured, no call is answered; begin with "
      "conf/qdn-minimal.conf" },
    { "no-line", W, 3, HOUSE,
      "there is no line, so no call is answered; add a <QDNLine NUMBER> "
      "block" },
    { "no-line", W, 1, "QDNSecrets dotenv:/x\n", "there is no line" },
    { "no-line", W, 2, "\nQDNPublicURL https://a.example.com/x\n",
      "there is no line" },
    { "no-public-url", E, 6, "QDNSecrets dotenv:/x\n" SERGIO("") LINE(HOPS),
      "there is a line but no QDNPublicURL, without which no signature can be "
      "checked; add it, with the address that Twilio uses" },
    { "line-without-hop", E, 7, HOUSE LINE(""),
      "line +1619***0100 rings nobody; add a QDNHop OPERATOR/LABEL" },
    { "line-without-hop", E, 11,
      HOUSE LINE(HOPS) OTHER("9", "QDNName \"Second\"\n"),
      "line +1619***0109 (Second) rings nobody" },
    { "line-without-secrets", E, 6,
      "QDNPublicURL https://a.example.com/x\n" SERGIO("") LINE(HOPS),
      "line +1619***0100 has no auth token; add QDNSecrets to the server or "
      "to this block" },
    { "feed-without-secrets", E, 5,
      "QDNPublicURL https://a.example.com/x\n" SERGIO(
          "QDNCalendar caldav:https://d.example.com/s secret=PW\n")
          LINE(HOPS "QDNSecrets dotenv:/x\n"),
      "caldav:d.example.com is asked with PW, and the server has no QDNSecrets "
      "to take that from; add it" },
    { "feed-without-secrets", E, 5,
      "QDNPublicURL https://a.example.com/x\n" SERGIO(
          "QDNDuty google:s@example.com\n") LINE(HOPS "QDNSecrets dotenv:/x\n"),
      "google:s@example.com is asked with GOOGLE_ names, and" },
    { "hours-without-timezone", E, 6,
      SERVER SERGIO("QDNHours \"Mo 08:00-12:00\"\n") LINE(HOPS),
      "operator 'sergio': QDNHours mean the clock of a time zone, and neither "
      "this block nor the server has QDNTimezone; add it" },
    { "hours-without-timezone", E, 10, HOUSE LINE(HOPS "QDNHours 24/7\n"),
      "line +1619***0100: QDNHours mean the clock" },
    { "local-without-timezone", W, 10,
      HOUSE LINE(HOPS "QDNRule busy \"qdn('LocalHour') -lt 8\"\n"),
      "line +1619***0100: the rule asks for the line's clock, which is UTC "
      "without QDNTimezone; add it" },
    { "hours-without-holidays", W, 6,
      SERVER SERGIO("QDNHours \"Mo 08:00-12:00; PH off\"\n")
          LINE(HOPS) "QDNTimezone UTC\nQDNHolidays /s.ics kind=school\n",
      "operator 'sergio': PH in QDNHours means no day at all without "
      "QDNHolidays kind=public; add it, or remove PH" },
    { "hours-without-holidays", W, 11,
      HOUSE LINE(HOPS "QDNTimezone UTC\nQDNHours \"24/7; SH off\"\n"),
      "line +1619***0100: SH in QDNHours means no day at all" },
    { "holidays-unused", W, 6,
      SERVER SERGIO("QDNHolidays /us.ics\n") LINE(HOPS),
      "operator 'sergio': QDNHolidays have no effect, since no QDNHours there "
      "say what happens on them; add PH" },
    { "holidays-unused", W, 12,
      HOUSE LINE(HOPS "QDNTimezone UTC\nQDNHours \"24/7; PH off\"\n"
                      "QDNHolidays /s.ics kind=school\nQDNHolidays /us.ics\n"),
      "line +1619***0100: QDNHolidays have no effect" },
    { "loop", E, 7,
      SERVER "<QDNOperator self>\nQDNPhone desk +16195550100\n"
             "</QDNOperator>\n" LINE("QDNHop self/desk\n"),
      "line +1619***0100 rings self/desk, which leads back to line "
      "+1619***0100 for ever; take that phone out of the hop" },
    { "loop", E, 14,
      SERVER "<QDNOperator x>\nQDNPhone a +16195550108\n"
             "QDNPhone b +16195550100\n</QDNOperator>\n" LINE("QDNHop x/a\n")
                 OTHER("9", "QDNHop x/a\n") OTHER("8", "QDNHop x/b\n"),
      "line +1619***0108 rings x/b, which leads back to line +1619***0100" },
    { "hop-unknown", E, 8, HOUSE LINE("QDNHop sergo/primary\n"),
      "line +1619***0100: there is no operator 'sergo'; add <QDNOperator "
      "sergo> or correct the name" },
    { "hop-unknown", E, 8, HOUSE LINE("QDNHop sergio/Primary\n"),
      "line +1619***0100: operator 'sergio' has no phone 'Primary'; it has "
      "primary, backup" },
    { "hop-unknown", E, 10,
      HOUSE "<QDNOperator ana>\n</QDNOperator>\n" LINE("QDNHop ana/x\n"),
      "line +1619***0100: operator 'ana' has no phone 'x'; it has no phone" },
    { "hop-too-many", E, 21,
      HOUSE MANY LINE("QDNHop m/a m/b m/c m/d m/e m/f m/g m/h m/i m/j m/k\n"),
      "line +1619***0100: the hop has 11 phones and Twilio rings at most 10 "
      "together; make two hops of it" },
    { "hop-twice", E, 8,
      HOUSE LINE("QDNHop sergio/primary sergio/backup sergio/primary\n"),
      "line +1619***0100: the hop names sergio/primary twice; remove one" },
    { "hop-several-unconfirmed", E, 9,
      SERVER SERGIO("QDNPhone desk +16195550105 confirm=none\n")
          LINE("QDNHop sergio/primary sergio/desk\n"),
      "line +1619***0100: sergio/desk has confirm=none and would take the "
      "call from the others with its mailbox; remove confirm=none or give it "
      "a hop of its own" },
    { "cascade-unknown", E, 10, HOUSE LINE(HOPS "QDNRule cascade=x true\n"),
      "line +1619***0100: there is no cascade 'x'; add <QDNCascade x> or "
      "correct the name" },
    { "cascade-without-hop", E, 12,
      HOUSE LINE(HOPS "QDNRule cascade=night true\n") NIGHT(""),
      "cascade night rings nobody; add a QDNHop OPERATOR/LABEL, or use "
      "QDNRule voicemail" },
    { "cascade-unused", N, 11, HOUSE LINE(HOPS) NIGHT(HOPS),
      "cascade night is chosen by no rule; add QDNRule cascade=night to a "
      "line if it should be" },
    { "challenge-bills", N, 10, HOUSE LINE(HOPS "QDNRule challenge true\n"),
      "line +1619***0100: a challenge answers the call, so that it is billed" },
    { "list-unknown", E, 11,
      "QDNNumbers known /k.txt\n" HOUSE LINE(
          HOPS "QDNRule busy \"qdn('List:known') == 'yes' || "
               "qdn('List:vip') == 'yes'\"\n"),
      "line +1619***0100: there is no list 'vip'; add QDNNumbers vip PATH or "
      "correct the name" },
    { "loop", E, 14,
      SERVER
      "<QDNOperator self>\nQDNPhone desk +16195550100\n"
      "QDNPhone other +16195550101\n</QDNOperator>\n" LINE(
          "QDNHop self/other\nQDNRule busy true\n"
          "QDNRule cascade=night true\n") "\n" NIGHT("QDNHop self/desk\n"),
      "line +1619***0100 rings self/desk, which leads back to line" },
    { "hop-unknown", E, 13,
      HOUSE LINE(HOPS "QDNRule cascade=night true\n") NIGHT("QDNHop x/y\n"),
      "cascade night: there is no operator 'x'; add <QDNOperator x>" },
    { "hop-too-many", E, 26,
      HOUSE MANY LINE(HOPS "QDNRule cascade=night true\n")
          NIGHT("QDNHop m/a m/b m/c m/d m/e m/f m/g m/h m/i m/j m/k\n"),
      "cascade night: the hop has 11 phones" },
    { "budget-long", W, 14,
      HOUSE LINE(HOPS "QDNRule cascade=night true\n")
          NIGHT("QDNHop sergio/primary\nQDNBudget 150\n"),
      "cascade night: with QDNBudget 150 networks may cut a call" },
    { "hop-beyond-budget", W, 14,
      HOUSE LINE(HOPS "QDNRule cascade=night true\n")
          NIGHT("QDNHop sergio/primary ring=25\nQDNHop sergio/backup\n"
                "QDNBudget 30\n"),
      "cascade night: hop 2 is left out after hops that ring to their end "
      "(25 s), since QDNBudget is 30" },
    { "notify-unknown", E, 15,
      HOUSE LINE(HOPS "QDNRule cascade=night true\n")
          NIGHT(HOPS "QDNVoicemail notify=anna\n"),
      "cascade night: notify=anna names no operator" },
    { "notify-unknown", E, 10,
      HOUSE LINE(HOPS "QDNVoicemail notify=sergio,anna\n"),
      "line +1619***0100: notify=anna names no operator; add <QDNOperator "
      "anna> or correct the name" },
    { "hop-several", W, 8, HOUSE LINE("QDNHop sergio/primary sergio/backup\n"),
      "line +1619***0100: the hop rings 2 phones together, and the first that "
      "picks up, even a mailbox, silences the others; one phone in each hop "
      "is surer" },
    { "hop-beyond-budget", W, 9,
      HOUSE LINE("QDNHop sergio/primary ring=101\nQDNHop sergio/backup\n"),
      "line +1619***0100: hop 2 is left out after hops that ring to their end "
      "(101 s), since QDNBudget is 110; shorten ring= before it" },
    { "hop-beyond-budget", W, 11,
      SERVER SERGIO("QDNPhone slow +16195550106 ring=21\n")
          LINE("QDNHop sergio/slow\nQDNHop sergio/primary\nQDNHop "
               "sergio/backup\nQDNBudget 50\n"),
      "line +1619***0100: hop 3 is left out after hops that ring to their end "
      "(41 s), since QDNBudget is 50" },
    { "budget-long", W, 10, HOUSE LINE(HOPS "QDNBudget 111\n"),
      "line +1619***0100: with QDNBudget 111 networks may cut a call that "
      "nobody answers before voicemail; 110 is safer" },
    { "phone-shared", W, 8,
      HOUSE "<QDNOperator ana>\nQDNPhone desk +16195550101\n"
            "</QDNOperator>\n" LINE(HOPS "QDNHop ana/desk\n"),
      "ana/desk has the same number as sergio/primary (test.conf:4), which is "
      "rung once in a call; correct one of them if that is not meant" },
    { "phone-is-line", W, 6,
      SERVER SERGIO("QDNPhone shop +16195550109\n") LINE(HOPS) OTHER("9", HOPS),
      "sergio/shop is the number of our line +1619***0109, which takes a call "
      "from one of our lines for a loop and is busy; name the phones behind "
      "that line instead" },
    { "phone-screen-unused", W, 6,
      SERVER SERGIO("QDNPhone desk +16195550105 confirm=none screen=20\n")
          LINE(HOPS "QDNHop sergio/desk\n"),
      "sergio/desk: screen= has no effect with confirm=none; remove one of "
      "the two" },
    { "login-twice", W, 12, HOUSE LINE(HOPS) "QDNAdmin a b\nQDNAdmin a\n",
      "the login 'a' stands twice in QDNAdmin; remove one, or correct the "
      "name" },
    { "login-twice", W, 11, HOUSE LINE(HOPS) "QDNViewer * *\n",
      "the login '*' stands twice in QDNViewer" },
    { "login-twice", W, 3, SERVER SERGIO("QDNLogin s s\n") LINE(HOPS),
      "the login 's' stands twice in QDNLogin of the operator 'sergio'; " },
    { "login-shared", N, 7,
      HOUSE
      "<QDNOperator ana>\nQDNPhone desk +16195550105\n"
      "QDNLogin ana sergio\n</QDNOperator>\n" LINE(HOPS "QDNHop ana/desk\n"),
      "the login 'sergio' is that of 'sergio', too (test.conf:3), and may "
      "change the status of both; correct one of them if that is not meant" },
    { "talk-long", N, 10, HOUSE LINE(HOPS "QDNTimeLimit 5h\n"),
      "line +1619***0100: Twilio ends a talk after 4 h unless it has allowed "
      "the account more; check QDNTimeLimit" },
    { "welcome-bills", N, 10, HOUSE LINE(HOPS "QDNWelcome Hello\n"),
      "line +1619***0100: QDNWelcome answers every call, so that it is billed "
      "and the caller pays before anybody is rung; leave it out to ring "
      "first" },
    { "whisper-long", N, 7,
      HOUSE LINE(HOPS "QDNName \"Queen of San Diego Whale Watching Tours\"\n"),
      "line +1619***0100 (Queen of San Diego Whale Watching Tours): the voice "
      "takes about 13 s to name it and to ask for a key, longer than "
      "screen=12 of sergio/primary; give it a shorter QDNName or more time" },
    { "whisper-long", N, 8,
      SERVER SERGIO("QDNPhone desk +16195550105 screen=10\n")
          LINE("QDNHop sergio/primary\nQDNHop sergio/desk sergio/backup\n"
               "QDNName \"Queen of San Diego\"\n"),
      "line +1619***0100 (Queen of San Diego): the voice takes about 11 s to "
      "name it and to ask for a key, longer than screen=10 of sergio/desk; " },
    { "operator-without-phone", N, 7,
      HOUSE "<QDNOperator ana>\n</QDNOperator>\n" LINE(HOPS),
      "operator 'ana' cannot be rung; add a QDNPhone" },
    { "phone-unused", N, 5, HOUSE LINE("QDNHop sergio/primary\n"),
      "sergio/backup is in no hop and is never rung; add it to a QDNHop if it "
      "should be" },
};

static const char *const sound[] = {
    HOUSE LINE(HOPS),
    /* at the bounds */
    HOUSE LINE("QDNHop sergio/primary ring=100\nQDNHop sergio/backup\n"),
    HOUSE LINE(HOPS "QDNBudget 110\nQDNTimeLimit 4h\n"),
    HOUSE LINE("QDNSecrets exec:/bin/fetch\n" HOPS),
    "QDNPublicURL https://a.example.com/x\n" SERGIO("")
        LINE("QDNSecrets dotenv:/x\n" HOPS),
    HOUSE LINE(HOPS "QDNVoicemail notify=sergio\n"),
    HOUSE LINE(HOPS) "QDNAdmin a b\nQDNViewer a *\n",
    SERVER SERGIO("QDNLogin a\nQDNLogin b c\n") LINE(HOPS),
    HOUSE LINE(HOPS "QDNName \"Queen of San Diego Whale Watching\"\n"),
    HOUSE LINE(HOPS "QDNScreen 13\n"
                    "QDNName \"Queen of San Diego Whale Watching Tours\"\n"),
    /* the same phone in two hops, and on two lines, is no fault */
    HOUSE LINE(HOPS HOPS) OTHER("9", HOPS),
    SERVER SERGIO("QDNPhone desk +16195550105 confirm=none\n")
        LINE(HOPS "QDNHop sergio/desk\n"),
};

static apr_array_header_t *problems_of(const char *conf)
{
    apr_array_header_t *problems;
    qdn_plan_t *plan;
    const char *error = qdn_test_read_conf(&plan, conf, &problems, pool);

    if (!problems) {
        fail_msg("%s\nrefused: %s", conf, error);
    }
    return problems;
}

static const qdn_problem_t *find(const apr_array_header_t *problems,
                                 const char *relation)
{
    for (int i = 0; i < problems->nelts; i++) {
        const qdn_problem_t *p = &APR_ARRAY_IDX(problems, i, qdn_problem_t);

        if (!strcmp(p->relation, relation)) {
            return p;
        }
    }
    return NULL;
}

static void test_relations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
        const qdn_problem_t *p =
            find(problems_of(broken[i].conf), broken[i].relation);

        if (!p) {
            fail_msg("%s\nwas not found in\n%s", broken[i].relation,
                     broken[i].conf);
            return;
        }
        if (p->severity != broken[i].severity ||
            p->origin.line != broken[i].line ||
            strncmp(p->text, broken[i].text, strlen(broken[i].text))) {
            fail_msg("%s\nwanted: %d, line %d: %s\ngot: %d, line %d: %s",
                     broken[i].conf, broken[i].severity, broken[i].line,
                     broken[i].text, p->severity, p->origin.line, p->text);
        }
        assert_string_equal(p->origin.line ? p->origin.file : "test.conf",
                            "test.conf");
        assert_non_null(strchr(p->text, ';')); /* what to do */
    }
}

static void test_every_relation_has_a_case(void **state)
{
    (void)state;
    for (const qdn_relation_t *r = qdn_relations; r->name; r++) {
        int found = 0;

        for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++) {
            found |= !strcmp(broken[i].relation, r->name);
        }
        if (!found) {
            fail_msg("no case breaks %s", r->name);
        }
    }
}

static void test_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sound) / sizeof(*sound); i++) {
        apr_array_header_t *problems = problems_of(sound[i]);

        if (problems->nelts) {
            fail_msg("%s\nsaid: %s", sound[i],
                     APR_ARRAY_IDX(problems, 0, qdn_problem_t).text);
        }
    }
}

static void test_error_is_returned(void **state)
{
    qdn_plan_t *plan = qdn_plan_create(pool);
    apr_array_header_t *problems;

    (void)state;
    assert_string_equal(
        qdn_test_read_conf(&plan, HOUSE LINE("QDNHop sergio/x\n"), &problems,
                           pool),
        "line 8: line +1619***0100: operator 'sergio' has no phone 'x'; it has "
        "primary, backup");
    assert_int_equal(qdn_plan_freeze(plan, &problems, pool), QDN_EMALFORMED);
    assert_string_equal(plan->revision, "");
}

static void test_order_of_problems(void **state)
{
    apr_array_header_t *problems = problems_of(HOUSE LINE(
        "QDNWelcome Hello\nQDNBudget 120\nQDNHop sergio/x\n") OTHER("9", ""));
    static const char *const wanted[] = { "line-without-hop", "hop-unknown",
                                          "budget-long",      "welcome-bills",
                                          "phone-unused",     "phone-unused" };

    (void)state;
    assert_int_equal(problems->nelts, 6);
    for (int i = 0; i < problems->nelts; i++) {
        assert_string_equal(APR_ARRAY_IDX(problems, i, qdn_problem_t).relation,
                            wanted[i]);
    }
}

/* Nobody reads a thousand times the same sentence. */
static void test_many_problems_are_counted(void **state)
{
    const char *conf = HOUSE;
    apr_array_header_t *problems;
    const qdn_problem_t *last;

    (void)state;
    for (int i = 0; i < 60; i++) {
        conf = apr_psprintf(pool, "%s<QDNLine +121255501%02d>\n</QDNLine>\n",
                            conf, i);
    }
    problems = problems_of(conf);
    assert_int_equal(problems->nelts, QDN_RELATION_SHOWN + 1 + 2);
    last = &APR_ARRAY_IDX(problems, QDN_RELATION_SHOWN, qdn_problem_t);
    assert_int_equal(last->severity, QDN_PROBLEM_ERROR);
    assert_string_equal(last->text, "... and 40 more of this kind");
}

/* Ten together are what Twilio takes. */
static void test_ten_phones(void **state)
{
    apr_array_header_t *problems = problems_of(
        HOUSE MANY LINE("QDNHop m/a m/b m/c m/d m/e m/f m/g m/h m/i m/j\n"));

    (void)state;
    assert_non_null(find(problems, "hop-several"));
    assert_null(find(problems, "hop-too-many"));
    assert_null(find(problems, "hop-twice"));
}

/* Lines that ring each other in a chain, closed or not. */
static const char *chain(int n, int closed)
{
    const char *ops = SERVER "<QDNOperator x>\n";
    const char *lines = "";

    for (int i = 0; i < n; i++) {
        const char *hop =
            i < n - 1 || closed
                ? apr_psprintf(pool, "QDNHop x/p%d\n", (i + 1) % n)
                : "QDNHop x/end\n";

        ops = apr_psprintf(pool, "%sQDNPhone p%d +121255501%02d\n", ops, i, i);
        lines = apr_psprintf(pool, "%s<QDNLine +121255501%02d>\n%s</QDNLine>\n",
                             lines, i, hop);
    }
    return apr_pstrcat(pool, ops, "QDNPhone end +16195550101\n</QDNOperator>\n",
                       lines, NULL);
}

static void test_loops(void **state)
{
    (void)state;
    for (int n = 1; n <= 20; n++) {
        assert_null(find(problems_of(chain(n, 0)), "loop"));
        assert_non_null(find(problems_of(chain(n, 1)), "loop"));
    }
    /* Two ways to the same line are no loop. */
    assert_null(find(
        problems_of(
            SERVER SERGIO("QDNPhone b +16195550108\nQDNPhone c +16195550109\n")
                LINE("QDNHop sergio/b\nQDNHop sergio/c\n")
                    OTHER("8", "QDNHop sergio/c\n") OTHER("9", HOPS)),
        "loop"));
}

static void test_lookups(void **state)
{
    qdn_plan_t *plan = plan_of(HOUSE LINE(HOPS "QDNName Queen\n"));
    const qdn_operator_t *op = qdn_plan_operator(plan, "sergio");
    const qdn_line_t *line = qdn_plan_line(plan, "+16195550100");
    const qdn_phone_t *phone = qdn_plan_phone(plan, "sergio", "backup");
    char longer[200];

    (void)state;
    assert_non_null(op);
    assert_non_null(line);
    assert_non_null(phone);
    assert_string_equal(line->name, "Queen");
    assert_string_equal(phone->number, "+18585550102");
    assert_ptr_equal(phone->operator, op);
    assert_ptr_equal(qdn_plan_phone_by_number(plan, "+18585550102"), phone);
    assert_ptr_equal(
        qdn_plan_phone_by_hash(plan, qdn_digest_fnv1a("+18585550102")), phone);
    assert_ptr_equal(
        APR_ARRAY_IDX(APR_ARRAY_IDX(line->hops, 1, qdn_hop_t *)->phones, 0,
                      const qdn_phone_t *),
        phone);
    assert_null(qdn_plan_line(plan, "+16195550101"));
    assert_null(qdn_plan_line(plan, NULL));
    assert_null(qdn_plan_operator(plan, "Sergio"));
    assert_null(qdn_plan_operator(plan, NULL));
    assert_null(qdn_plan_phone(plan, "sergio", "desk"));
    assert_null(qdn_plan_phone(plan, NULL, "backup"));
    assert_null(qdn_plan_phone(plan, "sergio", NULL));
    assert_null(qdn_plan_phone_by_number(plan, NULL));
    assert_null(qdn_plan_phone_by_hash(plan, 1));
    memset(longer, 'x', sizeof(longer));
    longer[sizeof(longer) - 1] = '\0';
    assert_null(qdn_plan_phone(plan, longer, "backup"));
}

/* A number that two have is the first one's, in both indexes. */
static void test_shared_number_is_the_first(void **state)
{
    qdn_plan_t *plan =
        plan_of(HOUSE "<QDNOperator ana>\nQDNPhone desk +16195550101\n"
                      "</QDNOperator>\n" LINE(HOPS "QDNHop ana/desk\n"));
    const qdn_phone_t *first = qdn_plan_phone(plan, "sergio", "primary");

    (void)state;
    assert_ptr_equal(qdn_plan_phone_by_number(plan, "+16195550101"), first);
    assert_ptr_equal(qdn_plan_phone_by_hash(plan, first->hash), first);
}

#define LINES         10000
#define HOPS_PER_LINE 5

/* The n-th number that is kept free for fiction and may be dialled. */
static const char *fictional(int n)
{
    int hundred = n / 100 / 99;
    int area = n / 100 % 99;

    area += 200 + 100 * hundred + (area >= 11); /* 211 ... are none */
    return apr_psprintf(pool, "+1%d55501%02d", area, n % 100);
}

static void apply(qdn_builder_t *b, const char *name, const char *raw)
{
    const char *error;

    b->origin.line++;
    error = qdn_settings_apply(b, name, raw);
    if (error) {
        fail_msg("%s %s: %s", name, raw, error);
    }
}

static void build(qdn_builder_t *b)
{
    for (int i = 0; i < LINES * HOPS_PER_LINE; i++) {
        apply(b, "<QDNOperator", apr_psprintf(pool, "op%d", i));
        apply(b, "QDNTimezone", "America/Los_Angeles");
        apply(b, "QDNPhone",
              apr_pstrcat(pool, "p ", fictional(LINES + i), NULL));
        qdn_settings_close(b);
    }
    for (int i = 0; i < LINES; i++) {
        apply(b, "<QDNLine", fictional(i));
        for (int j = 0; j < HOPS_PER_LINE; j++) {
            apply(b, "QDNHop",
                  apr_psprintf(pool, "op%d/p ring=20", i * HOPS_PER_LINE + j));
        }
        qdn_settings_close(b);
    }
}

/* Of this process: whatever else the machine is doing. */
static apr_time_t cpu_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return apr_time_from_sec(t.tv_sec) + t.tv_nsec / 1000;
}

/*
 * The promise is well below 0.3 s; the bound leaves room for sanitizers, and
 * still none for anything quadratic.
 */
static void test_ten_thousand_lines(void **state)
{
    qdn_builder_t b = { 0 };
    apr_array_header_t *problems;
    apr_time_t began, built, frozen;

    (void)state;
    b.pool = pool;
    b.plan = qdn_plan_create(pool);
    b.origin.file = "large.conf";
    apply(&b, "QDNSecrets", "dotenv:/etc/qdn/repos.env");
    apply(&b, "QDNPublicURL", "https://calls.example.com/qdn/twilio");
    began = cpu_time();
    build(&b);
    built = cpu_time();
    assert_int_equal(qdn_plan_freeze(b.plan, &problems, pool), APR_SUCCESS);
    frozen = cpu_time();
    printf("# %d lines, %d operators: read in %d ms, frozen in %d ms\n",
           b.plan->lines->nelts, b.plan->operators->nelts,
           (int)apr_time_as_msec(built - began),
           (int)apr_time_as_msec(frozen - built));
    assert_int_equal(b.plan->lines->nelts, LINES);
    assert_int_equal(problems->nelts, 0);
    assert_non_null(qdn_plan_line(b.plan, fictional(LINES - 1)));
    assert_true(frozen - began < apr_time_from_sec(5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_relations),
        TEST(test_every_relation_has_a_case),
        TEST(test_sound),
        TEST(test_error_is_returned),
        TEST(test_order_of_problems),
        TEST(test_many_problems_are_counted),
        TEST(test_ten_phones),
        TEST(test_loops),
        TEST(test_lookups),
        TEST(test_shared_number_is_the_first),
        TEST(test_ten_thousand_lines),
    };

    apr_initialize();
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
