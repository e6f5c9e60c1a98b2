/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include "settings_cases.h"

#define OPERATOR(x) "<QDNOperator sergio>\n" x "\n</QDNOperator>\n"
#define LINE(x)     "<QDNLine +16195550100>\n" x "\n</QDNLine>\n"
#define CASCADE(x)  "<QDNCascade night>\n" x "\n</QDNCascade>\n"
#define LOCATION(x) "<Location \"/inner/qdn\">\n" x "\n</Location>\n"
#define TEN         "0123456789"
#define FIFTY       TEN TEN TEN TEN TEN

/* What a directive does to the plan, seen in its JSON. */
const settings_case_t settings_accepted[] = {
    { "QDNSecrets dotenv:/etc/qdn/repos.env",
      "\"secrets\":\"dotenv:/etc/qdn/repos.env\"" },
    { "QDNSecrets \"dotenv:/etc/my qdn/a.env\"",
      "\"secrets\":\"dotenv:/etc/my qdn/a.env\"" },
    { "QDNSecrets exec:/usr/local/bin/fetch --all  qdn",
      "\"secrets\":\"exec:/usr/local/bin/fetch\"" },
    { LINE("QDNSecrets dotenv:/etc/qdn/sub.env"),
      "\"secrets\":\"dotenv:/etc/qdn/sub.env\",\"forwarded_from\"" },
    { "QDNPublicURL HTTPS://Calls.Example.com/qdn/Twilio/",
      "\"endpoints\":[{\"prefix\":\"/qdn/Twilio\","
      "\"url\":\"https://Calls.Example.com/qdn/Twilio\"}]" },
    { LOCATION("QDNPublicURL https://calls.example.com/hooks"),
      "\"endpoints\":[{\"prefix\":\"/inner/qdn\","
      "\"url\":\"https://calls.example.com/hooks\"}]" },
    { "<Location /inner/>\nQDNPublicURL https://a.example.com/x\n"
      "</Location>\nQDNPublicURL https://b.example.com/y\n",
      "\"public_url\":\"https://a.example.com/x\",\"endpoints\":["
      "{\"prefix\":\"/inner\",\"url\":\"https://a.example.com/x\"},"
      "{\"prefix\":\"/y\",\"url\":\"https://b.example.com/y\"}]" },
    { "QDNStateDir /srv/qdn/", "\"state_dir\":\"/srv/qdn\"" },
    { "QDNJournalSync Off", "\"journal_sync\":false" },
    { "QDNJournalWait 1500ms", "\"journal_wait_ms\":1500" },
    { "QDNJournalWait 3", "\"journal_wait_ms\":3000" },
    { "QDNJournalMax 64M", "\"journal_max_bytes\":67108864" },
    { "QDNRetention 48h", "\"retention_seconds\":172800" },
    { "QDNRetention OFF", "\"retention_seconds\":0" },
    { "", "\"rotate_every_seconds\":7776000" },
    { "QDNRotateEvery 30d", "\"rotate_every_seconds\":2592000" },
    { "QDNRotateEvery off", "\"rotate_every_seconds\":0" },
    { OPERATOR(""), "{\"id\":\"sergio\",\"name\":\"sergio\","
                    "\"timezone\":null,\"hours\":null,\"holidays\":[]," },
    { LINE(""), "{\"number\":\"+16195550100\",\"name\":\"+16195550100\"" },
    { OPERATOR("QDNName \"Sergio \\\"Q\\\"\""),
      "\"name\":\"Sergio \\\"Q\\\"\"" },
    { LINE("QDNName 'Queen of San Diego'"), "\"name\":\"Queen of San Diego\"" },
    { OPERATOR("QDNTimezone America/Los_Angeles"),
      "\"name\":\"sergio\",\"timezone\":\"America/Los_Angeles\"" },
    { LINE("QDNTimezone Etc/GMT+8"), "\"timezone\":\"Etc/GMT+8\"" },
    { OPERATOR("QDNPhone primary +16195550101"),
      "{\"label\":\"primary\",\"number\":\"+16195550101\",\"ring\":20,"
      "\"confirm\":\"key\",\"screen\":null,\"callerid\":null}" },
    { OPERATOR("QDNPhone a +16195550101 callerid=caller confirm=NONE "
               "screen=10 ring=120\nQDNPhone b +16195550102 screen=45 "
               "ring=10 confirm=key callerid=line"),
      "{\"label\":\"a\",\"number\":\"+16195550101\",\"ring\":120,"
      "\"confirm\":\"none\",\"screen\":10,\"callerid\":\"caller\"},"
      "{\"label\":\"b\",\"number\":\"+16195550102\",\"ring\":10,"
      "\"confirm\":\"key\",\"screen\":45,\"callerid\":\"line\"}" },
    { LINE("QDNRule reject \"%{REMOTE_ADDR} == '::1'\"\n"
           "QDNRule busy \"qdn('From') =~ /^\\+1/\"\n"
           "QDNRule voicemail true"),
      "\"rules\":[{\"action\":\"reject\",\"expression\":"
      "\"%{REMOTE_ADDR} == '::1'\"},{\"action\":\"busy\",\"expression\":"
      "\"qdn('From') =~ /^\\\\+1/\"},{\"action\":\"voicemail\","
      "\"expression\":\"true\"}]" },
    { LINE("QDNRule challenge true\nQDNRule cascade=night true"),
      "\"rules\":[{\"action\":\"challenge\",\"expression\":\"true\"},"
      "{\"action\":\"cascade\",\"cascade\":\"night\","
      "\"expression\":\"true\"}]" },
    { CASCADE("QDNHop a/b\nQDNBudget 60\nQDNVoicemail max=30"),
      "\"cascades\":[{\"name\":\"night\",\"hops\":[{\"phones\":[\"a/b\"],"
      "\"ring\":null,\"when\":\"available\",\"callerid\":null}],"
      "\"budget\":60,\"voicemail\":{\"greeting\":null,\"max\":30}}]" },
    { CASCADE("QDNVoicemail off"), "\"hops\":[],\"budget\":null,"
                                   "\"voicemail\":false}]" },
    { CASCADE("QDNVoicemail greeting=Hi notify=a,b"),
      "\"voicemail\":{\"greeting\":\"Hi\",\"max\":null,"
      "\"notify\":[\"a\",\"b\"]}}]" },
    { CASCADE(""), "\"budget\":null,\"voicemail\":null}]" },
    { LINE("QDNHop sergio/primary\n"
           "QDNHop a/b c/d ring=30 when=even-away callerid=caller\n"
           "QDNHop a/b when=always"),
      "\"hops\":[{\"phones\":[\"sergio/primary\"],\"ring\":null,"
      "\"when\":\"available\",\"callerid\":null},"
      "{\"phones\":[\"a/b\",\"c/d\"],\"ring\":30,\"when\":\"even-away\","
      "\"callerid\":\"caller\"},{\"phones\":[\"a/b\"],\"ring\":null,"
      "\"when\":\"always\",\"callerid\":null}]" },
    { LINE("QDNVoicemail off"), "\"voicemail\":null" },
    { LINE("QDNVoicemail greeting=\"Two words\" max=60 notify=sergio,ana"),
      "\"voicemail\":{\"greeting\":\"Two words\",\"max\":60,"
      "\"notify\":[\"sergio\",\"ana\"]}" },
    { LINE("QDNVoicemail \"greeting=Zwei W\xc3\xb6rter\""),
      "\"voicemail\":{\"greeting\":\"Zwei W\xc3\xb6rter\",\"max\":120,"
      "\"notify\":[]}" },
    { LINE("QDNWelcome \"Good day.\""), "\"welcome\":\"Good day.\"" },
    { LINE("QDNTimeLimit 90m"), "\"time_limit\":5400" },
    { LINE("QDNForwardedFrom +16195550110 +16195550111\n"
           "QDNForwardedFrom +16195550112"),
      "\"forwarded_from\":[\"+16195550110\",\"+16195550111\","
      "\"+16195550112\"]" },
    { LINE("QDNCallerID caller"), "],\"callerid\":\"caller\",\"screen\"" },
    { LINE("QDNBudget 30"), "\"budget\":30" },
    { LINE("QDNBudget 150"), "\"budget\":150" },
    { LINE("QDNScreen 45"), "\"screen\":45,\"budget\"" },
    { LINE("qdnscreen 10"), "\"screen\":10,\"budget\"" },
    { "QDNAdmin boss *\nQDNAdmin \"B. Oss\"",
      "\"admins\":[\"boss\",\"*\",\"B. Oss\"],\"viewers\":[]," },
    { "QDNViewer *", "\"viewers\":[\"*\"],\"mask_numbers\":true" },
    { "QDNMaskNumbers Off", "\"mask_numbers\":false" },
    { OPERATOR(""), "\"logins\":[\"sergio\"]" },
    { OPERATOR("QDNLogin s@example.com\nQDNLogin s t"),
      "\"logins\":[\"s@example.com\",\"s\",\"t\"]" },
    { "QDNTimezone Asia/Kathmandu", "\"timezone\":\"Asia/Kathmandu\"," },
    { "QDNTimezone Asia/Kathmandu\n" LINE("QDNTimezone UTC"),
      "\"timezone\":\"UTC\"" },
    { "QDNCalendarDetail On", "\"calendar_detail\":true" },
    { "QDNOnACall ring\n" OPERATOR(""), "\"on_a_call\":\"ring\"" },
    { "QDNOnACall ring\n" OPERATOR("QDNOnACall skip"),
      "\"on_a_call\":\"skip\"" },
    { OPERATOR(""), "\"on_a_call\":\"skip\"" },
    { "QDNHolidays /etc/qdn/us.ics",
      "{\"key\":\"@\",\"kind\":\"holidays\",\"name\":\"file:/etc/qdn/us.ics\","
      "\"refresh\":86400,\"stale\":2592000}]" },
    { "QDNHolidays https://h.example.com:444/us.ics kind=public refresh=7d "
      "stale=90d",
      "\"name\":\"ics:h.example.com:444\",\"refresh\":604800,"
      "\"stale\":7776000}]" },
    { LINE("QDNHolidays /a.ics kind=School refresh=60"),
      "\"kind\":\"holidays\",\"name\":\"file:/a.ics\",\"refresh\":60," },
    { OPERATOR("QDNHolidays /a.ics\nQDNHolidays /b.ics"),
      "\"holidays\":[\"@\",\"@\"],\"calendars\":[],\"duties\":[],"
      "\"presence\":null" },
    { OPERATOR("QDNCalendar google:sergio@example.com"),
      "\"kind\":\"calendar\",\"name\":\"google:sergio@example.com\","
      "\"refresh\":300,\"stale\":3600}" },
    { OPERATOR("QDNCalendar \"ics:https://c.example.com/private-x/b.ics?a=b\""),
      "\"name\":\"ics:c.example.com\"" },
    { OPERATOR("QDNCalendar ics:/srv/s.ics"), "\"name\":\"file:/srv/s.ics\"" },
    { OPERATOR("QDNCalendar caldav:http://127.0.0.1:5232/s/w/ user=s "
               "secret=S_PW refresh=1h"),
      "\"name\":\"caldav:127.0.0.1:5232\",\"refresh\":3600,\"stale\":7200}" },
    { OPERATOR("QDNCalendar ics:https://c.example.com secret=_t1 stale=7d"),
      "\"stale\":604800" },
    { OPERATOR("QDNDuty ics:/srv/duty.ics match=\"On call: S\" stale=5m"),
      "\"kind\":\"duty\",\"name\":\"file:/srv/duty.ics\",\"refresh\":300,"
      "\"stale\":300}" },
    { OPERATOR("QDNDuty google:c_1@example.com"), "\"duties\":[\"@\"]" },
    { OPERATOR("QDNPresence https://p.example.com/s pointer=/a~1b/0 "
               "available=active,true secret=TOKEN header=X-Api-Key"),
      "\"kind\":\"presence\",\"name\":\"json:p.example.com\",\"refresh\":30,"
      "\"stale\":3600}" },
    { OPERATOR("QDNPresence https://p.example.com/s pointer=/a available=1 "
               "refresh=10 stale=10"),
      "\"presence\":\"@\"" },
    { "QDNNumbers vip /etc/qdn/vip.txt\nQDNNumbers known /etc/qdn/known.txt",
      "\"numbers\":[{\"name\":\"vip\",\"feed\":\"@\"},"
      "{\"name\":\"known\",\"feed\":\"@\"}]" },
    { OPERATOR("QDNHours \"Mo-Fr 08:00-18:00; PH off\""),
      "\"timezone\":null,\"hours\":\"Mo-Fr 08:00-18:00; PH off\"" },
    { LINE("QDNHours 24/7"), "\"timezone\":null,\"hours\":\"24/7\"" },
    /* Blocks end what was given in them. */
    { OPERATOR("QDNName A") "<QDNOperator ana>\nQDNName B\n</QDNOperator>\n",
      "\"id\":\"ana\",\"name\":\"B\"" },
    { NULL, NULL },
};

/* The whole message, as far as it is ours: line, directive, remedy. */
const settings_case_t settings_refused[] = {
    { "QDNTimezone America/San_Diego",
      "line 1: QDNTimezone: 'America/San_Diego' is not a time zone" },
    { "QDNTimezone UTC\nQDNTimezone UTC",
      "line 2: QDNTimezone was given already at test.conf:1" },
    { LINE("QDNHours \"Mo-Fr 25:00-26:00\""), "line 2: QDNHours: " },
    { OPERATOR("QDNHours Mo-Fr 08:00-18:00"),
      "line 2: QDNHours: expected is QDNHours TEXT; what contains blanks" },
    { OPERATOR("QDNHours 24/7\nQDNHours 24/7"),
      "line 3: QDNHours was given already at test.conf:2" },
    { "QDNHours 24/7", "line 1: QDNHours may not stand here, only inside" },
    { "QDNAdmin", "line 1: QDNAdmin: expected is QDNAdmin LOGIN..." },
    { "QDNAdmin \"\"", "line 1: QDNAdmin: '' is no login; accepted are names" },
    { "QDNAdmin \"a\tb\"", "line 1: QDNAdmin: 'a\tb' is no login" },
    { "QDNViewer " FIFTY FIFTY TEN TEN "012345678",
      "line 1: QDNViewer: '" FIFTY FIFTY TEN TEN "012345678' is no login" },
    { OPERATOR("QDNViewer a"), "line 2: QDNViewer may not stand here" },
    { "QDNLogin a", "line 1: QDNLogin may not stand here, only inside" },
    { OPERATOR("QDNLogin *"),
      "line 2: QDNLogin: '*' is not one person; name who may log in as" },
    { "QDNMaskNumbers yes", "line 1: QDNMaskNumbers: 'yes' is neither" },
    { "QDNMaskNumbers on\nQDNMaskNumbers on",
      "line 2: QDNMaskNumbers was given already at test.conf:1" },
    { "QDNCalendarDetail yes", "line 1: QDNCalendarDetail: 'yes' is neither" },
    { OPERATOR("QDNCalendarDetail on"),
      "line 2: QDNCalendarDetail may not stand here" },
    { "QDNOnACall off", "line 1: QDNOnACall: 'off' is not known here; accepted "
                        "are skip or ring" },
    { LINE("QDNOnACall ring"), "line 2: QDNOnACall may not stand here" },
    { "QDNHolidays us.ics", "line 1: QDNHolidays: the address does not begin "
                            "with https://; what is wanted is" },
    { "QDNHolidays /a.ics kind=bank",
      "line 1: QDNHolidays: kind=: 'bank' is not known here; accepted are "
      "public or school" },
    { "QDNHolidays /a.ics refresh=59",
      "line 1: QDNHolidays: refresh=: '59' is not a duration from 1m to 7d" },
    { "QDNHolidays /a.ics stale=91d",
      "line 1: QDNHolidays: stale=: '91d' is not a duration from 1m to 90d" },
    { "QDNHolidays /a.ics secret=A",
      "line 1: QDNHolidays: 'secret=A' is not understood; accepted are kind= "
      "refresh= stale=" },
    { OPERATOR("QDNCalendar sergio@example.com"),
      "line 2: QDNCalendar: a calendar is given as google:ID, ics:URL, "
      "ics:/PATH or caldav:URL" },
    { OPERATOR("QDNCalendar google:"), "line 2: QDNCalendar: a calendar is" },
    { OPERATOR("QDNCalendar ics:private/x.ics"),
      "line 2: QDNCalendar: the address does not begin with https://" },
    { OPERATOR("QDNCalendar caldav:/srv/x.ics"),
      "line 2: QDNCalendar: the address does not begin with https://" },
    { OPERATOR("QDNCalendar ics:http://c.example.com/private-1/b.ics"),
      "line 2: QDNCalendar: the address is not encrypted (http is accepted "
      "for this machine only); what is wanted is one such as "
      "https://calendar.example.com/path" },
    { OPERATOR("QDNCalendar ics:https://s:pw@c.example.com/b.ics"),
      "line 2: QDNCalendar: the address has a user name" },
    { OPERATOR("QDNCalendar ics:/a.ics secret=A user=b"),
      "line 2: QDNCalendar: a file takes neither secret= nor user=" },
    { OPERATOR("QDNCalendar google:s@example.com secret=A"),
      "line 2: QDNCalendar: google: takes neither secret= nor user=; it is "
      "asked with the GOOGLE_ names of QDNSecrets" },
    { OPERATOR("QDNCalendar caldav:https://c.example.com user=s"),
      "line 2: QDNCalendar: user= needs secret=, the name of the password" },
    { OPERATOR("QDNCalendar caldav:https://c.example.com user=s:t secret=A"),
      "line 2: QDNCalendar: user=: a user name has no colon" },
    { OPERATOR("QDNCalendar caldav:https://c.example.com secret=my-password"),
      "line 2: QDNCalendar: secret=: the name of a secret is made of" },
    { OPERATOR("QDNCalendar caldav:https://c.example.com secret=1A"),
      "line 2: QDNCalendar: secret=: the name of a secret is made of" },
    { OPERATOR("QDNCalendar ics:/a.ics refresh=10"),
      "line 2: QDNCalendar: refresh=: '10' is not a duration from 1m to 1d" },
    { OPERATOR("QDNCalendar ics:/a.ics stale=8d"),
      "line 2: QDNCalendar: stale=: '8d' is not a duration from 1m to 7d" },
    { OPERATOR("QDNCalendar ics:/a.ics refresh=10m stale=9m"),
      "line 2: QDNCalendar: stale= is shorter than refresh=, so that" },
    { OPERATOR("QDNCalendar ics:/a.ics match=x"),
      "line 2: QDNCalendar: 'match=x' is not understood" },
    { OPERATOR("QDNDuty webcal:x"), "line 2: QDNDuty: a calendar is given" },
    { OPERATOR("QDNDuty google:a@example.com match=S"),
      "line 2: QDNDuty: google: tells when, but no titles for match=" },
    { OPERATOR("QDNDuty ics:/a.ics match="),
      "line 2: QDNDuty: match=: a text of 1 to 200 bytes is accepted" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a"),
      "line 2: QDNPresence: expected is QDNPresence URL pointer=POINTER" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a refresh=30"),
      "line 2: QDNPresence: pointer= and available= are needed" },
    { OPERATOR("QDNPresence https://p.example.com pointer=a available=b"),
      "line 2: QDNPresence: pointer=: 'a' is not a JSON pointer (RFC 6901), "
      "such as /user/status" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/~2 available=b"),
      "line 2: QDNPresence: pointer=: '/~2' is not a JSON pointer" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a available=b,"),
      "line 2: QDNPresence: available=: between two commas stands a value" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a available=b "
               "header=X-Key"),
      "line 2: QDNPresence: header= needs secret=" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a available=b "
               "secret=A \"header=X Key\""),
      "line 2: QDNPresence: header=: 'X Key' is not the name of an HTTP" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a available=b "
               "refresh=9s"),
      "line 2: QDNPresence: refresh=: '9s' is not a duration from 10s to 1h" },
    { OPERATOR("QDNPresence /a.json pointer=/a available=b"),
      "line 2: QDNPresence: the address does not begin" },
    { OPERATOR("QDNPresence https://p.example.com pointer=/a available=b\n"
               "QDNPresence https://p.example.com pointer=/a available=b"),
      "line 3: QDNPresence was given already at test.conf:2" },
    { "QDNNumbers vip vip.txt",
      "line 1: QDNNumbers: 'vip.txt' is not the absolute path of a file" },
    { "QDNNumbers v.i.p /vip.txt",
      "line 1: QDNNumbers: 'v.i.p' is not a name" },
    { "QDNNumbers vip /a\nQDNNumbers vip /b",
      "line 2: QDNNumbers: there is a list 'vip' already from test.conf:1; "
      "use another name" },
    { LINE("QDNNumbers vip /a"), "line 2: QDNNumbers may not stand here" },
    { LINE("QDNRelay sergio"),
      "line 2: QDNRelay is not a directive of this version" },
    /* places */
    { "QDNHop sergio/primary",
      "line 1: QDNHop may not stand here, only inside <QDNLine> or inside "
      "<QDNCascade>" },
    { CASCADE("") CASCADE(""),
      "line 4: <QDNCascade>: the cascade 'night' was already described at "
      "test.conf:1; use another name or put both into one block" },
    { "<QDNCascade a/b>\n</QDNCascade>", "line 1: <QDNCascade>: 'a/b'" },
    { CASCADE("QDNBudget 60\nQDNBudget 60"),
      "line 3: QDNBudget was given already at test.conf:2" },
    { CASCADE("QDNScreen 12"), "line 2: QDNScreen may not stand here" },
    { CASCADE("QDNRule busy true"), "line 2: QDNRule may not stand here" },
    { CASCADE("QDNVoicemail max=9"), "line 2: QDNVoicemail: max=: '9'" },
    { LINE("QDNRule cascade= true"), "line 2: QDNRule: '' is not a name of" },
    { LINE(CASCADE("")), "line 2: <QDNCascade> may not stand here" },
    { "\n\nQDNName x", "line 3: QDNName may not stand here, only inside "
                       "<QDNOperator> or inside <QDNLine>" },
    { OPERATOR("QDNStateDir /x"),
      "line 2: QDNStateDir may not stand here, only in the main server "
      "outside of every block" },
    { LOCATION("QDNSecrets dotenv:/x"), "line 2: QDNSecrets may not stand" },
    { LINE("<QDNOperator ana>"),
      "line 2: <QDNOperator> may not stand here, only in the main server "
      "outside of every block" },
    { LINE("<QDNLine +16195550199>"), "line 2: <QDNLine> may not stand" },
    { LINE("SetHandler x"), "line 2: SetHandler may not stand here" },
    /* number of words, quotes */
    { "QDNStateDir", "line 1: QDNStateDir: expected is QDNStateDir PATH; what "
                     "contains blanks stands in quotes" },
    { "QDNStateDir /a b", "line 1: QDNStateDir: expected is QDNStateDir PATH" },
    { "<QDNLine>\n</QDNLine>",
      "line 1: <QDNLine>: expected is <QDNLine NUMBER>; " },
    { LINE("QDNName Queen of San Diego"),
      "line 2: QDNName: expected is QDNName TEXT; " },
    { LINE("QDNName \"Queen"), "line 2: QDNName: a quote" },
    { LINE("QDNRule reject qdn('From') == 'x'"),
      "line 2: QDNRule: expected is QDNRule "
      "reject|busy|voicemail|challenge|cascade=NAME EXPRESSION; what contains "
      "blanks stands in quotes" },
    { LINE("QDNVoicemail"), "line 2: QDNVoicemail: expected is QDNVoicemail "
                            "off | [greeting=TEXT]" },
    /* given twice in one place */
    { "QDNStateDir /a\n\nQDNStateDir /a",
      "line 3: QDNStateDir was given already at test.conf:1; remove one of "
      "the two" },
    { "QDNJournalSync on\nQDNJournalWait 2s\nQDNJournalSync on",
      "line 3: QDNJournalSync was given already at test.conf:1" },
    { LINE("QDNBudget 60\n" LINE("")), "line 3: <QDNLine> may not stand" },
    { LINE("QDNBudget 60\nQDNBudget 70"),
      "line 3: QDNBudget was given already at test.conf:2" },
    { "QDNSecrets dotenv:/a\n" LINE("QDNSecrets dotenv:/b\n"
                                    "QDNSecrets dotenv:/b"),
      "line 4: QDNSecrets was given already at test.conf:3" },
    { LINE("") "\n" LINE(""),
      "line 5: <QDNLine>: this line was already described at test.conf:1; put "
      "both into one block" },
    { OPERATOR("") OPERATOR(""),
      "line 4: <QDNOperator>: the operator 'sergio' was already described at "
      "test.conf:1; use another id or put both into one block" },
    { OPERATOR("QDNPhone a +16195550101\nQDNPhone a +16195550102"),
      "line 3: QDNPhone: 'sergio' has a phone labelled 'a' already from "
      "test.conf:2; use another label" },
    { "QDNPublicURL https://a.example.com/x\n"
      "QDNPublicURL https://a.example.com/y",
      "line 2: QDNPublicURL was given already at test.conf:1" },
    { "QDNPublicURL https://a.example.com/inner/qdn\n" LOCATION(
          "QDNPublicURL https://b.example.com/x"),
      "line 3: QDNPublicURL: the path /inner/qdn has its public URL already "
      "from test.conf:1; remove one of the two" },
    /* secrets */
    { "QDNSecrets /etc/qdn/repos.env",
      "line 1: QDNSecrets: '/etc/qdn/repos.env' is no source of secrets; "
      "accepted are dotenv:/absolute/path and exec:/absolute/path" },
    { "QDNSecrets dotenv:repos.env",
      "line 1: QDNSecrets: 'dotenv:repos.env' is no source" },
    { "QDNSecrets exec:fetch", "line 1: QDNSecrets: 'exec:fetch' is no" },
    { "QDNSecrets dotenv:/etc/my qdn/a.env",
      "line 1: QDNSecrets: dotenv: takes one path; a path with blanks stands "
      "in quotes" },
    /* public URL */
    { "QDNPublicURL http://calls.example.com/qdn",
      "line 1: QDNPublicURL: 'http://calls.example.com/qdn'" },
    { "QDNPublicURL calls.example.com/qdn",
      "line 1: QDNPublicURL: 'calls.example.com/qdn'" },
    { "QDNPublicURL https://calls.example.com/",
      "line 1: QDNPublicURL: the webhooks need a path of their own" },
    { "<Location />\nQDNPublicURL https://a.example.com/x\n</Location>",
      "line 2: QDNPublicURL: the webhooks need a path of their own" },
    { "<Location /q*n>\nQDNPublicURL https://a.example.com/x\n</Location>",
      "line 2: QDNPublicURL: the webhooks need a path of their own, as "
      "/qdn/twilio, of letters, digits, - . _ and ~; '/q*n' is none" },
    { "<Location ~ \"^/qdn\">\nQDNPublicURL https://a.example.com/x\n"
      "</Location>",
      "line 2: QDNPublicURL: the webhooks need a path" },
    /* the journal and what is kept */
    { "QDNStateDir var/qdn", "line 1: QDNStateDir: 'var/qdn' is not the "
                             "absolute path of a directory such as "
                             "/var/lib/qdn" },
    { "QDNStateDir /", "line 1: QDNStateDir: '/' is not the absolute path" },
    { "QDNJournalSync maybe", "line 1: QDNJournalSync: 'maybe'" },
    { "QDNJournalWait 50ms", "line 1: QDNJournalWait: '50ms' is not a "
                             "duration from 100ms to 10s" },
    { "QDNJournalWait 11s", "line 1: QDNJournalWait: '11s'" },
    { "QDNJournalMax 1K",
      "line 1: QDNJournalMax: '1K' is not a size from 1M to 1024G" },
    { "QDNJournalMax -1", "line 1: QDNJournalMax: '-1'" },
    { "QDNRetention 0", "line 1: QDNRetention: '0' is not a duration from 1d "
                        "to 36500d" },
    { "QDNRotateEvery 12h", "line 1: QDNRotateEvery: '12h' is not a duration "
                            "from 1d to 3650d" },
    { "QDNRotateEvery often", "line 1: QDNRotateEvery: 'often'" },
    /* operators */
    { "<QDNOperator sergio/x>\n</QDNOperator>",
      "line 1: <QDNOperator>: 'sergio/x'" },
    { OPERATOR("QDNName \"\""),
      "line 2: QDNName: a text of 1 to 100 bytes is accepted" },
    { OPERATOR("QDNName \"" FIFTY FIFTY "x\""),
      "line 2: QDNName: a text of 1 to 100 bytes is accepted" },
    { OPERATOR("QDNName \"a\tb\""),
      "line 2: QDNName: the text contains a control character" },
    { OPERATOR("QDNTimezone America/San_Diego"),
      "line 2: QDNTimezone: 'America/San_Diego' is not a time zone of this "
      "machine; accepted are the names below /usr/share/zoneinfo, such as "
      "America/Los_Angeles (package tzdata)" },
    { LINE("QDNTimezone America"), "line 2: QDNTimezone: 'America'" },
    { LINE("QDNTimezone leapseconds"), "line 2: QDNTimezone: 'leapseconds'" },
    { LINE("QDNTimezone tzdata.zi"), "line 2: QDNTimezone: 'tzdata.zi'" },
    { LINE("QDNTimezone ../../../etc/localtime"),
      "line 2: QDNTimezone: '../../../etc/localtime'" },
    { LINE("QDNTimezone /Etc/UTC"), "line 2: QDNTimezone: '/Etc/UTC'" },
    /* A zone that exists is remembered, one that does not is not. */
    { OPERATOR("QDNTimezone UTC") LINE("QDNTimezone Utc"),
      "line 5: QDNTimezone: 'Utc'" },
    { OPERATOR("QDNPhone primary"),
      "line 2: QDNPhone: expected is QDNPhone LABEL NUMBER [ring=SECONDS]" },
    { OPERATOR("QDNPhone pri.mary +16195550101"),
      "line 2: QDNPhone: 'pri.mary'" },
    { OPERATOR("QDNPhone primary 6195550101"),
      "line 2: QDNPhone: '6195550101' is not in E.164 form; did you mean "
      "+16195550101?" },
    { OPERATOR("QDNPhone primary 911"),
      "line 2: QDNPhone: '911' is an emergency number" },
    { OPERATOR("QDNPhone primary 112"),
      "line 2: QDNPhone: '112' is an emergency number" },
    { OPERATOR("QDNPhone primary 55501"),
      "line 2: QDNPhone: '55501' is a short number" },
    { OPERATOR("QDNPhone primary +19005550101"),
      "line 2: QDNPhone: '+19005550101' is a premium-rate number" },
    { OPERATOR("QDNPhone a +16195550101 20"),
      "line 2: QDNPhone: '20' is not understood; accepted are ring= confirm= "
      "screen= callerid=" },
    { OPERATOR("QDNPhone a +16195550101 rings=20"),
      "line 2: QDNPhone: 'rings=20' is not understood" },
    { OPERATOR("QDNPhone a +16195550101 ring=20 ring=20"),
      "line 2: QDNPhone: ring= is given twice" },
    { OPERATOR("QDNPhone a +16195550101 ring=9"),
      "line 2: QDNPhone: ring=: '9' is not a whole number from 10 to 120" },
    { OPERATOR("QDNPhone a +16195550101 ring=121"),
      "line 2: QDNPhone: ring=: '121'" },
    { OPERATOR("QDNPhone a +16195550101 ring=20s"),
      "line 2: QDNPhone: ring=: '20s'" },
    { OPERATOR("QDNPhone a +16195550101 screen=9"),
      "line 2: QDNPhone: screen=: '9' is not a whole number from 10 to 45" },
    { OPERATOR("QDNPhone a +16195550101 screen=46"),
      "line 2: QDNPhone: screen=: '46'" },
    { OPERATOR("QDNPhone a +16195550101 confirm=yes"),
      "line 2: QDNPhone: confirm=: 'yes' is not known here; accepted are key "
      "or none" },
    { OPERATOR("QDNPhone a +16195550101 callerid=+16195550101"),
      "line 2: QDNPhone: callerid=: '+16195550101' is not known here; "
      "accepted are line or caller" },
    /* lines */
    { "<QDNLine 16195550100>\n</QDNLine>",
      "line 1: <QDNLine>: '16195550100' is not in E.164 form; did you mean "
      "+16195550100?" },
    { LINE("QDNRule block \"true\""),
      "line 2: QDNRule: 'block' is not known here; accepted are reject, busy, "
      "voicemail, challenge or cascade=NAME" },
    { LINE("QDNHop sergio"), "line 2: QDNHop: 'sergio' does not name a phone "
                             "as OPERATOR/LABEL, such as sergio/primary" },
    { LINE("QDNHop sergio/"), "line 2: QDNHop: 'sergio/' does not name" },
    { LINE("QDNHop a/b/c"), "line 2: QDNHop: 'a/b/c' does not name" },
    { LINE("QDNHop +16195550101"),
      "line 2: QDNHop: '+16195550101' does not name a phone" },
    { LINE("QDNHop ring=20"), "line 2: QDNHop: the phone to ring is missing: "
                              "OPERATOR/LABEL comes first" },
    { LINE("QDNHop a/b ring=20 c/d"),
      "line 2: QDNHop: 'c/d' is not understood; accepted are ring= when= "
      "callerid=" },
    { LINE("QDNHop a/b ring=5"),
      "line 2: QDNHop: ring=: '5' is not a whole number from 10 to 120" },
    { LINE("QDNHop a/b when=never"),
      "line 2: QDNHop: when=: 'never' is not known here; accepted are "
      "available, always or even-away" },
    { LINE("QDNHop a/b confirm=none"),
      "line 2: QDNHop: 'confirm=none' is not understood" },
    { LINE("QDNVoicemail off max=60"),
      "line 2: QDNVoicemail: off takes no options" },
    { LINE("QDNVoicemail on"), "line 2: QDNVoicemail: 'on' is not understood; "
                               "accepted are greeting= max= notify=" },
    { LINE("QDNVoicemail max=9"), "line 2: QDNVoicemail: max=: '9' is not a "
                                  "whole number from 10 to 600" },
    { LINE("QDNVoicemail max=601"), "line 2: QDNVoicemail: max=: '601'" },
    { LINE("QDNVoicemail greeting="),
      "line 2: QDNVoicemail: greeting=: a text of 1 to 1000 bytes" },
    { LINE("QDNVoicemail notify=a,,b"), "line 2: QDNVoicemail: notify=: ''" },
    { LINE("QDNWelcome Good day."),
      "line 2: QDNWelcome: expected is QDNWelcome TEXT" },
    { LINE("QDNTimeLimit 30s"), "line 2: QDNTimeLimit: '30s' is not a "
                                "duration from 1m to 1d" },
    { LINE("QDNTimeLimit 25h"), "line 2: QDNTimeLimit: '25h'" },
    { LINE("QDNForwardedFrom +16195550110 6195550111"),
      "line 2: QDNForwardedFrom: '6195550111' is not in E.164 form" },
    { LINE("QDNCallerID operator"),
      "line 2: QDNCallerID: 'operator' is not known here; accepted are line "
      "or caller" },
    { LINE("QDNBudget 29"),
      "line 2: QDNBudget: '29' is not a whole number from 30 to 150" },
    { LINE("QDNBudget 151"), "line 2: QDNBudget: '151'" },
    { LINE("QDNScreen 9"),
      "line 2: QDNScreen: '9' is not a whole number from 10 to 45" },
    { LINE("QDNScreen 46"), "line 2: QDNScreen: '46'" },
    /* the reader itself */
    { "<QDNLine +16195550100>\n", "line 1: <QDNLine> is not closed" },
    { "</QDNLine>\n", "line 1: </QDNLine> closes nothing" },
    { NULL, NULL },
};
