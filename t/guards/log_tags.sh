#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A tag in the error log names one place in the source, for ever.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
need "$QDN_SRCDIR/mod_qdn/base/log.h"
cd "$QDN_SRCDIR" || exit 1
grep -q '#define QDNLOGNO(n)' mod_qdn/base/log.h ||
    fatal "QDNLOGNO has moved away from base/log.h"

sources | grep '^mod_qdn/.*\.c$' > "$tap_dir/c" || fatal "no C file"
xargs grep -no 'QDNLOGNO([^)]*)' /dev/null < "$tap_dir/c" |
    sed -E 's/^([^:]*):([0-9]+):QDNLOGNO\((.*)\)$/\3 \1:\2/' |
    LC_ALL=C sort > "$tap_dir/tags"
[ -s "$tap_dir/tags" ] || fatal "no tag in any source"

grep -vE '^[0-9]{4} ' "$tap_dir/tags" > "$tap_dir/odd"
none "every tag has four digits" \
    "QDNLOGNO(nnnn), with the next free number of the room" < "$tap_dir/odd"

awk '$1 == last { print "QDN" $1 ": " where " and " $2 }
     { last = $1; where = $2 }' "$tap_dir/tags" > "$tap_dir/twice"
none "every tag stands in one place" \
    "give the newer one the next free number of its room" < "$tap_dir/twice"

awk 'BEGIN {
        n = split("base 0 99 secrets 100 199 twilio 200 299 " \
            "record 300 499 service 500 599 httpd 600 799 ctl 800 899 " \
            "availability 900 999", r, " ")
        for (i = 1; i < n; i += 3) { low[r[i]] = r[i+1]; high[r[i]] = r[i+2] }
     }
     { split($2, path, "/"); room = path[2] }
     !(room in low) || $1 < low[room] || $1 > high[room] {
        print "QDN" $1 " in " $2 }' "$tap_dir/tags" > "$tap_dir/range"
none "every tag is of its room's range" \
    "the ranges are listed in mod_qdn/base/log.h" < "$tap_dir/range"

# A call that logs at debug or above says which place it is. The tag may also
# come from a table, as an argument after a literal "%s".
xargs perl -0777 -ne '
    while (/\b(?:qdn_log|ap_log_[a-z]*error)\s*\(((?:[^;"]|"(?:\\.|[^"\\])*")*?)\)\s*;/g) {
        my ($args, $line) = ($1, 1 + (substr($_, 0, $-[0]) =~ tr/\n//));
        next if $args =~ /QDNLOGNO|TRACE|"%s/ || $args !~ /QDN_LOG_|APLOG_/;
        print "$ARGV:$line\n";
    }' < "$tap_dir/c" > "$tap_dir/untagged" || fatal "perl failed"
none "every message at debug or above has a tag" \
    'begin the format with QDNLOGNO(nnnn)' < "$tap_dir/untagged"

# A test that waits for a tag that nobody writes waits in vain.
sources | grep -E '^t/.*\.(t|pl|sh|case)$' | grep -v '^t/guards/' |
    xargs grep -HoE 'QDN[0-9]{4}' /dev/null |
    sed -E 's/(.*):QDN([0-9]{4})$/\2 \1/' > "$tap_dir/wanted"
awk 'NR == FNR { have[$1]; next } !($1 in have) { print $2 ": QDN" $1 }' \
    "$tap_dir/tags" "$tap_dir/wanted" > "$tap_dir/unknown"
none "every tag that a test names exists" \
    "correct the number in the test" < "$tap_dir/unknown"
done_testing
