# SPDX-License-Identifier: Apache-2.0
# What `make check` runs, and what build/test runs beside it. To add a test,
# write the file and add its line to one of the four lists.

# t/unit/test_<noun>.c: one cmocka program. It sees every room but httpd/ and
# links what the module links.
QDN_UNIT_TESTS =
QDN_UNIT_TESTS += t/unit/test_command_output
QDN_UNIT_TESTS += t/unit/test_source
QDN_UNIT_TESTS += t/unit/test_keyring
QDN_UNIT_TESTS += t/unit/test_dotenv
QDN_UNIT_TESTS += t/unit/test_credential
QDN_UNIT_TESTS += t/unit/test_text
QDN_UNIT_TESTS += t/unit/test_sid
QDN_UNIT_TESTS += t/unit/test_status
QDN_UNIT_TESTS += t/unit/test_parse
QDN_UNIT_TESTS += t/unit/test_log
QDN_UNIT_TESTS += t/unit/test_e164
QDN_UNIT_TESTS += t/unit/test_digest
QDN_UNIT_TESTS += t/unit/test_crc32c
QDN_UNIT_TESTS += t/unit/test_counter
QDN_UNIT_TESTS += t/unit/test_clock
QDN_UNIT_TESTS += t/unit/test_cascade
QDN_UNIT_TESTS += t/unit/test_engaged
QDN_UNIT_TESTS += t/unit/test_finding
QDN_UNIT_TESTS += t/unit/test_judge
t_unit_test_judge_SOURCES = t/unit/test_judge.c \
    t/unit/judge_scene.c t/unit/judge_scene.h
QDN_UNIT_TESTS += t/unit/test_lookout
t_unit_test_lookout_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=qdn_clock_mono,--wrap=munmap
QDN_UNIT_TESTS += t/unit/test_snapshot
t_unit_test_snapshot_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=write,--wrap=fsync,--wrap=rename
QDN_UNIT_TESTS += t/unit/test_standing
QDN_UNIT_TESTS += t/unit/test_cases
t_unit_test_cases_SOURCES = t/unit/test_cases.c \
    t/unit/case_known.c t/unit/case_known.h
t_unit_test_cases_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/mod_qdn/ctl
t_unit_test_cases_LDADD = libplayer.la $(LDADD)
EXTRA_DIST += t/cases
QDN_UNIT_TESTS += t/unit/test_player
t_unit_test_player_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/mod_qdn/ctl
t_unit_test_player_LDADD = libplayer.la $(LDADD)
QDN_UNIT_TESTS += t/unit/test_twiml_doc
t_unit_test_twiml_doc_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/mod_qdn/ctl
t_unit_test_twiml_doc_LDADD = libplayer.la $(LDADD)
QDN_UNIT_TESTS += t/unit/test_control
QDN_UNIT_TESTS += t/unit/test_csv
QDN_UNIT_TESTS += t/unit/test_daemon
t_unit_test_daemon_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=mkdir
QDN_UNIT_TESTS += t/unit/test_health
QDN_UNIT_TESTS += t/unit/test_gate
QDN_UNIT_TESTS += t/unit/test_foretell
t_unit_test_foretell_SOURCES = t/unit/test_foretell.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_form
QDN_UNIT_TESTS += t/unit/test_hours
QDN_UNIT_TESTS += t/unit/test_challenge
QDN_UNIT_TESTS += t/unit/test_facts
t_unit_test_facts_SOURCES = t/unit/test_facts.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_feed
t_unit_test_feed_SOURCES = t/unit/test_feed.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_plan
t_unit_test_plan_SOURCES = t/unit/test_plan.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_plan_json
t_unit_test_plan_json_SOURCES = t/unit/test_plan_json.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_settings
t_unit_test_settings_SOURCES = t/unit/test_settings.c \
    t/unit/settings_cases.c t/unit/settings_cases.h
QDN_UNIT_TESTS += t/unit/test_progress
QDN_UNIT_TESTS += t/unit/test_reason
QDN_UNIT_TESTS += t/unit/test_voice
QDN_UNIT_TESTS += t/unit/test_screen
QDN_UNIT_TESTS += t/unit/test_rights
t_unit_test_rights_SOURCES = t/unit/test_rights.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_veil
t_unit_test_veil_SOURCES = t/unit/test_veil.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_recall
t_unit_test_recall_SOURCES = t/unit/test_recall.c $(RECALL_TABLE)
t_unit_test_recall_LDFLAGS = $(RECALL_WRAP)
QDN_UNIT_TESTS += t/unit/test_recall_crowd
t_unit_test_recall_crowd_SOURCES = t/unit/test_recall_crowd.c $(RECALL_TABLE)
t_unit_test_recall_crowd_LDFLAGS = $(RECALL_WRAP)
RECALL_TABLE = t/unit/recall_table.c t/unit/recall_table.h
RECALL_WRAP = $(AM_LDFLAGS) -Wl,--wrap=qdn_clock_mono
QDN_UNIT_TESTS += t/unit/test_signature
QDN_UNIT_TESTS += t/unit/test_twiml
t_unit_test_twiml_CPPFLAGS = $(AM_CPPFLAGS) $(XML_CFLAGS)
t_unit_test_twiml_LDADD = $(LDADD) $(XML_LIBS)
QDN_UNIT_TESTS += t/unit/test_webhook
QDN_UNIT_TESTS += t/unit/test_zone
QDN_UNIT_TESTS += t/unit/test_audit
t_unit_test_audit_SOURCES = t/unit/test_audit.c t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_calls
QDN_UNIT_TESTS += t/unit/test_chain
QDN_UNIT_TESTS += t/unit/test_detail
QDN_UNIT_TESTS += t/unit/test_drain
t_unit_test_drain_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=qdn_clock_mono
QDN_UNIT_TESTS += t/unit/test_drain_crash
QDN_UNIT_TESTS += t/unit/test_event
QDN_UNIT_TESTS += t/unit/test_journal
t_unit_test_journal_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=writev,--wrap=fdatasync,--wrap=openat,--wrap=ftruncate
QDN_UNIT_TESTS += t/unit/test_meter
QDN_UNIT_TESTS += t/unit/test_metrics
QDN_UNIT_TESTS += t/unit/test_now
t_unit_test_now_SOURCES = t/unit/test_now.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_outbox
t_unit_test_outbox_LDFLAGS = $(AM_LDFLAGS) \
    -Wl,--wrap=pthread_create,--wrap=qdn_clock_mono
QDN_UNIT_TESTS += t/unit/test_pace
QDN_UNIT_TESTS += t/unit/test_ring
QDN_UNIT_TESTS += t/unit/test_sources
t_unit_test_sources_SOURCES = t/unit/test_sources.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_standings
t_unit_test_standings_SOURCES = t/unit/test_standings.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_archive
t_unit_test_archive_SOURCES = t/unit/test_archive.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_sentence
t_unit_test_sentence_SOURCES = t/unit/test_sentence.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_until
QDN_UNIT_TESTS += t/unit/test_reader
t_unit_test_reader_SOURCES = t/unit/test_reader.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_roster
t_unit_test_roster_SOURCES = t/unit/test_roster.c t/unit/house.h
QDN_UNIT_TESTS += t/unit/test_revisions
t_unit_test_revisions_SOURCES = t/unit/test_revisions.c t/unit/house.h \
    t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_segment
QDN_UNIT_TESTS += t/unit/test_retention
QDN_UNIT_TESTS += t/unit/test_million
t_unit_test_million_SOURCES = t/unit/test_million.c \
    t/unit/many_calls.c t/unit/many_calls.h
QDN_UNIT_TESTS += t/unit/test_reports
t_unit_test_reports_SOURCES = t/unit/test_reports.c t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_rollup
t_unit_test_rollup_SOURCES = t/unit/test_rollup.c t/unit/store_scene.h \
    t/unit/sums.c t/unit/sums.h
QDN_UNIT_TESTS += t/unit/test_schema
t_unit_test_schema_SOURCES = t/unit/test_schema.c t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_store
t_unit_test_store_SOURCES = t/unit/test_store.c t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_supersede
QDN_UNIT_TESTS += t/unit/test_writer
QDN_UNIT_TESTS += t/unit/test_caldav
t_unit_test_caldav_CPPFLAGS = $(t_unit_test_ics_CPPFLAGS)
t_unit_test_caldav_LDADD = libsources.la $(LDADD)
QDN_UNIT_TESTS += t/unit/test_ics
t_unit_test_ics_CPPFLAGS = $(AM_CPPFLAGS) \
    -iquote $(srcdir)/mod_qdn/availability
t_unit_test_ics_LDADD = libsources.la $(LDADD)
QDN_UNIT_TESTS += t/unit/test_quarantine
QDN_UNIT_TESTS += t/unit/test_refresh
t_unit_test_refresh_SOURCES = t/unit/test_refresh.c $(REFRESH_SCENE)
t_unit_test_refresh_CPPFLAGS = $(AM_CPPFLAGS) $(REFRESH_VERSION)
t_unit_test_refresh_LDADD = libsources.la $(LDADD)
QDN_UNIT_TESTS += t/unit/test_google
t_unit_test_google_LDADD = libsources.la $(LDADD)
QDN_UNIT_TESTS += t/unit/test_google_desk
t_unit_test_google_desk_SOURCES = t/unit/test_google_desk.c $(REFRESH_SCENE)
t_unit_test_google_desk_CPPFLAGS = $(AM_CPPFLAGS) $(REFRESH_VERSION)
t_unit_test_google_desk_LDADD = libsources.la $(LDADD) $(CRYPTO_LIBS)
REFRESH_VERSION = -DQDN_VERSION=\"$(PACKAGE_VERSION)\"
REFRESH_SCENE = t/unit/outside.c t/unit/outside.h \
    t/unit/refresh_scene.c t/unit/refresh_scene.h
QDN_UNIT_TESTS += t/unit/test_forget
t_unit_test_forget_SOURCES = t/unit/test_forget.c t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_herald
t_unit_test_herald_SOURCES = t/unit/test_herald.c t/unit/store_scene.h
QDN_UNIT_TESTS += t/unit/test_redact
QDN_UNIT_TESTS += t/unit/test_faults
t_unit_test_faults_SOURCES = t/unit/test_faults.c \
    t/unit/faults.c t/unit/faults.h
QDN_UNIT_TESTS += t/unit/test_torture
t_unit_test_torture_SOURCES = t/unit/test_torture.c \
    t/unit/faults.c t/unit/faults.h
t_unit_test_torture_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=qdn_clock_mono \
    -Wl,--wrap=abort

# t/fuzz/fuzz_<noun>.c defines LLVMFuzzerTestOneInput; t/fuzz/replay.c feeds
# it the seeds in t/fuzz/corpus/<noun>/.
QDN_FUZZ_TARGETS =
QDN_FUZZ_TARGETS += t/fuzz/fuzz_dotenv
QDN_FUZZ_TARGETS += t/fuzz/fuzz_event
QDN_FUZZ_TARGETS += t/fuzz/fuzz_feeds
t_fuzz_fuzz_feeds_LDADD = libsources.la $(LDADD)
QDN_FUZZ_TARGETS += t/fuzz/fuzz_form
QDN_FUZZ_TARGETS += t/fuzz/fuzz_hours
QDN_FUZZ_TARGETS += t/fuzz/fuzz_progress
QDN_FUZZ_TARGETS += t/fuzz/fuzz_service
t_fuzz_fuzz_service_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/mod_qdn/ctl
t_fuzz_fuzz_service_LDADD = libplayer.la $(LDADD)
QDN_FUZZ_TARGETS += t/fuzz/fuzz_settings
QDN_FUZZ_TARGETS += t/fuzz/fuzz_signature
QDN_FUZZ_TARGETS += t/fuzz/fuzz_snapshot
QDN_FUZZ_TARGETS += t/fuzz/fuzz_twiml
t_fuzz_fuzz_twiml_CPPFLAGS = $(AM_CPPFLAGS) -iquote $(srcdir)/mod_qdn/ctl
t_fuzz_fuzz_twiml_LDADD = libplayer.la $(LDADD)
QDN_FUZZ_TARGETS += t/fuzz/fuzz_webhook
QDN_FUZZ_TARGETS += t/fuzz/fuzz_words
EXTRA_DIST += t/fuzz/README.md t/fuzz/corpus t/fuzz/dict
EXTRA_DIST += t/fuzz/exact_pool.h t/fuzz/fuzz.h

# Scripts that print TAP: guards, and tests of qdnctl without a server.
QDN_SCRIPT_TESTS =
QDN_SCRIPT_TESTS += t/ctl/credentials.pl
QDN_SCRIPT_TESTS += t/ctl/record.pl
QDN_SCRIPT_TESTS += t/ctl/sign.pl
QDN_SCRIPT_TESTS += t/ctl/usage.pl
QDN_SCRIPT_TESTS += t/ics/recurrence.py
QDN_SCRIPT_TESTS += t/guards/conf_reference.sh
QDN_SCRIPT_TESTS += t/guards/exported_symbol.sh
QDN_SCRIPT_TESTS += t/guards/hygiene.sh
QDN_SCRIPT_TESTS += t/guards/layers.sh
QDN_SCRIPT_TESTS += t/guards/log_tags.sh
QDN_SCRIPT_TESTS += t/guards/openapi.sh
QDN_SCRIPT_TESTS += t/guards/phone_numbers.sh
QDN_SCRIPT_TESTS += t/guards/readme.sh
QDN_SCRIPT_TESTS += t/guards/registered.sh
QDN_SCRIPT_TESTS += t/guards/sizes.sh
QDN_SCRIPT_TESTS += t/guards/spdx.sh
QDN_SCRIPT_TESTS += t/guards/test_runner.sh
QDN_SCRIPT_TESTS += t/guards/top_level.sh

# Apache::Test files. They need a running httpd, so build/test runs them.
QDN_HTTPD_TESTS =
QDN_HTTPD_TESTS += t/000-load.t
QDN_HTTPD_TESTS += t/200-cases.t
QDN_HTTPD_TESTS += t/210-simulate.t
QDN_HTTPD_TESTS += t/100-webhooks.t
QDN_HTTPD_TESTS += t/110-signature.t
QDN_HTTPD_TESTS += t/120-config.t
QDN_HTTPD_TESTS += t/130-size.t
QDN_HTTPD_TESTS += t/140-docroot.t
QDN_HTTPD_TESTS += t/300-child.t
QDN_HTTPD_TESTS += t/310-daemon.t
QDN_HTTPD_TESTS += t/315-restart.t
QDN_HTTPD_TESTS += t/320-database.t
QDN_HTTPD_TESTS += t/330-restart-time.t
QDN_HTTPD_TESTS += t/340-mpm.t
QDN_HTTPD_TESTS += t/350-disk.t
QDN_HTTPD_TESTS += t/360-disk-errors.t
QDN_HTTPD_TESTS += t/361-two-hosts.t
QDN_HTTPD_TESTS += t/362-clock.t
QDN_HTTPD_TESTS += t/363-moved.t
QDN_HTTPD_TESTS += t/370-overload.t
QDN_HTTPD_TESTS += t/380-slow-database.t
QDN_HTTPD_TESTS += t/400-single.t
QDN_HTTPD_TESTS += t/500-availability.t
QDN_HTTPD_TESTS += t/510-explain.t
QDN_HTTPD_TESTS += t/520-rules.t
QDN_HTTPD_TESTS += t/530-feeds.t
QDN_HTTPD_TESTS += t/540-status.t
QDN_HTTPD_TESTS += t/610-audit.t
QDN_HTTPD_TESTS += t/550-radicale.t
QDN_HTTPD_TESTS += t/620-archive.t
QDN_HTTPD_TESTS += t/630-metrics.t
QDN_HTTPD_TESTS += t/640-health.t
QDN_HTTPD_TESTS += t/650-api.t

# The dashboard in a browser: the suite "browser" of build/test runs them.
QDN_BROWSER_TESTS =
QDN_BROWSER_TESTS += t/browser/office.t
QDN_BROWSER_TESTS += t/browser/hostile.t
QDN_BROWSER_TESTS += t/browser/faults.t
EXTRA_DIST += t/browser

# No program of the product lacks its own _CPPFLAGS, so these are the tests'.
AM_CPPFLAGS = $(Q_SERVICE) -iquote $(srcdir)/t/unit \
    $(APU_CFLAGS) $(JSONC_CFLAGS) $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
LDADD = libfixture.la libqdn.la libreplay.la $(JSONC_LIBS) $(CMOCKA_LIBS)

# What several unit tests stand on.
check_LTLIBRARIES += libfixture.la
libfixture_la_SOURCES = \
    t/unit/conf_reader.c t/unit/conf_reader.h \
    t/unit/dbds.c t/unit/dbds.h \
    t/unit/drain_scene.c t/unit/drain_scene.h \
    t/unit/office.c t/unit/office.h

# A program without main() of its own, a fuzz target, gets this one.
check_LTLIBRARIES += libreplay.la
libreplay_la_SOURCES = t/fuzz/replay.c

# Everything speaks TAP, and finds its surroundings in QDN_*.
TEST_EXTENSIONS = .sh .pl .py
QDN_TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
    $(top_srcdir)/build/aux/tap-driver.sh
LOG_DRIVER = $(QDN_TAP_DRIVER)
SH_LOG_DRIVER = $(QDN_TAP_DRIVER)
PL_LOG_DRIVER = $(QDN_TAP_DRIVER)
PL_LOG_COMPILER = $(PERL)
PY_LOG_DRIVER = $(QDN_TAP_DRIVER)
PY_LOG_COMPILER = $(PYTHON)
AM_TESTS_ENVIRONMENT = \
    QDN_SRCDIR='$(abs_top_srcdir)'; export QDN_SRCDIR; \
    QDN_BUILDDIR='$(abs_top_builddir)'; export QDN_BUILDDIR; \
    QDN_LIBQDN='$(abs_top_builddir)/.libs/libqdn.a'; export QDN_LIBQDN; \
    QDN_MODULE='$(abs_top_builddir)/.libs/mod_qdn.so'; export QDN_MODULE; \
    QDN_CTL='$(abs_top_builddir)/qdnctl'; export QDN_CTL; \
    QDN_HTTPD_INCLUDEDIR='$(HTTPD_INCLUDEDIR)'; export QDN_HTTPD_INCLUDEDIR; \
    QDN_LISTED='$(QDN_UNIT_TESTS) $(QDN_FUZZ_TARGETS) $(QDN_SCRIPT_TESTS) \
        $(QDN_HTTPD_TESTS) $(QDN_BROWSER_TESTS)'; export QDN_LISTED; \
    QDN_CC='$(CC)'; export QDN_CC; \
    QDN_CPPFLAGS_base='$(libbase_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_secrets='$(libsecrets_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_twilio='$(libtwilio_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_routing='$(librouting_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_availability='$(libavailability_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_record='$(librecord_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_service='$(libservice_la_CPPFLAGS)'; \
    QDN_CPPFLAGS_ctl='$(qdnctl_CPPFLAGS)'; \
    QDN_CPPFLAGS_httpd='$(mod_qdn_la_CPPFLAGS)'; \
    export QDN_CPPFLAGS_base QDN_CPPFLAGS_secrets QDN_CPPFLAGS_twilio \
        QDN_CPPFLAGS_availability \
        QDN_CPPFLAGS_routing QDN_CPPFLAGS_record QDN_CPPFLAGS_service \
        QDN_CPPFLAGS_ctl QDN_CPPFLAGS_httpd;

# What t/guards/conf_reference.sh compares conf/qdn.conf with.
check_PROGRAMS += t/unit/list_settings

# What t/ics/recurrence.py asks.
check_PROGRAMS += t/ics/ics_spans
t_ics_ics_spans_CPPFLAGS = $(Q_AVAILABILITY)
t_ics_ics_spans_LDADD = libsources.la libqdn.la

# What build/bench compares with, and the call path without httpd. Nobody
# else needs them: `make bench-programs`.
EXTRA_LTLIBRARIES = mod_bare.la
mod_bare_la_SOURCES = t/bench/mod_bare.c
mod_bare_la_CPPFLAGS = $(Q_HTTPD)
mod_bare_la_LDFLAGS = $(AM_LDFLAGS) -module -avoid-version -shared \
    -rpath $(moddir)
EXTRA_PROGRAMS = t/bench/call_path
bench-programs: mod_bare.la t/bench/call_path
.PHONY: bench-programs
EXTRA_DIST += t/faults/campaign.pl
EXTRA_DIST += t/bench/run.pl t/bench/voice.form t/bench/webhooks.lua

if HAVE_CMOCKA
check_PROGRAMS += $(QDN_UNIT_TESTS) $(QDN_FUZZ_TARGETS)
TESTS += $(QDN_UNIT_TESTS) $(QDN_FUZZ_TARGETS)
else
check-local:
	@echo "configure did not find cmocka, so nothing was tested." >&2
	@echo "Install it (Debian: libcmocka-dev) and configure again." >&2
	@exit 1
endif
TESTS += $(QDN_SCRIPT_TESTS)
EXTRA_DIST += t/data/dotenv-cases.json
EXTRA_DIST += t/data/signature-vectors.json
EXTRA_DIST += $(QDN_SCRIPT_TESTS) $(QDN_HTTPD_TESTS) \
    t/README.md t/TEST.PL t/conf/httpd.conf.in t/conf/extra.conf.in t/faults t/lib \
    build/lib build/bench build/demo build/test
