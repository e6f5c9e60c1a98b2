# SPDX-License-Identifier: Apache-2.0
# The fuzz targets with libFuzzer, AddressSanitizer and UBSan: each for
# $fuzz_seconds seconds from its seeds, as many at a time as there are
# processors. What is found stays in $logs/fuzz if it breaks a target, else it
# is thrown away.

fuzz_build()
{
    tree_configure "$source" "$work/fuzz" CC=clang CFLAGS='-g -O1' \
        --enable-sanitizers=address,undefined,fuzzer-no-link || return 1
    fuzz_targets=$(tree_variable "$work/fuzz" QDN_FUZZ_TARGETS)
    # shellcheck disable=SC2086
    [ -n "$fuzz_targets" ] && make -C "$work/fuzz" -s -j"$(nproc)" \
        QDN_LDFLAGS=-fsanitize=address,undefined,fuzzer $fuzz_targets
}

# fuzz_run NOUN - leaves NOUN.log and the inputs that break it.
fuzz_run()
{
    mkdir -p "$work/found/$1"
    dict=$source/t/fuzz/dict/$1.dict
    [ -f "$dict" ] || dict=
    ASAN_OPTIONS=detect_stack_use_after_return=1:quarantine_size_mb=8 \
        UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
        "$work/fuzz/t/fuzz/fuzz_$1" -max_total_time="$fuzz_seconds" \
        -max_len=4096 -timeout=20 -rss_limit_mb=1024 -print_final_stats=1 \
        ${dict:+-dict="$dict"} -artifact_prefix="$logs/fuzz/$1-" \
        "$work/found/$1" "$source/t/fuzz/corpus/$1" \
        > "$logs/fuzz/$1.log" 2>&1
    echo "exit status $?" >> "$logs/fuzz/$1.log"
}

# fuzz_figures LOG - "EXECUTIONS A-SECOND EDGES INPUTS STATUS", 0 where the
# log does not say.
fuzz_figures()
{
    awk '/^stat::number_of_executed_units:/ { runs = $2 }
         /^stat::average_exec_per_sec:/ { speed = $2 }
         /^exit status / { status = $3; ended = 1 }
         / cov: / { for (i = 1; i < NF; i++) {
             if ($i == "cov:") edges = $(i + 1)
             if ($i == "corp:") inputs = $(i + 1) } }
         END { print runs + 0, speed + 0, edges + 0, inputs + 0,
             ended ? status : 1 }' "$1"
}

# fuzz_judge NOUN - a target that only replayed its seeds, and the empty input
# as libFuzzer always does, was not fuzzed.
fuzz_judge()
{
    noun=$1
    replayed=$(find "$source/t/fuzz/corpus/$noun" -type f | wc -l)
    replayed=$((replayed + 1))
    # shellcheck disable=SC2046
    set -- $(fuzz_figures "$logs/fuzz/$noun.log")
    printf '%-10s %10d executions %8d/s %6d edges %6d inputs\n' \
        "$noun" "$1" "$2" "$3" "$4" >> "$figures"
    if [ "$5" -eq 0 ] && [ "$1" -gt $replayed ]; then
        echo "ok - fuzz_$noun: $1 executions"
        count 1 0
        return
    fi
    echo "not ok - fuzz_$noun: exit status $5 after $1 executions"
    grep -hE 'not true|ERROR: |SUMMARY: |runtime error' \
        "$logs/fuzz/$noun.log" | head -n 4 | sed 's/^/# /'
    for input in "$logs/fuzz/$noun-"*; do
        [ ! -f "$input" ] || echo "# fails with $input"
    done
    count 0 1
    return 1
}

fuzz_all()
{
    mkdir -p "$logs/fuzz"
    started=0
    for target in $fuzz_targets; do
        fuzz_run "${target#t/fuzz/fuzz_}" &
        started=$((started + 1))
        [ $((started % $(nproc))) -ne 0 ] || wait
    done
    wait
    status=0
    for target in $fuzz_targets; do
        fuzz_judge "${target#t/fuzz/fuzz_}" || status=1
    done
    return $status
}
