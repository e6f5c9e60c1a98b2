# SPDX-License-Identifier: Apache-2.0
# The suites of build/test, one function each. They find the copied sources
# in $source, the build in $build, what was installed in $inst, and count
# into $tally (tally.sh). Whatever they print goes to the suite's log.

# name|when: quick is in --quick, asked only if named|lane|what it shows
# Two lanes run side by side, for most tests wait. What uses $build must be
# in lane 1, and what shares a copy of the tests in one.
suites="
check|quick|1|unit tests, guards and the seeds of the fuzz targets
unit-pgsql||1|the unit tests of what speaks SQL, on SQLite and PostgreSQL
unit-mysql||1|the same on SQLite and MariaDB
httpd-event-pgsql||1|every Apache::Test file on PostgreSQL, MPM event
httpd-event-mysql||1|calls, children and the daemon on MariaDB, MPM event
httpd-worker||1|the smoke tests, t/[01]*.t, under MPM worker
httpd-prefork||1|the smoke tests under MPM prefork
install||2|make install puts every file where httpd and people look for it
httpd-event|quick|2|every Apache::Test file on SQLite, MPM event (quick: smoke)
browser||2|the dashboard in chromium, on SQLite and PostgreSQL
demo||2|build/demo from a bare tree, and its three call chains
readme||2|the commands and the configuration of README.md
clang||2|clang compiles everything without a warning
sanitizers||2|unit tests and httpd under AddressSanitizer and UBSan
tsan|asked|2|unit tests and httpd under ThreadSanitizer
valgrind|asked|2|every kind of call to one httpd process under memcheck
coverage|asked|2|lines and branches below httpd/ that the unit tests execute
faults||2|the fault campaign for a minute, see --faults
bench||1|build/bench --smoke: what it takes to measure still works
distcheck||1|make distcheck, and nothing is missing in the tarball
fuzz|asked|2|the fuzz targets with libFuzzer, ASan and UBSan, see --fuzz
"

# suite_lane NAME
suite_lane()
{
    printf '%s\n' "$suites" | awk -F'|' -v name="$1" '$1 == name { print $3 }'
}

# suite_names [quick|all] - those that run unasked, or in --quick, or all.
suite_names()
{
    printf '%s\n' "$suites" | awk -F'|' -v which="${1:-}" \
        '$1 == "" { next }
        which == "all" || (which == "" ? $2 != "asked" : $2 == which) {
            print $1 }'
}

# -- what is built once for all suites --

prepare_build()
{
    tree_copy "$checkout" "$source" &&
        tree_configure "$source" "$build" --enable-werror &&
        tree_make "$build"
}

# Where servers without rights can read it.
prepare_install()
{
    [ -d "$inst" ] && return 0
    make -C "$build" -s install DESTDIR="$inst" &&
        chmod -R a+rX "$inst"
}

# installed VARIABLE NAME - a file below the directory that make calls so.
installed()
{
    echo "$inst$(tree_variable "$build" "$1")/$2"
}

# -- make check --

suite_build()
{
    step "everything builds, and no warning" prepare_build
}

# make_check BUILD NAME [ARGUMENT] - run it, count it, show what failed.
make_check()
{
    status=0
    tree_make "$1" check TESTS= || return 1
    make -C "$1" -k check ${3:+"$3"} > "$work/$2" 2>&1 || status=$?
    cat "$work/$2"
    count_make_check "$work/$2"
    [ $status -eq 0 ] || cat "$1/test-suite.log"
    return $status
}

suite_check()
{
    QDN_TEST_QUICK=$quick
    export QDN_TEST_QUICK
    make_check "$build" check "-j$(nproc)"
}

suite_unit_pgsql()
{
    with_postgres check_databases pgsql
}

suite_unit_mysql()
{
    with_mariadb check_databases mysql
}

# check_databases DRIVER - with SQLite beside it.
check_databases()
{
    tests=$(cd "$source" && grep -lE '"(dbds|drain_scene)\.h"' t/unit/test_*.c)
    [ -n "$tests" ] || return 1
    QDN_TEST_DBDS="sqlite3|$1:$dsn"
    export QDN_TEST_DBDS
    make_check "$build" "unit-$1" \
        "TESTS=$(echo "$tests" | sed 's/\.c$//' | xargs)"
}

suite_install()
{
    step "make install" prepare_install || return
    for file in "$(installed moddir mod_qdn.so)" \
        "$(installed moddir qdn_sources.so)" \
        "$(installed bindir qdnctl)"; do
        step "$file is there" test -s "$file"
    done
    step "qdnctl runs where it was installed" \
        "$(installed bindir qdnctl)" --help
}

# -- a running httpd --

# Ports: the shared server on the first, private ones on the others.
: "${QDN_TEST_PORTS:=8540-8559}"

# httpd_suite MPM DATABASE FILE... - in a copy of the tests that belongs to
# nobody special, because Apache::Test refuses to run as root. Its server is
# started for t/000-load.t; the others have servers of their own.
httpd_suite()
{
    mpm=$1
    database=$2
    shift 2
    [ $# -gt 0 ] || return 1
    copy=$work/httpd-$mpm-$database
    mkdir -p "$copy" && cp -R "$source/t" "$source/build" "$source/conf" \
        "$copy" && user_owns "$copy" || return 1

    QDN_HTTPD=$(tree_variable "$build" HTTPD)
    QDN_HTTPD_MODULES=$("$(tree_variable "$build" APXS)" -q LIBEXECDIR)
    QDN_MODULE=${module:-$(installed moddir mod_qdn.so)}
    QDN_CTL=${ctl:-$(installed bindir qdnctl)}
    QDN_TEST_MPM=$mpm
    QDN_TEST_DATABASE=$database
    QDN_TEST_BASE_PORT=${QDN_TEST_PORTS%-*}
    PERL5LIB=$copy/t/lib
    export QDN_HTTPD QDN_HTTPD_MODULES QDN_MODULE QDN_CTL QDN_TEST_MPM \
        QDN_TEST_DATABASE QDN_TEST_PORTS QDN_TEST_BASE_PORT PERL5LIB
    sh "$source/build/lib/base_conf.sh" "$QDN_HTTPD" "$QDN_HTTPD_MODULES" \
        "$mpm" > "$copy/base.conf" || return 1

    : > "$copy/tally"
    user_owns "$copy/tally"
    status=0
    case " $*" in
    *" t/000-"*)
        at_exit stop_apache_test
        apache_test -start-httpd || status=1 ;;
    esac
    [ $status -ne 0 ] ||
        (cd "$copy" && as_user perl build/lib/prove.pl "$copy/tally" "$@") ||
        status=1
    stop_apache_test || status=1
    cat "$copy/tally" >> "$tally"
    if [ $status -ne 0 ]; then
        mkdir -p "$logs/httpd-$mpm-$database"
        (cd "$copy/t" && tar -cf - logs run 2>/dev/null) |
            tar -C "$logs/httpd-$mpm-$database" -xf - 2>/dev/null
    fi
    return $status
}

apache_test()
{
    apxs=$(tree_variable "$build" APXS)
    (cd "$copy" && as_user env APACHE_TEST_STARTUP_TIMEOUT=15 \
        ${QDN_TEST_PRELOAD:+LD_PRELOAD="$QDN_TEST_PRELOAD"} \
        perl t/TEST.PL -httpd "$QDN_HTTPD" -apxs "$apxs" \
        -httpd_conf "$copy/base.conf" -port "$QDN_TEST_BASE_PORT" \
        -servername 127.0.0.1 "$@")
}

stop_apache_test()
{
    [ ! -s "$copy/t/logs/httpd.pid" ] || apache_test -stop-httpd
}

# with_postgres COMMAND... - while a private PostgreSQL runs on the last port.
with_postgres()
{
    with_server pg QDN_PG_DSN "$@"
}

with_mariadb()
{
    with_server mariadb QDN_MARIADB_DSN "$@"
}

# with_server NAME VARIABLE COMMAND... - started and stopped by t/lib/NAME.sh,
# with its DBDParams in VARIABLE.
with_server()
{
    server=$1
    port=${QDN_TEST_PORTS#*-}
    dsn=$(sh "$source/t/lib/$server.sh" start "$work/$server-$port" \
        "$port") || return 1
    export "$2=$dsn"
    shift 2
    at_exit stop_server
    "$@"
}

stop_server()
{
    sh "$source/t/lib/$server.sh" stop "$work/$server-$port"
}

# What every MPM and build must pass, and --quick runs.
smoke='t/[01]*.t'

# Which files a server suite runs: those named on the command line, or these.
httpd_files()
{
    (cd "$source" && printf '%s\n' ${files:-$1} | LC_ALL=C sort)
}

suite_httpd_event()
{
    [ "$quick" = yes ] && every=$smoke || every='t/*.t'
    prepare_install && httpd_suite event sqlite3 $(httpd_files "$every")
}

suite_httpd_worker()
{
    prepare_install && httpd_suite worker sqlite3 $(httpd_files "$smoke")
}

suite_httpd_prefork()
{
    prepare_install && httpd_suite prefork sqlite3 $(httpd_files "$smoke")
}

suite_httpd_event_pgsql()
{
    prepare_install || return 1
    with_postgres httpd_suite event pgsql $(httpd_files 't/*.t')
}

# What of a call and its ways into SQL depends on the database. Not 320: what
# it does to a database is said in PostgreSQL's words and SQLite's.
suite_httpd_event_mysql()
{
    prepare_install || return 1
    with_mariadb httpd_suite event mysql \
        $(httpd_files 't/1*.t t/2*.t t/3[013-9]*.t')
}

# -- what people see --

suite_browser()
{
    . "$checkout/build/lib/browser.sh"
    prepare_install && browser_run
}

# -- everything fails that can --

suite_faults()
{
    . "$checkout/build/lib/faults.sh"
    prepare_install && faults_run
}

# -- the two commands, as a newcomer meets them --

suite_demo()
{
    fresh=$work/fresh
    tree_copy "$source" "$fresh" || return 1
    step "build/demo --exit: every chain is the expected one" \
        env XDG_CACHE_HOME="$work/cache" "$fresh/build/demo" --exit \
        --port "${QDN_TEST_PORTS%-*}" --state "$work/demo"
}

suite_readme()
{
    prepare_install && . "$source/build/lib/readme.sh" && readme_check
}

# -- other compilers and flags --

suite_clang()
{
    tree_configure "$source" "$work/clang" --enable-werror CC=clang ||
        return 1
    step "clang compiles the products" tree_make "$work/clang"
    step "clang compiles the tests" tree_make "$work/clang" check TESTS=
}

# -- watched while it runs --

suite_sanitizers()
{
    . "$checkout/build/lib/instruments.sh"
    watch_sanitizers
}

suite_tsan()
{
    . "$checkout/build/lib/instruments.sh"
    watch_tsan
}

suite_valgrind()
{
    . "$checkout/build/lib/instruments.sh"
    prepare_install && watch_valgrind
}

suite_coverage()
{
    . "$checkout/build/lib/instruments.sh"
    watch_coverage
}

suite_bench()
{
    step "build/bench --smoke" env XDG_CACHE_HOME="$work/cache-bench" \
        QDN_TEST_PORTS="$QDN_TEST_PORTS" "$source/build/bench" --smoke
}

suite_distcheck()
{
    mkdir -p "$work/distcheck"
    tree_configure "$source" "$work/distcheck" --enable-werror || return 1
    step "make distcheck" make -C "$work/distcheck" -s distcheck || return
    xz -dc "$work"/distcheck/mod_qdn-*.tar.xz | tar -tf - |
        sed 's,^[^/]*/,,' | LC_ALL=C sort > "$work/in-tarball"
    grep -vE '^\.(ci/|gitignore$)|\.gitkeep$' "$source.files" |
        LC_ALL=C comm -23 - "$work/in-tarball" > "$work/not-in-tarball"
    sed 's/^/# not in the tarball: /' "$work/not-in-tarball"
    step "the tarball holds every file of the sources" \
        test ! -s "$work/not-in-tarball"
}

# -- fuzzing --

: "${fuzz_seconds:=60}"

suite_fuzz()
{
    . "$checkout/build/lib/fuzz.sh"
    step "clang builds every fuzz target" fuzz_build && fuzz_all
}
