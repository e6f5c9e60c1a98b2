#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# conf/qdn.conf is where administrators look: it names every directive of the
# module, with the same places and the same syntax, and no other.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
: "${QDN_BUILDDIR:?}"
conf=$QDN_SRCDIR/conf/qdn.conf
list=$QDN_BUILDDIR/t/unit/list_settings
need "$conf" "$list"

"$list" > "$tap_dir/code" || fatal "$list failed"
need "$tap_dir/code"

# An entry begins with "# NAME" on a line of its own. A label stands three
# blanks in; what is indented deeper continues it.
awk -v OFS='\t' '
    function close_label() {
        gsub(/[[:space:]]+/, " ", text)
        if (label != "") value[label] = text
        label = ""
    }
    function close_entry() {
        close_label()
        if (name != "") {
            print name, value["Context"], value["Syntax"]
            if (value["Default"] == "") print name > defaults
        }
        name = ""
        split("", value)
    }
    /^# <?QDN[A-Za-z]+>?$/ { close_entry(); name = $2; next }
    name == "" { next }
    /^#   [A-Z][a-z]+: / {
        close_label()
        label = substr($2, 1, length($2) - 1)
        text = $0
        sub(/^#   [A-Z][a-z]+: +/, "", text)
        next
    }
    label != "" && /^#            / { text = text " " substr($0, 2); next }
    { close_label() }
    END { close_entry() }
' defaults="$tap_dir/no_default" "$conf" > "$tap_dir/conf" ||
    fatal "awk could not read $conf"
need "$tap_dir/conf"
touch "$tap_dir/no_default"

for side in code conf; do
    LC_ALL=C sort "$tap_dir/$side" > "$tap_dir/$side.rows"
    cut -f1 "$tap_dir/$side.rows" > "$tap_dir/$side.names"
done

LC_ALL=C comm -23 "$tap_dir/code.names" "$tap_dir/conf.names" \
    > "$tap_dir/missing"
none "every directive is described in conf/qdn.conf" \
    "add an entry with Syntax, Context and Default" < "$tap_dir/missing"
LC_ALL=C comm -13 "$tap_dir/code.names" "$tap_dir/conf.names" \
    > "$tap_dir/unknown"
none "conf/qdn.conf describes no directive that does not exist" \
    "remove the entry, or add its row to settings_table.c" \
    < "$tap_dir/unknown"
LC_ALL=C comm -3 "$tap_dir/code.rows" "$tap_dir/conf.rows" |
    sed 's/^	/conf: /; t
        s/^/code: /' > "$tap_dir/differs"
none "context and syntax are the same in both" \
    "make the entry say what settings_table.c says" < "$tap_dir/differs"
none "every entry says what holds when the directive is absent" \
    "add Default:" < "$tap_dir/no_default"

# Every directive is also shown in use, commented out.
sed -n 's/^# \{0,4\}\(<\{0,1\}QDN[A-Za-z]*\) .*/\1/p' "$conf" |
    sed 's/^<.*/&>/' | LC_ALL=C sort -u > "$tap_dir/shown"
LC_ALL=C comm -23 "$tap_dir/code.names" "$tap_dir/shown" > "$tap_dir/unshown"
none "every directive is shown in use" "add a commented line with it" \
    < "$tap_dir/unshown"
grep -vnE '^(#|$)' "$conf" > "$tap_dir/active"
none "nothing in the reference is active" "put a # before it" \
    < "$tap_dir/active"
done_testing
