#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# base_conf.sh HTTPD MODULES_DIR MPM
#
# Print what a small httpd with the given MPM begins with. The host's
# own configuration is not read, so a test means the same on every machine.
# A module that is compiled into HTTPD needs no line.

set -eu
httpd=$1
modules=$2
mpm=$3

compiled_in=$("$httpd" -l)
for name in "mpm_$mpm" unixd log_config authn_core authz_core authz_host \
    authz_user authn_file auth_basic access_compat mime alias dir setenvif \
    headers deflate filter reqtimeout dbd rewrite; do
    case $compiled_in in
    *"mod_$name.c"* | *"  ${name#mpm_}.c"*) continue ;;
    esac
    if [ -f "$modules/mod_$name.so" ]; then
        echo "LoadModule ${name}_module \"$modules/mod_$name.so\""
    elif [ "$name" = "mpm_$mpm" ]; then
        echo "base_conf.sh: no MPM $mpm in $modules" >&2
        exit 1
    fi
done
# mod_mime insists on a file.
echo '<IfModule mod_mime.c>
    TypesConfig /dev/null
</IfModule>'
