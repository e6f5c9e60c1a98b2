# SPDX-License-Identifier: Apache-2.0
# TAP for shell scripts: . "$QDN_SRCDIR/t/lib/tap.sh"
#
# A guard looks for findings and reports them with `none`. An input that
# cannot be found stops the guard: a guard that looked at nothing must never
# look like one that found nothing.

set -u
: "${QDN_SRCDIR:?run me through make check, or set QDN_SRCDIR}"

tap_n=0
tap_failed=0
tap_done=no
tap_dir=$(mktemp -d "${TMPDIR:-/tmp}/qdn-tap.XXXXXX") || exit 1

tap_exit()
{
    rm -rf "$tap_dir"
    [ "$tap_done" = yes ] || echo "Bail out! the script ended too early"
}
trap tap_exit EXIT
trap 'exit 1' HUP INT TERM

# Say why nothing can be known, and fail.
fatal()
{
    tap_done=yes
    echo "Bail out! $*"
    exit 1
}

# need PATH... - each must exist and not be empty.
need()
{
    for path; do
        [ -s "$path" ] || fatal "$path is missing or empty"
    done
}

# need_command NAME PACKAGE
need_command()
{
    command -v "$1" >/dev/null || fatal "$1 not found (Debian: $2)"
}

# ok STATUS LABEL - passes if STATUS is 0.
ok()
{
    tap_n=$((tap_n + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_n - $2"
    else
        tap_failed=$((tap_failed + 1))
        echo "not ok $tap_n - $2"
    fi
}

# is GOT WANTED LABEL
is()
{
    if [ "$1" = "$2" ]; then
        ok 0 "$3"
    else
        ok 1 "$3"
        printf '%s\n' "got:    $1" "wanted: $2" | sed 's/^/# /'
    fi
}

# none LABEL CURE - passes if standard input is empty, else shows it and the
# cure. Use as: none LABEL CURE < FILE (a pipe would lose the count).
none()
{
    findings=$(cat)
    if [ -z "$findings" ]; then
        ok 0 "$1"
    else
        ok 1 "$1"
        printf '%s\n' "$findings" | sed 's/^/# /'
        echo "# cure: $2"
    fi
}

done_testing()
{
    [ "$tap_n" -gt 0 ] || fatal "nothing was tested"
    tap_done=yes
    echo "1..$tap_n"
    [ "$tap_failed" -eq 0 ]
    exit
}

# The files that people write, relative to the sources. Build products and
# what autoreconf makes are left out, in a checkout, a tarball and after a
# build in the tree alike.
sources()
{
    (cd "$QDN_SRCDIR" && find . \
        \( -name .git -o -name _build -o -name .libs -o -name .deps \
           -o -name autom4te.cache -o -path ./build/aux -o -path ./t/run \
           -o -path ./t/logs -o -path ./t/htdocs \
           -o -path './mod_qdn-[0-9]*' \) -prune \
        -o -type f ! -name '*.o' ! -name '*.lo' ! -name '*.la' \
           ! -name '*.log' ! -name '*.trs' ! -name '*.tar.*' \
           ! -name '.dirstamp' ! -name '.gitkeep' \
           ! -name Makefile.in ! -name 'config.h*' ! -name stamp-h1 \
           ! -path './build/m4/l*.m4' ! -path './aclocal.m4' \
           ! -path './configure' ! -path './configure~' \
           ! -path ./mod_qdn/dash.c ! -path ./Makefile ! -path './config.status' ! -path ./libtool \
           ! -path ./qdnctl -print) |
        sed 's,^\./,,' | LC_ALL=C sort > "$tap_dir/sources"
    [ "$(wc -l < "$tap_dir/sources")" -gt 20 ] ||
        fatal "found next to no sources in $QDN_SRCDIR"
    cat "$tap_dir/sources"
}
