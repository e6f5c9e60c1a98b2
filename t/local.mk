# SPDX-License-Identifier: Apache-2.0
# What `make check` runs. Everything speaks TAP. Tests find the sources in
# $QDN_SRCDIR and what was built in $QDN_BUILDDIR.

TEST_EXTENSIONS = .sh .pl
QDN_TAP_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) \
    $(top_srcdir)/build/aux/tap-driver.sh
LOG_DRIVER = $(QDN_TAP_DRIVER)
SH_LOG_DRIVER = $(QDN_TAP_DRIVER)
PL_LOG_DRIVER = $(QDN_TAP_DRIVER)
PL_LOG_COMPILER = $(PERL)
AM_TESTS_ENVIRONMENT = \
    QDN_SRCDIR='$(abs_top_srcdir)'; QDN_BUILDDIR='$(abs_top_builddir)'; \
    export QDN_SRCDIR QDN_BUILDDIR;

# Unit tests: t/unit/test_<noun>.c is one cmocka program. It sees every room
# but httpd/ and links what the module links. To add one, add its line here.
QDN_UNIT_TESTS =

# Fuzz targets: t/fuzz/fuzz_<noun>.c has LLVMFuzzerTestOneInput; here its
# seeds in t/fuzz/corpus/<noun>/ are replayed by t/fuzz/replay.c.
QDN_FUZZ_TARGETS =

# Scripts that print TAP: guards, and tests of qdnctl without httpd.
QDN_SCRIPT_TESTS =

# No program of our own lacks _CPPFLAGS but the tests, so this is theirs.
AM_CPPFLAGS = $(Q_SERVICE) -iquote $(srcdir)/t/unit \
    $(APU_CFLAGS) $(JSONC_CFLAGS) $(CRYPTO_CFLAGS) $(CMOCKA_CFLAGS)
LDADD = libqdn.la $(CMOCKA_LIBS)

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
EXTRA_DIST += $(QDN_SCRIPT_TESTS)
