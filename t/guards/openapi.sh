#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The description of the API knows the routes that the code has, their methods
# and their parameters, and no others.

. "${QDN_SRCDIR:?}/t/lib/tap.sh"
routes=$QDN_SRCDIR/mod_qdn/httpd/api.c
document=$QDN_SRCDIR/mod_qdn/dash/openapi.json
params=$QDN_SRCDIR/mod_qdn/httpd/api_param.c
need "$routes" "$document" "$params"

# "METHOD /path", from the rows of qdn_api_routes.
perl -0777 -ne '
    my ($table) = /qdn_api_routes\[\] = \{(.*?)\n\};/s or die "no table\n";
    while ($table =~ /\{ \.path = "([^"]+)"(.*?)\}/sg) {
        my ($path, $rest) = ($1, $2);
        print "GET /$path\n" if $rest =~ /\.get = /;
        print "PUT /$path\n" if $rest =~ /\.put = /;
    }' "$routes" | LC_ALL=C sort > "$tap_dir/code" || fatal "no routes"
need "$tap_dir/code"
perl -MJSON::PP -0777 -ne '
    my $paths = decode_json($_)->{paths};
    for my $path (keys %$paths) {
        print uc, " $path\n"
            for grep { $_ ne "parameters" } keys %{ $paths->{$path} };
    }' "$document" | LC_ALL=C sort > "$tap_dir/described"
LC_ALL=C comm -23 "$tap_dir/code" "$tap_dir/described" > "$tap_dir/missing"
none "every route is described in mod_qdn/dash/openapi.json" \
    "describe it" < "$tap_dir/missing"
LC_ALL=C comm -13 "$tap_dir/code" "$tap_dir/described" > "$tap_dir/unknown"
none "mod_qdn/dash/openapi.json describes no route that does not exist" \
    "remove it, or add its row to mod_qdn/httpd/api.c" < "$tap_dir/unknown"

# Names of parameters, of the query and of paths.
sed -n 's/.*\.name = "\([a-z_]*\)".*/\1/p' "$params" | LC_ALL=C sort -u \
    > "$tap_dir/taken"
need "$tap_dir/taken"
perl -MJSON::PP -0777 -ne '
    my $paths = decode_json($_)->{paths};
    for my $entry (values %$paths) {
        print "$_->{name}\n" for grep { $_->{in} ne "header" }
            map { @{ $_->{parameters} || [] } } $entry, $entry->{get};
    }' "$document" | LC_ALL=C sort -u > "$tap_dir/named"
LC_ALL=C comm -3 "$tap_dir/taken" "$tap_dir/named" > "$tap_dir/differ"
none "parameters are the same in both" \
    "make mod_qdn/dash/openapi.json and api_param.c agree" \
    < "$tap_dir/differ"
done_testing
