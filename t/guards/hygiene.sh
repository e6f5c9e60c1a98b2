#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a stranger should never find in the sources. The patterns are written
# so that they do not match themselves.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
sources > "$tap_dir/files"
grep -vE '^t/data/|^t/fuzz/corpus/' "$tap_dir/files" > "$tap_dir/ours"
cd "$QDN_SRCDIR" || exit 1

# unwanted FILES PATTERN LABEL CURE
unwanted()
{
    xargs grep -IHnE "$2" /dev/null < "$1" | cut -c1-160 > "$tap_dir/found"
    none "$3" "$4" < "$tap_dir/found"
}

unwanted "$tap_dir/ours" '\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b' \
    "nothing is left for later" "do it, or open an issue"
unwanted "$tap_dir/files" \
    '(^|[^A-Za-z0-9_.@$}])/(work|home/[a-z]|Users/[A-Z])[/a-z]' \
    "no path of somebody's machine" \
    "make it a parameter, or derive it from the file's own place"
unwanted "$tap_dir/files" \
    '\.\./(shared|\.library)|shared/(des[i]gn|st[y]le)|(users-as[k]|meas[u]red|proto[c]ol|des[i]gn|st[y]le)\.md|\b[Dd]es[i]gn [1-9](\.[0-9])?\b' \
    "no page is cited that a reader does not have" \
    "say it in our own words where it is needed"
unwanted "$tap_dir/files" \
    'BEGIN [A-Z ]*PRIVATE [K]EY|\bAKI[A][0-9A-Z]{16}|\bgh[p]_[A-Za-z0-9]{30}' \
    "no private key" "remove it, and revoke it: it has been seen"
xargs grep -IHnoE '[A-Za-z0-9._-]+@[A-Za-z0-9.-]+\.(com|org|net|io|us)\b' \
    /dev/null < "$tap_dir/ours" |
    grep -vE '@([a-z0-9-]+\.)*example\.(com|org|net)$' > "$tap_dir/mail"
none "no mail address of a real domain" "write somebody@example.com" \
    < "$tap_dir/mail"
done_testing
