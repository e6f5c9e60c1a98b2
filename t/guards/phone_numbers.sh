#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody may dial what stands in an example. Only numbers that are kept
# free for fiction may stand here; t/data holds vectors made by others.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
sources | grep -v '^t/data/' > "$tap_dir/files" || fatal "no file"
cd "$QDN_SRCDIR" || exit 1

# What telephone networks send when a caller withholds the number.
withheld='(266696687|7378742833|86282452253|2562533|8656696)0?'
# Kept free for fiction in the United Kingdom; and nobody's, by its shape.
fiction='442079460[0-9]{3}|1234567[0-9]{8}'

xargs grep -IHnoE '(\+|%2[Bb])(1[0-9]{10,14}|[2-9][0-9]{6,14})' < "$tap_dir/files" |
    grep -vE "(\+|%2[Bb])(1[2-9][0-9]{2}55501[0-9]{0,2}|$withheld|$fiction)$" \
    > "$tap_dir/real"
xargs grep -IHnoE '\(?[2-9][0-9]{2}\)?[-. ][2-9][0-9]{2}[-. ][0-9]{4}\b' \
    < "$tap_dir/files" |
    grep -vE '555[-. ]01[0-9]{2}$' >> "$tap_dir/real"
none "phone numbers are 555-0100 to 555-0199 of some area code" \
    "write +1NPA55501xx" < "$tap_dir/real"
done_testing
