#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The first `ls` explains the project; nothing else may pile up there.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
sources | cut -d/ -f1 | sort -u > "$tap_dir/top"
grep -vxE 'mod_qdn|conf|t|build|configure\.ac|Makefile\.am|README\.md|\.ci|\.clang-format|\.editorconfig|\.gitignore|config\.status|INSTALL' \
    "$tap_dir/top" > "$tap_dir/strange"
none "nothing but the known names lies at the top" \
    "move it into mod_qdn/, conf/, t/ or build/" < "$tap_dir/strange"

(cd "$QDN_SRCDIR/mod_qdn" && find . -mindepth 1 -maxdepth 1 -type d \
    ! -name .deps ! -name .libs) | sed 's,^\./,,' |
    grep -vxE 'base|secrets|twilio|routing|availability|record|service|httpd|ctl|dash' \
    > "$tap_dir/rooms"
none "mod_qdn/ has the rooms of the design" \
    "find the room whose noun it is" < "$tap_dir/rooms"
done_testing
