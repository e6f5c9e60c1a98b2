#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rooms see only what is below them, and nothing below httpd/ knows httpd.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
: "${QDN_HTTPD_INCLUDEDIR:?}" "${QDN_LIBQDN:?}" "${QDN_CC:?}"
need_command nm binutils
need "$QDN_HTTPD_INCLUDEDIR/httpd.h" "$QDN_LIBQDN"
cd "$QDN_SRCDIR" || exit 1

# room: what it may include, itself first
below()
{
    case $1 in
    base) echo base ;;
    secrets) echo secrets base ;;
    twilio) echo twilio base ;;
    routing) echo routing base ;;
    availability) echo availability routing base ;;
    record) echo record routing base ;;
    service) echo service record availability routing twilio secrets base ;;
    httpd) echo httpd dash service record availability routing twilio \
        secrets base ;;
    ctl) echo ctl service record availability routing twilio secrets base ;;
    dash) echo dash ;;
    *) fatal "mod_qdn/$1 is not a room of the design" ;;
    esac
}

# "including-file included-name", of #include "..." and of #include <...>
includes()
{
    grep -EHo "^[[:space:]]*#[[:space:]]*include[[:space:]]*$1" "$2" |
        sed -E 's/^([^:]*):.*["<]([^">]*)$/\1 \2/'
}

: > "$tap_dir/up"
: > "$tap_dir/path"
: > "$tap_dir/httpd"
(cd "$QDN_HTTPD_INCLUDEDIR" && ls ./*.h) | sed 's,^\./,,' \
    > "$tap_dir/httpd_headers"
looked=0
for room in $(cd mod_qdn && ls -d */ | tr -d /); do
    allowed=$(below "$room") || fatal "mod_qdn/$room is not a room"
    for file in mod_qdn/"$room"/*.[ch]; do
        [ -f "$file" ] || continue
        looked=$((looked + 1))
        includes '"[^"]*' "$file" > "$tap_dir/quoted"
        while read -r from name; do
            found=no
            case $name in
            */*) echo "$from: \"$name\"" >> "$tap_dir/path" ;;
            config.h) found=yes ;;
            esac
            for r in $allowed; do
                [ -f "mod_qdn/$r/$name" ] && found=yes
            done
            [ $found = yes ] || echo "$from: \"$name\"" >> "$tap_dir/up"
        done < "$tap_dir/quoted"
        [ "$room" = httpd ] && continue
        includes '<[^>]*' "$file" |
            awk 'NR == FNR { own[$1]; next }
                 $2 in own || $2 ~ /^apache2\// { print $1 ": <" $2 ">" }' \
                "$tap_dir/httpd_headers" - >> "$tap_dir/httpd"
    done
done
[ "$looked" -gt 0 ] || fatal "no C file in mod_qdn/"

none "no room includes a header of a higher room" \
    "pass what is needed as a parameter, or move it down a room" \
    < "$tap_dir/up"
none "headers of ours are included by name, without a path" \
    'write #include "noun.h"; mod_qdn/local.mk says where it may lie' \
    < "$tap_dir/path"
none "no file below httpd/ includes a header of httpd" \
    "only mod_qdn/httpd may know httpd; use APR, or a callback" \
    < "$tap_dir/httpd"

nm -u "$QDN_LIBQDN" 2>/dev/null | awk '/^[^ ].*:$/ { object = $1 }
    $1 == "U" && $2 ~ /^(ap_|unixd_|mpm_|core_module)/ { print object, $2 }' \
    > "$tap_dir/undefined"
[ "$(nm "$QDN_LIBQDN" 2>/dev/null | grep -c ' T qdn_')" -gt 0 ] ||
    fatal "$QDN_LIBQDN has no qdn_ function"
none "libqdn needs no symbol of httpd" \
    "only mod_qdn/httpd may call httpd" < "$tap_dir/undefined"

# The wall itself: with the include path of a room, <httpd.h> is not found.
probe()
{
    printf '%s\n' "$1" 'int probe; int probe;' > "$tap_dir/probe.c"
    # shellcheck disable=SC2086
    (cd "${QDN_BUILDDIR:?}" &&
        $QDN_CC $2 -fsyntax-only "$tap_dir/probe.c") > "$tap_dir/probe.out" 2>&1
}
for room in base secrets twilio routing availability record service ctl; do
    eval "flags=\${QDN_CPPFLAGS_$room:-}"
    [ -n "$flags" ] || fatal "no compiler flags of room $room"
    probe '#include <apr.h>' "$flags" || fatal "the probe of $room itself \
does not compile: $(cat "$tap_dir/probe.out")"
    ! probe '#include <httpd.h>' "$flags"
    ok $? "a file in $room/ that includes <httpd.h> does not compile"
done
probe '#include <httpd.h>' "${QDN_CPPFLAGS_httpd:?}" ||
    fatal "not even httpd/ finds <httpd.h>: $(cat "$tap_dir/probe.out")"
done_testing
