#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# embed.sh OUTPUT FILE... - write the files as C: the table of
# mod_qdn/httpd/assets.h.

set -eu
out=$1
shift
LC_ALL=C
export LC_ALL

# By the end of the name; a file that browsers would not know is refused.
content_type()
{
    case $1 in
    *.html) echo 'text/html; charset=utf-8' ;;
    *.css) echo 'text/css; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *.json) echo 'application/json' ;;
    *.webmanifest) echo 'application/manifest+json' ;;
    *.svg) echo 'image/svg+xml' ;;
    *.png) echo 'image/png' ;;
    *.ico) echo 'image/vnd.microsoft.icon' ;;
    *.woff2) echo 'font/woff2' ;;
    *)
        echo "embed.sh: of what type is $1?" >&2
        return 1 ;;
    esac
}

# The first 128 bits of SHA-256, with what the machine has.
hash()
{
    if command -v sha256sum >/dev/null; then
        sha256sum < "$1"
    else
        openssl dgst -sha256 -r < "$1"
    fi | cut -c1-32
}

{
    echo '/* SPDX-License-Identifier: Apache-2.0 */'
    echo '/* Made by build/lib/embed.sh. */'
    echo '#include "assets.h"'
    n=0
    for file; do
        n=$((n + 1))
        echo "static const unsigned char bytes_$n[] = {"
        od -An -v -tu1 "$file" | sed 's/[0-9][0-9]*/&,/g'
        echo '0 };'
    done
    echo 'const qdn_asset_t qdn_assets[] = {'
    n=0
    for file; do
        n=$((n + 1))
        name=${file##*/}
        type=$(content_type "$name")
        echo "{ .name = \"$name\", .type = \"$type\","
        echo "  .etag = \"\\\"$(hash "$file")\\\"\","
        echo "  .bytes = bytes_$n, .len = sizeof(bytes_$n) - 1 },"
    done
    echo '{ .name = NULL }'
    echo '};'
} > "$out.new"
mv "$out.new" "$out"
