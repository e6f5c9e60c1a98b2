# SPDX-License-Identifier: Apache-2.0
# Copy, configure and build, leaving the checkout as it is.

# What belongs to the sources in directory $1, relative to it.
tree_files()
{
    if [ -e "$1/.git" ] && command -v git >/dev/null; then
        git -c safe.directory='*' -C "$1" ls-files -co --exclude-standard |
            while IFS= read -r file; do
                [ -f "$1/$file" ] && printf '%s\n' "$file"
            done
    else
        QDN_SRCDIR=$1 sh -c '. "$QDN_SRCDIR/t/lib/tap.sh"; tap_done=yes
            sources' && echo .gitignore
    fi | LC_ALL=C sort -u
}

# tree_copy FROM TO - make TO the same sources as FROM. Times are kept, so
# that a copy made before is only rebuilt where something has changed. TO.files
# lists them.
tree_copy()
{
    mkdir -p "$2/build/m4" &&
        tree_files "$1" > "$2.files.new" &&
        [ -s "$2.files.new" ] || return 1
    if [ -f "$2.files" ]; then
        LC_ALL=C comm -23 "$2.files" "$2.files.new" |
            (cd "$2" && xargs -r rm -f)
    fi
    mv "$2.files.new" "$2.files"
    tar -C "$1" -cf - -T "$2.files" | tar -C "$2" -xf - --no-same-owner
}

# tree_configure SOURCE BUILD [ARGUMENTS] - in a directory of its own. A
# directory that is configured already is left to make, which knows when to
# do it again.
tree_configure()
{
    tree_source=$1
    tree_build=$2
    shift 2
    if [ ! -x "$tree_source/configure" ]; then
        (cd "$tree_source" && autoreconf -fi) || return 1
    fi
    mkdir -p "$tree_build"
    [ -f "$tree_build/config.status" ] ||
        (cd "$tree_build" && "$tree_source/configure" -q "$@")
}

tree_make()
{
    make -C "$1" -s -j"$(nproc 2>/dev/null || echo 2)" ${2:+"$2"} ${3:+"$3"}
}

# tree_variable BUILD NAME - the value that make sees.
tree_variable()
{
    printf '%s\n' 'include Makefile' '.PHONY: .print' \
        ".print: ; @echo '\$($2)'" | make -C "$1" -s -f - .print
}

# Where builds are kept from one run to the next.
tree_cache()
{
    echo "${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/mod_qdn"
}
