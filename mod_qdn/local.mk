# SPDX-License-Identifier: Apache-2.0
# The rooms and what each may see. -iquote: our headers are found by
# #include "noun.h" and never in place of a system header. A room that
# reaches for a header of a higher room, or of httpd, does not compile.

Q_BASE         = -iquote $(srcdir)/mod_qdn/base $(APR_CFLAGS)
Q_SECRETS      = $(Q_BASE) -iquote $(srcdir)/mod_qdn/secrets
Q_TWILIO       = $(Q_BASE) -iquote $(srcdir)/mod_qdn/twilio
Q_ROUTING      = $(Q_BASE) -iquote $(srcdir)/mod_qdn/routing
Q_AVAILABILITY = $(Q_ROUTING) -iquote $(srcdir)/mod_qdn/availability
Q_RECORD       = $(Q_ROUTING) -iquote $(srcdir)/mod_qdn/record
Q_SERVICE      = $(Q_RECORD) -iquote $(srcdir)/mod_qdn/availability \
                 -iquote $(srcdir)/mod_qdn/secrets \
                 -iquote $(srcdir)/mod_qdn/twilio \
                 -iquote $(srcdir)/mod_qdn/service
Q_HTTPD        = $(Q_SERVICE) -iquote $(srcdir)/mod_qdn/httpd \
                 -I$(HTTPD_INCLUDEDIR) $(APU_CFLAGS)
Q_CTL          = $(Q_SERVICE) -iquote $(srcdir)/mod_qdn/ctl \
                 -iquote $(builddir)/mod_qdn

noinst_LTLIBRARIES += libbase.la libsecrets.la libtwilio.la librouting.la \
    libavailability.la librecord.la libservice.la libqdn.la

libbase_la_CPPFLAGS = $(Q_BASE) $(CRYPTO_CFLAGS)
libbase_la_SOURCES = \
    mod_qdn/base/civil.c mod_qdn/base/civil.h \
    mod_qdn/base/clock.c mod_qdn/base/clock.h \
    mod_qdn/base/counter.c mod_qdn/base/counter.h \
    mod_qdn/base/digest.c mod_qdn/base/digest.h \
    mod_qdn/base/e164.c mod_qdn/base/e164.h \
    mod_qdn/base/log.c mod_qdn/base/log.h \
    mod_qdn/base/member.c mod_qdn/base/member.h \
    mod_qdn/base/parse.c mod_qdn/base/parse.h \
    mod_qdn/base/sid.c mod_qdn/base/sid.h \
    mod_qdn/base/status.c mod_qdn/base/status.h \
    mod_qdn/base/text.c mod_qdn/base/text.h \
    mod_qdn/base/thread.c mod_qdn/base/thread.h \
    mod_qdn/base/zone.c mod_qdn/base/zone.h \
    mod_qdn/base/zone_file.c mod_qdn/base/zone_file.h

libsecrets_la_CPPFLAGS = $(Q_SECRETS)
libsecrets_la_SOURCES = \
    mod_qdn/secrets/command_output.c mod_qdn/secrets/command_output.h \
    mod_qdn/secrets/credential.c mod_qdn/secrets/credential.h \
    mod_qdn/secrets/dotenv.c mod_qdn/secrets/dotenv.h \
    mod_qdn/secrets/keyring.c mod_qdn/secrets/keyring.h \
    mod_qdn/secrets/source.c mod_qdn/secrets/source.h

libtwilio_la_CPPFLAGS = $(Q_TWILIO)
libtwilio_la_SOURCES = \
    mod_qdn/twilio/form.c mod_qdn/twilio/form.h \
    mod_qdn/twilio/signature.c mod_qdn/twilio/signature.h \
    mod_qdn/twilio/twiml.c mod_qdn/twilio/twiml.h \
    mod_qdn/twilio/webhook.c mod_qdn/twilio/webhook.h

librouting_la_CPPFLAGS = $(Q_ROUTING)
librouting_la_SOURCES = \
    mod_qdn/routing/cascade.c mod_qdn/routing/cascade.h \
    mod_qdn/routing/feed.c mod_qdn/routing/feed.h \
    mod_qdn/routing/hop_result.c mod_qdn/routing/hop_result.h \
    mod_qdn/routing/hours.c mod_qdn/routing/hours.h \
    mod_qdn/routing/hours_parse.c mod_qdn/routing/hours_rule.h \
    mod_qdn/routing/hours_scan.c mod_qdn/routing/hours_scan.h \
    mod_qdn/routing/line.h mod_qdn/routing/operator.h \
    mod_qdn/routing/option.c mod_qdn/routing/option.h \
    mod_qdn/routing/origin.h \
    mod_qdn/routing/plan.c mod_qdn/routing/plan.h \
    mod_qdn/routing/plan_check.c mod_qdn/routing/plan_json.c \
    mod_qdn/routing/progress.c mod_qdn/routing/progress.h \
    mod_qdn/routing/reason.c mod_qdn/routing/reason.h \
    mod_qdn/routing/relation.h mod_qdn/routing/relations.c \
    mod_qdn/routing/relations_hours.c mod_qdn/routing/relations_loop.c \
    mod_qdn/routing/relations_people.c \
    mod_qdn/routing/relations_rule.c \
    mod_qdn/routing/setter.h \
    mod_qdn/routing/settings.c mod_qdn/routing/settings.h \
    mod_qdn/routing/settings_cascade.c mod_qdn/routing/settings_feed.c \
    mod_qdn/routing/settings_line.c mod_qdn/routing/settings_operator.c \
    mod_qdn/routing/settings_people.c \
    mod_qdn/routing/settings_server.c mod_qdn/routing/settings_table.c \
    mod_qdn/routing/whisper.c mod_qdn/routing/whisper.h \
    mod_qdn/routing/word.c mod_qdn/routing/word.h

# The call path's part; what asks the feeds is a shared object of its own.
libavailability_la_CPPFLAGS = $(Q_AVAILABILITY)
libavailability_la_SOURCES = \
    mod_qdn/availability/finding.c mod_qdn/availability/finding.h \
    mod_qdn/availability/judge.c mod_qdn/availability/judge.h \
    mod_qdn/availability/quarantine.c mod_qdn/availability/quarantine.h \
    mod_qdn/availability/snapshot.c mod_qdn/availability/snapshot.h \
    mod_qdn/availability/snapshot_form.h \
    mod_qdn/availability/snapshot_people.c \
    mod_qdn/availability/snapshot_write.c \
    mod_qdn/availability/standing.c mod_qdn/availability/standing.h

librecord_la_CPPFLAGS = $(Q_RECORD) $(APU_CFLAGS)
librecord_la_SOURCES = \
    mod_qdn/record/array.c mod_qdn/record/array.h \
    mod_qdn/record/audit.c mod_qdn/record/audit.h \
    mod_qdn/record/audit_form.c mod_qdn/record/audit_form.h \
    mod_qdn/record/audit_permit.c mod_qdn/record/audit_permit.h \
    mod_qdn/record/audit_verify.c \
    mod_qdn/record/backlog.c mod_qdn/record/backlog.h \
    mod_qdn/record/calls.c mod_qdn/record/calls.h \
    mod_qdn/record/chain.c mod_qdn/record/chain.h \
    mod_qdn/record/delivery.c mod_qdn/record/delivery.h \
    mod_qdn/record/detail.c mod_qdn/record/detail.h \
    mod_qdn/record/dialect.c mod_qdn/record/dialect.h \
    mod_qdn/record/drain.c mod_qdn/record/drain.h \
    mod_qdn/record/erase.c mod_qdn/record/erase.h \
    mod_qdn/record/event.c mod_qdn/record/event.h \
    mod_qdn/record/forget.c mod_qdn/record/forget.h \
    mod_qdn/record/forget_files.c \
    mod_qdn/record/herald.c mod_qdn/record/herald.h \
    mod_qdn/record/journal.c mod_qdn/record/journal.h \
    mod_qdn/record/ledger.c mod_qdn/record/ledger.h \
    mod_qdn/record/ledger_calls.c mod_qdn/record/ledger_calls.h \
    mod_qdn/record/ledger_clean.c \
    mod_qdn/record/ledger_rows.c mod_qdn/record/ledger_rows.h \
    mod_qdn/record/ledger_write.c \
    mod_qdn/record/parked.c mod_qdn/record/parked.h \
    mod_qdn/record/redact.c mod_qdn/record/redact.h \
    mod_qdn/record/reports.c mod_qdn/record/reports.h \
    mod_qdn/record/retention.c mod_qdn/record/retention.h \
    mod_qdn/record/revisions.c mod_qdn/record/revisions.h \
    mod_qdn/record/ring.c mod_qdn/record/ring.h \
    mod_qdn/record/rollup.c mod_qdn/record/rollup.h \
    mod_qdn/record/schema.c mod_qdn/record/schema.h \
    mod_qdn/record/segment.c mod_qdn/record/segment.h \
    mod_qdn/record/store.c mod_qdn/record/store.h \
    mod_qdn/record/supersede.c mod_qdn/record/supersede.h \
    mod_qdn/record/waitword.c mod_qdn/record/waitword.h \
    mod_qdn/record/writer.c mod_qdn/record/writer.h

libservice_la_CPPFLAGS = $(Q_SERVICE)
libservice_la_SOURCES = \
    mod_qdn/service/answer.c mod_qdn/service/answer.h \
    mod_qdn/service/archive.c mod_qdn/service/archive.h \
    mod_qdn/service/archive_audit.c mod_qdn/service/archive_calls.c \
    mod_qdn/service/archive_form.c mod_qdn/service/archive_form.h \
    mod_qdn/service/archive_report.c mod_qdn/service/archive_revisions.c \
    mod_qdn/service/challenge.c mod_qdn/service/challenge.h \
    mod_qdn/service/audience.c mod_qdn/service/audience.h \
    mod_qdn/service/audience_health.c \
    mod_qdn/service/audience_now.c \
    mod_qdn/service/audience_set.c \
    mod_qdn/service/audience_status.c \
    mod_qdn/service/checks.c mod_qdn/service/checks.h \
    mod_qdn/service/chronicle.c mod_qdn/service/chronicle.h \
    mod_qdn/service/control.c mod_qdn/service/control.h \
    mod_qdn/service/control_ask.c \
    mod_qdn/service/csv.c mod_qdn/service/csv.h \
    mod_qdn/service/daemon.c mod_qdn/service/daemon.h \
    mod_qdn/service/drainer.c mod_qdn/service/drainer.h \
    mod_qdn/service/engaged.c mod_qdn/service/engaged.h \
    mod_qdn/service/exchange.c mod_qdn/service/exchange.h \
    mod_qdn/service/fiction.c mod_qdn/service/fiction.h \
    mod_qdn/service/foretell.c mod_qdn/service/foretell.h \
    mod_qdn/service/foretell_form.h mod_qdn/service/foretell_sweep.c \
    mod_qdn/service/facts.c mod_qdn/service/facts.h \
    mod_qdn/service/gauges.c mod_qdn/service/gauges.h \
    mod_qdn/service/gate.c mod_qdn/service/gate.h \
    mod_qdn/service/health.c mod_qdn/service/health.h \
    mod_qdn/service/lookout.c mod_qdn/service/lookout.h \
    mod_qdn/service/meter.c mod_qdn/service/meter.h \
    mod_qdn/service/metrics.c mod_qdn/service/metrics.h \
    mod_qdn/service/now.c mod_qdn/service/now.h \
    mod_qdn/service/now_cause.h mod_qdn/service/now_people.c \
    mod_qdn/service/now_words.c mod_qdn/service/now_words.h \
    mod_qdn/service/imagine.c mod_qdn/service/imagine.h \
    mod_qdn/service/outbox.c mod_qdn/service/outbox.h \
    mod_qdn/service/outlook.c mod_qdn/service/outlook.h \
    mod_qdn/service/pace.c mod_qdn/service/pace.h \
    mod_qdn/service/probe.c mod_qdn/service/probe.h \
    mod_qdn/service/proclaim.c mod_qdn/service/proclaim.h \
    mod_qdn/service/refresher.c mod_qdn/service/refresher.h \
    mod_qdn/service/rights.c mod_qdn/service/rights.h \
    mod_qdn/service/veil.c mod_qdn/service/veil.h \
    mod_qdn/service/screen.c \
    mod_qdn/service/sentence.c mod_qdn/service/sentence.h \
    mod_qdn/service/sentence_form.c mod_qdn/service/sentence_form.h \
    mod_qdn/service/steps.c \
    mod_qdn/service/voice.c \
    mod_qdn/service/voicemail.c \
    mod_qdn/service/trays.c mod_qdn/service/trays.h \
    mod_qdn/service/recall.c mod_qdn/service/recall.h \
    mod_qdn/service/recall_ring.c mod_qdn/service/recall_ring.h \
    mod_qdn/service/reader.c mod_qdn/service/reader.h \
    mod_qdn/service/reader_ask.c \
    mod_qdn/service/tally.c mod_qdn/service/tally.h \
    mod_qdn/service/roster.c mod_qdn/service/roster.h \
    mod_qdn/service/sources.c mod_qdn/service/sources.h \
    mod_qdn/service/standings.c mod_qdn/service/standings.h \
    mod_qdn/service/standings_day.c \
    mod_qdn/service/until.c mod_qdn/service/until.h \
    mod_qdn/service/request.h mod_qdn/service/service.h

# What asks the feeds, for qdn_sources.so alone (refresh.h).
noinst_LTLIBRARIES += libsources.la
libsources_la_CPPFLAGS = $(Q_AVAILABILITY) $(ICAL_CFLAGS) $(XML_CFLAGS) \
    $(CURL_CFLAGS) $(JSONC_CFLAGS) $(CRYPTO_CFLAGS) \
    -DQDN_VERSION=\"$(PACKAGE_VERSION)\"
libsources_la_SOURCES = \
    mod_qdn/availability/asking.h \
    mod_qdn/availability/asking_file.c \
    mod_qdn/availability/asking_web.c \
    mod_qdn/availability/caldav.c mod_qdn/availability/caldav.h \
    mod_qdn/availability/fetch.c mod_qdn/availability/fetch.h \
    mod_qdn/availability/google.c mod_qdn/availability/google.h \
    mod_qdn/availability/google_desk.c \
    mod_qdn/availability/google_jwt.c \
    mod_qdn/availability/ics.c mod_qdn/availability/ics.h \
    mod_qdn/availability/ics_clock.c mod_qdn/availability/ics_clock.h \
    mod_qdn/availability/ics_event.c mod_qdn/availability/ics_event.h \
    mod_qdn/availability/ics_walk.c mod_qdn/availability/ics_walk.h \
    mod_qdn/availability/inquiry.c mod_qdn/availability/inquiry.h \
    mod_qdn/availability/json_text.c mod_qdn/availability/json_text.h \
    mod_qdn/availability/numbers.c mod_qdn/availability/numbers.h \
    mod_qdn/availability/presence.c mod_qdn/availability/presence.h \
    mod_qdn/availability/refresh.c mod_qdn/availability/refresh.h \
    mod_qdn/availability/rfc3339.c mod_qdn/availability/rfc3339.h
libsources_la_LIBADD = $(ICAL_LIBS) $(XML_LIBS) $(CURL_LIBS) $(JSONC_LIBS) \
    $(CRYPTO_LIBS)

# Everything but httpd/ and ctl/: what the module, qdnctl and the unit tests
# link. It stands alone: an ap_* symbol in it breaks qdnctl's link.
libqdn_la_SOURCES =
libqdn_la_LIBADD = libservice.la librecord.la libavailability.la \
    librouting.la libtwilio.la libsecrets.la libbase.la \
    $(APU_LIBS) $(APR_LIBS) $(CRYPTO_LIBS) -lpthread

moddir = $(HTTPD_LIBEXECDIR)
mod_LTLIBRARIES = mod_qdn.la
mod_qdn_la_CPPFLAGS = $(Q_HTTPD) -DQDN_VERSION=\"$(PACKAGE_VERSION)\"
mod_qdn_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -export-symbols-regex '^qdn_module$$'
mod_qdn_la_LIBADD = libqdn.la
mod_qdn_la_SOURCES = \
    mod_qdn/httpd/api.c mod_qdn/httpd/api.h mod_qdn/httpd/api_form.h \
    mod_qdn/httpd/api_export.c \
    mod_qdn/httpd/api_param.c \
    mod_qdn/httpd/api_relay.c \
    mod_qdn/httpd/api_status.c \
    mod_qdn/httpd/ask.c mod_qdn/httpd/ask.h \
    mod_qdn/httpd/assets.c mod_qdn/httpd/assets.h \
    mod_qdn/httpd/body.c mod_qdn/httpd/body.h \
    mod_qdn/httpd/boot.c mod_qdn/httpd/boot.h \
    mod_qdn/httpd/check.c mod_qdn/httpd/check.h \
    mod_qdn/httpd/child.c mod_qdn/httpd/child.h \
    mod_qdn/httpd/conf.c mod_qdn/httpd/conf.h \
    mod_qdn/httpd/dashboard.c mod_qdn/httpd/dashboard.h \
    mod_qdn/httpd/dbd.c mod_qdn/httpd/dbd.h \
    mod_qdn/httpd/directives.c mod_qdn/httpd/directives.h \
    mod_qdn/httpd/dump.c mod_qdn/httpd/dump.h \
    mod_qdn/httpd/expr.c mod_qdn/httpd/expr.h \
    mod_qdn/httpd/handler.c mod_qdn/httpd/handler.h \
    mod_qdn/httpd/health_page.c mod_qdn/httpd/health_page.h \
    mod_qdn/httpd/identity.c mod_qdn/httpd/identity.h \
    mod_qdn/httpd/keeper.c mod_qdn/httpd/keeper.h \
    mod_qdn/httpd/metrics_page.c mod_qdn/httpd/metrics_page.h \
    mod_qdn/httpd/mod_qdn.c mod_qdn/httpd/private.h \
    mod_qdn/httpd/page.c mod_qdn/httpd/page.h \
    mod_qdn/httpd/shm.c mod_qdn/httpd/shm.h \
    mod_qdn/httpd/sink.c mod_qdn/httpd/sink.h \
    mod_qdn/httpd/statedir.c mod_qdn/httpd/statedir.h \
    mod_qdn/httpd/target.c mod_qdn/httpd/target.h \
    mod_qdn/httpd/vault.c mod_qdn/httpd/vault.h

# The dashboard's files, compiled in: whatever lies in mod_qdn/dash. The
# directory is named, too, so that a file that is gone is noticed.
nodist_mod_qdn_la_SOURCES = mod_qdn/dash.c
mod_qdn/dash.c: $(srcdir)/mod_qdn/dash $(srcdir)/mod_qdn/dash/*.* \
    $(srcdir)/build/lib/embed.sh
	$(AM_V_GEN)$(MKDIR_P) mod_qdn && $(SHELL) $(srcdir)/build/lib/embed.sh \
	    $@ $(srcdir)/mod_qdn/dash/*.*
CLEANFILES += mod_qdn/dash.c
EXTRA_DIST += mod_qdn/dash

# What the daemon loads to ask feeds: libraries that children shall not carry.
mod_LTLIBRARIES += qdn_sources.la
qdn_sources_la_SOURCES =
qdn_sources_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -export-symbols-regex '^qdn_refresh$$'
qdn_sources_la_LIBADD = libsources.la libavailability.la librouting.la \
    libbase.la $(APR_LIBS)

# simulate's Twilio. It is no part of libqdn, and the wall keeps it from
# knowing how the cascade chooses: it sees what speaks Twilio, and no more.
noinst_LTLIBRARIES += libplayer.la
libplayer_la_CPPFLAGS = $(Q_TWILIO) -iquote $(srcdir)/mod_qdn/ctl \
    $(JSONC_CFLAGS) $(XML_CFLAGS)
libplayer_la_SOURCES = \
    mod_qdn/ctl/agenda.c mod_qdn/ctl/agenda.h \
    mod_qdn/ctl/case_check.c mod_qdn/ctl/case_check.h \
    mod_qdn/ctl/case_file.c mod_qdn/ctl/case_file.h \
    mod_qdn/ctl/complaint.c mod_qdn/ctl/complaint.h \
    mod_qdn/ctl/directory.c mod_qdn/ctl/directory.h \
    mod_qdn/ctl/people.c mod_qdn/ctl/people.h \
    mod_qdn/ctl/player.c mod_qdn/ctl/player.h \
    mod_qdn/ctl/player_dial.c mod_qdn/ctl/player_verb.c \
    mod_qdn/ctl/stage.h \
    mod_qdn/ctl/transcript.c mod_qdn/ctl/transcript.h \
    mod_qdn/ctl/twiml_doc.c mod_qdn/ctl/twiml_doc.h \
    mod_qdn/ctl/twiml_rule.c mod_qdn/ctl/twiml_rule.h \
    mod_qdn/ctl/when.c mod_qdn/ctl/when.h \
    mod_qdn/ctl/wire.c
libplayer_la_LIBADD = $(JSONC_LIBS) $(XML_LIBS)

bin_PROGRAMS += qdnctl
qdnctl_CPPFLAGS = $(Q_CTL) $(APU_CFLAGS) $(JSONC_CFLAGS) $(CURL_CFLAGS) \
    $(XML_CFLAGS)
qdnctl_LDADD = libplayer.la libqdn.la $(JSONC_LIBS) $(CURL_LIBS)
qdnctl_SOURCES = \
    mod_qdn/ctl/apachectl.c mod_qdn/ctl/apachectl.h \
    mod_qdn/ctl/audit_log.c mod_qdn/ctl/audit_log.h \
    mod_qdn/ctl/cmd_audit.c \
    mod_qdn/ctl/cmd_calls.c \
    mod_qdn/ctl/cmd_credentials.c \
    mod_qdn/ctl/cmd_doctor.c \
    mod_qdn/ctl/cmd_explain.c \
    mod_qdn/ctl/cmd_forget.c \
    mod_qdn/ctl/cmd_journal.c \
    mod_qdn/ctl/cmd_replay.c \
    mod_qdn/ctl/cmd_schema.c \
    mod_qdn/ctl/cmd_sign.c \
    mod_qdn/ctl/cmd_simulate.c \
    mod_qdn/ctl/cmd_status.c \
    mod_qdn/ctl/cmd_sweep.c \
    mod_qdn/ctl/command.h \
    mod_qdn/ctl/database.c mod_qdn/ctl/database.h \
    mod_qdn/ctl/inquire.c mod_qdn/ctl/inquire.h \
    mod_qdn/ctl/login.c mod_qdn/ctl/login.h \
    mod_qdn/ctl/main.c \
    mod_qdn/ctl/options.c mod_qdn/ctl/options.h \
    mod_qdn/ctl/output.c mod_qdn/ctl/output.h \
    mod_qdn/ctl/past.c mod_qdn/ctl/past.h \
    mod_qdn/ctl/plan_diff.c mod_qdn/ctl/plan_diff.h \
    mod_qdn/ctl/story.c mod_qdn/ctl/story.h \
    mod_qdn/ctl/transport_http.c mod_qdn/ctl/transport_http.h \
    mod_qdn/ctl/words.c mod_qdn/ctl/words.h

EXTRA_DIST += mod_qdn/README.md
