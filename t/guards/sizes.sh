#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Budgets: what one can read at a sitting. Tables are exempt by nature: only
# functions are measured, not initialisers.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
FILE_MAX=600
HEADER_MAX=200
FUNCTION_MAX=60
LINE_MAX=80

need_command ctags universal-ctags
ctags --version | grep -q '^Universal Ctags' ||
    fatal "ctags is not Universal Ctags (Debian: universal-ctags)"
sources | grep '\.[ch]$' > "$tap_dir/c" || fatal "no C file"
cd "$QDN_SRCDIR" || exit 1

lines_over()
{
    while read -r file; do
        n=$(wc -l < "$file")
        [ "$n" -le "$1" ] || echo "$file: $n lines"
    done
}
grep '\.c$' "$tap_dir/c" | lines_over $FILE_MAX > "$tap_dir/files"
grep '\.h$' "$tap_dir/c" | lines_over $HEADER_MAX > "$tap_dir/headers"
none "no .c file has more than $FILE_MAX lines" \
    "give the second noun its own file" < "$tap_dir/files"
none "no header has more than $HEADER_MAX lines" \
    "one header, one audience: split it" < "$tap_dir/headers"

ctags -x --kinds-C=f --_xformat='%N %F %n %e' -L "$tap_dir/c" \
    > "$tap_dir/functions" 2> "$tap_dir/ctags" ||
    fatal "ctags: $(cat "$tap_dir/ctags")"
[ -s "$tap_dir/functions" ] || fatal "ctags found no function"
awk -v max=$FUNCTION_MAX '{ n = $4 - $3 + 1 }
    $4 == "" { print $2 ":" $3 ": " $1 " has no end" }
    n > max { print $2 ":" $3 ": " $1 " has " n " lines" }' \
    "$tap_dir/functions" > "$tap_dir/long"
none "no function has more than $FUNCTION_MAX lines" \
    "a step list wants to be a table of steps" < "$tap_dir/long"

xargs awk -v max=$LINE_MAX 'length($0) > max {
    print FILENAME ":" FNR ": " length($0) " columns" }' \
    < "$tap_dir/c" > "$tap_dir/wide"
none "no line of C is wider than $LINE_MAX columns" \
    "clang-format -i FILE" < "$tap_dir/wide"
done_testing
