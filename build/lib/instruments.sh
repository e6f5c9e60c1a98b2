# SPDX-License-Identifier: Apache-2.0
# The suites that watch the program while it runs: sanitizers, valgrind, gcov.
# t/400-single.t is what they watch in httpd, for $QDN_TEST_LOAD seconds.

: "${QDN_TEST_LOAD:=2}"
export QDN_TEST_LOAD

# Of the tests that make thousands of processes a sample.
QDN_TEST_QUICK=yes
export QDN_TEST_QUICK

# watched_build NAME [ARGUMENTS] - sets $watched and installs beside it.
watched_build()
{
    watched=$work/$1
    shift
    tree_configure "$source" "$watched" --enable-werror "$@" &&
        tree_make "$watched" &&
        make -C "$watched" -s install DESTDIR="$watched-inst" &&
        chmod -R a+rX "$watched-inst"
}

# watched_httpd FILE... - with what watched_build has installed.
watched_httpd()
{
    inst=$watched-inst httpd_suite event sqlite3 $(httpd_files "$*")
}

# Whatever an instrument reports goes into files of this directory.
reports_begin()
{
    reports=$work/reports-$1
    mkdir -p "$reports" && user_owns "$reports"
}

# reports_none LABEL - nothing was reported.
reports_none()
{
    found=$(find "$reports" -type f -size +0 | LC_ALL=C sort)
    for file in $found; do
        echo "# ${file##*/}"
        head -n 30 "$file" | sed 's/^/#   /'
    done
    [ -z "$found" ] || cp -R "$reports" "$logs"
    step "$1" test -z "$found"
}

# -- AddressSanitizer, LeakSanitizer, UndefinedBehaviorSanitizer --

watch_sanitizers()
{
    watched_build sanitizers --enable-sanitizers CFLAGS='-g -O1' &&
        reports_begin sanitizers &&
        gcc -shared -fPIC -o "$work/no_dlclose.so" \
            "$source/t/lib/no_dlclose.c" || return 1
    asan=detect_stack_use_after_return=1
    UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    ASAN_OPTIONS=$asan:detect_leaks=0
    export ASAN_OPTIONS UBSAN_OPTIONS
    status=0
    make_check "$watched" san-check \
        'TESTS=$(QDN_UNIT_TESTS) $(QDN_FUZZ_TARGETS)' || status=1

    asan=$asan:log_path=$reports/asan
    UBSAN_OPTIONS=$UBSAN_OPTIONS:log_path=$reports/ubsan
    QDN_TEST_PRELOAD=$(gcc -print-file-name=libasan.so):$work/no_dlclose.so
    export QDN_TEST_PRELOAD
    # Not t/120 and t/130: they start httpd themselves, or measure time. A
    # child that is told to end leaves its memory to the system.
    ASAN_OPTIONS=$asan:detect_leaks=0
    watched_httpd 't/0*.t t/1[01]*.t t/200*.t t/300*.t' || status=1
    ASAN_OPTIONS=$asan:detect_leaks=1
    watched_httpd 't/400*.t' || status=1
    reports_none "the sanitizers report nothing in httpd" || status=1
    return $status
}

# -- ThreadSanitizer --

# What is not instrumented (APR, httpd) orders its accesses unseen. Not
# test_torture and test_faults: they stand in front of malloc, where TSan is
# not ready for it. Not t/000-load.t: perl does not live under TSan.
watch_tsan()
{
    watched_build tsan --enable-sanitizers=thread CFLAGS='-g -O1' &&
        reports_begin tsan || return 1
    TSAN_OPTIONS=ignore_noninstrumented_modules=1:die_after_fork=0
    export TSAN_OPTIONS
    status=0
    make_check "$watched" tsan-check \
        'TESTS=$(filter-out %/test_torture %/test_faults,$(QDN_UNIT_TESTS))' || status=1

    TSAN_OPTIONS=$TSAN_OPTIONS:log_path=$reports/tsan
    QDN_TEST_PRELOAD=$(gcc -print-file-name=libtsan.so)
    export QDN_TEST_PRELOAD
    watched_httpd 't/400*.t' || status=1
    reports_none "ThreadSanitizer reports nothing in httpd" || status=1
    return $status
}

# -- valgrind --

watch_valgrind()
{
    packages_need valgrind && reports_begin valgrind || return 1
    QDN_TEST_WRAP="env -u TMPDIR valgrind --quiet --leak-check=full
        --show-leak-kinds=definite --errors-for-leak-kinds=definite
        --error-exitcode=42 --keep-debuginfo=yes
        --log-file=$reports/memcheck.%p"
    export QDN_TEST_WRAP
    status=0
    httpd_suite event sqlite3 $(httpd_files 't/400*.t') || status=1
    unset QDN_TEST_WRAP
    reports_none "memcheck reports nothing in httpd" || status=1
    return $status
}

# -- coverage --

# Of the rooms below httpd/: that one and ctl/ are tried as running programs.
coverage_lines=90
coverage_branches=80

watch_coverage()
{
    packages_need coverage || return 1
    watched=$work/coverage
    tree_configure "$source" "$watched" LDFLAGS=--coverage \
        CFLAGS='-g -O0 --coverage -fprofile-update=atomic' &&
        tree_make "$watched" &&
        gcc -c -o "$watched/gcov_exit.o" "$source/t/lib/gcov_exit.c" ||
        return 1
    status=0
    with_postgres coverage_check || status=1
    rm -f "$watched"/*-conftest.gcno
    (cd "$source" && gcovr -r . --object-directory "$watched" \
        --filter mod_qdn/ --exclude '.*/(httpd|ctl)/' \
        --txt "$logs/coverage-lines.txt" \
        --json-summary "$work/coverage.json" "$watched" &&
        gcovr -r . --object-directory "$watched" --branches \
            --filter mod_qdn/ --exclude '.*/(httpd|ctl)/' \
            --txt "$logs/coverage-branches.txt" "$watched") || return 1
    cat "$logs/coverage-lines.txt" "$logs/coverage-branches.txt"
    coverage_bar line lines $coverage_lines || status=1
    coverage_bar branch branches $coverage_branches || status=1
    return $status
}

coverage_check()
{
    QDN_TEST_DBDS="sqlite3|pgsql:$QDN_PG_DSN"
    export QDN_TEST_DBDS
    make -C "$watched" -s -j"$(nproc)" check TESTS= \
        "QDN_LDFLAGS=-Wl,--wrap=_exit $watched/gcov_exit.o" &&
        make_check "$watched" coverage-check
}

# coverage_bar line|branch PLURAL PERCENT - of everything together.
coverage_bar()
{
    is=$(perl -MJSON::PP -e 'local $/;
        print decode_json(<STDIN>)->{"$ARGV[0]_percent"}' \
        "$1" < "$work/coverage.json")
    step "of every 100 $2 are executed: $is, at least $3" \
        awk -v is="$is" -v bar="$3" 'BEGIN { exit !(is != "" && is >= bar) }'
}
