#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The test of the tests: whatever did not run must not look like success.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
need "$QDN_SRCDIR/build/lib/prove.pl" "$QDN_SRCDIR/build/lib/tally.sh" \
    "$QDN_SRCDIR/build/lib/fuzz.sh"
. "$QDN_SRCDIR/build/lib/tally.sh"
. "$QDN_SRCDIR/build/lib/fuzz.sh"

# proves TAP-PRINTING-PERL WANTED LABEL
proves()
{
    printf '%s\n' "$1" > "$tap_dir/case.t"
    : > "$tap_dir/tally"
    perl "$QDN_SRCDIR/build/lib/prove.pl" "$tap_dir/tally" "$tap_dir/case.t" \
        > "$tap_dir/out" 2>&1
    set -- "$1" "$2" "$3" $?
    is "$(cat "$tap_dir/tally"), exit $4" "$2" "$3"
}

proves 'print "ok 1\nok 2\n1..2\n"' "2 0, exit 0" "prove.pl: two checks pass"
proves 'print "not ok 1\n1..1\n"; exit 1' "0 1, exit 1" "a check that fails"
proves '' "0 2, exit 1" "no output is a failure"
proves 'print "1..0\n"' "0 1, exit 1" "an empty plan is a failure"
proves 'print "1..0 # SKIP no module\n"' "0 1, exit 1" \
    "a skipped file is a failure"
proves 'print "1..2\nok 1\nok 2 # skip later\n"' "2 1, exit 1" \
    "a skipped check is a failure"
proves 'print "1..3\nok 1\n"' "1 1, exit 1" \
    "fewer checks than planned is a failure"
proves 'print "ok 1\n"' "1 1, exit 1" "no plan is a failure"
proves 'print "1..1\nok 1\n"; exit 3' "1 1, exit 1" \
    "an odd exit status is a failure"
proves '$| = 1; print "1..1\nok 1\n"; kill 9, $$' "1 1, exit 1" \
    "being killed after the last check is a failure"

# sums TALLY STATUS WANTED LABEL
sums()
{
    printf '%s' "$1" > "$tap_dir/tally"
    is "$(tally_sum "$tap_dir/tally" "$2")" "$3" "$4"
}
sums "3 0
2 1
" 1 "5 1" "a suite is the sum of its parts"
sums "" 0 "0 1" "a suite that counted nothing has failed"
sums "7 0
" 1 "7 1" "a suite that broke off has failed"

tally=$tap_dir/check
: > "$tally"
printf '%s\n' '# TOTAL: 9' '# PASS:  5' '# SKIP:  1' '# FAIL:  2' \
    '# ERROR: 1' > "$tap_dir/summary"
count_make_check "$tap_dir/summary"
echo "make: *** No rule to make target 'check'." > "$tap_dir/summary"
count_make_check "$tap_dir/summary"
is "$(xargs < "$tally")" "5 4 0 1" \
    "make check: skips count as failures, and so does no summary"

# judges LOG WANTED LABEL - of what libFuzzer printed about three seeds.
source=$tap_dir/source
logs=$tap_dir/logs
figures=$tap_dir/figures
mkdir -p "$logs/fuzz" "$source/t/fuzz/corpus/noun"
for seed in 1 2 3; do
    echo $seed > "$source/t/fuzz/corpus/noun/$seed"
done
judges()
{
    printf '%s\n' "$1" > "$logs/fuzz/noun.log"
    : > "$tally"
    fuzz_judge noun > "$tap_dir/out"
    is "$(cat "$tally")" "$2" "$3"
}
runs=stat::number_of_executed_units:
judges "$runs 5
exit status 0" "1 0" "fuzzing: an execution that no seed asked for passes"
judges "$runs 4
exit status 0" "0 1" "fuzzing: seeds and the empty input alone are a failure"
judges "$runs 5
exit status 77" "0 1" "fuzzing: a crash is a failure"
judges "$runs 5" "0 1" "fuzzing: breaking off is a failure"
judges "" "0 1" "fuzzing: no executions are a failure"

sh "$QDN_SRCDIR/build/test" no-such-suite > "$tap_dir/out" 2>&1
is $? 2 "a suite that does not exist is refused"
done_testing
