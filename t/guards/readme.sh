#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# README.md is the first thing that people try: it must show what is true.
# (build/test readme also runs its commands.)

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
cd "$QDN_SRCDIR" || exit 1
need README.md conf/qdn-minimal.conf

# The first fenced block of a language.
block()
{
    awk -v fence="\`\`\`$1" '$0 == fence { on = 1; next }
        /^```/ && on { exit } on' README.md
}

is "$(block sh | xargs)" "build/demo build/test" \
    "README.md opens with the two commands"
is "$(block apache)" "$(grep -v '^#' conf/qdn-minimal.conf)" \
    "its configuration is conf/qdn-minimal.conf"
lines=$(block apache | wc -l)
[ "$lines" -gt 0 ] && [ "$lines" -le 15 ]
ok $? "and has fifteen lines at most"
[ "$(wc -l < README.md)" -le 190 ]
ok $? "README.md is short"

grep -oE '\]\([^)#]*' README.md mod_qdn/README.md t/README.md |
    sed 's/:](/ /' | grep -v ' https\?:' |
    while read -r page target; do
        [ -e "$(dirname "$page")/$target" ] || echo "$page: $target"
    done > "$tap_dir/dead"
none "every link leads somewhere" "correct the path" < "$tap_dir/dead"
done_testing
