# SPDX-License-Identifier: Apache-2.0
# Counting: every suite adds to "$tally" and says so with one line. A suite
# that counted nothing has failed, whatever it returned.

# count PASSED FAILED
count()
{
    echo "$1 $2" >> "$tally"
}

# step LABEL COMMAND... - one check: the command succeeds. So does step, then.
step()
{
    step_label=$1
    shift
    echo "+ $*"
    if "$@"; then
        echo "ok - $step_label"
        count 1 0
    else
        echo "not ok - $step_label"
        count 0 1
        return 1
    fi
}

# Count what `make check` prints as its summary. Skips count as failures.
count_make_check()
{
    awk '/^# PASS:/ { passed += $3; seen = 1 }
         /^# (SKIP|XFAIL|FAIL|XPASS|ERROR):/ { failed += $3 }
         END { if (!seen) { failed = 1 }; print passed + 0, failed + 0 }' \
        "$1" >> "$tally"
}

# tally_sum FILE STATUS - "PASSED FAILED" of a suite that ended with STATUS.
tally_sum()
{
    awk -v status="$2" '{ passed += $1; failed += $2 }
        END { if (failed == 0 && (passed == 0 || status != 0)) failed = 1
              print passed + 0, failed + 0 }' "$1"
}
