#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever the module exports can collide with another module of the server.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
need_command nm binutils
need_command readelf binutils
need "${QDN_MODULE:?}"
is "$(nm -D --defined-only "$QDN_MODULE" | awk '{ print $3 }' | sort | xargs)" \
    qdn_module "the module exports qdn_module and nothing else"
nm -D -u "$QDN_MODULE" | grep -w 'qdn_[a-z_0-9]*' > "$tap_dir/undefined"
none "the module brings every function of ours that it calls" \
    "list the file that defines it in mod_qdn/local.mk" < "$tap_dir/undefined"
readelf -d "$QDN_MODULE" | grep NEEDED |
    grep -e json -e curl -e xml -e ical -e ssl > "$tap_dir/libraries"
none "httpd's children carry no library that only others need" \
    "link it to qdnctl or qdn_sources.so in mod_qdn/local.mk" \
    < "$tap_dir/libraries"

# The object beside it, which the daemon loads.
sources=$(dirname "$QDN_MODULE")/qdn_sources.so
need "$sources"
is "$(nm -D --defined-only "$sources" | awk '{ print $3 }' | sort | xargs)" \
    qdn_refresh "qdn_sources.so exports qdn_refresh and nothing else"
nm -D -u "$sources" | grep -w 'qdn_[a-z_0-9]*' > "$tap_dir/undefined"
none "it brings every function of ours that it calls" \
    "list the file that defines it in mod_qdn/local.mk" < "$tap_dir/undefined"
done_testing
