#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A test that is not listed is never run, and nobody notices.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
: "${QDN_LISTED:?}"
cd "$QDN_SRCDIR" || exit 1
printf '%s\n' $QDN_LISTED | LC_ALL=C sort > "$tap_dir/listed"
uniq -d "$tap_dir/listed" > "$tap_dir/twice"

for file in t/unit/test_*.c t/fuzz/fuzz_*.c t/guards/*.sh t/*.t t/browser/*.t \
    t/ctl/*.pl t/ics/*.py; do
    [ -f "$file" ] && echo "${file%.c}"
done | LC_ALL=C sort > "$tap_dir/there"
[ -s "$tap_dir/there" ] || fatal "no test anywhere"

LC_ALL=C comm -13 "$tap_dir/listed" "$tap_dir/there" > "$tap_dir/unlisted"
none "every test in t/ is listed in t/local.mk" "add its line there" \
    < "$tap_dir/unlisted"
LC_ALL=C comm -23 "$tap_dir/listed" "$tap_dir/there" > "$tap_dir/absent"
none "every test listed in t/local.mk exists" "remove its line there" \
    < "$tap_dir/absent"
none "no test is listed twice" "remove one of the lines" < "$tap_dir/twice"

# A seed that nobody replays proves nothing.
for target in t/fuzz/fuzz_*.c; do
    [ -f "$target" ] || continue
    noun=${target#t/fuzz/fuzz_}
    [ -n "$(ls "t/fuzz/corpus/${noun%.c}" 2>/dev/null)" ] || echo "$target"
done > "$tap_dir/seedless"
none "every fuzz target has seeds" \
    "put inputs that succeed and inputs that fail into t/fuzz/corpus/NOUN/" \
    < "$tap_dir/seedless"
done_testing
