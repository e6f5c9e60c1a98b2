# SPDX-License-Identifier: Apache-2.0
package QDN::Twilio;

# What Twilio would send, written from Twilio's documentation and sharing no
# code with the module: a mistake in one must not hide in the other.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1_base64);
use Encode qw(encode_utf8);
use Exporter 'import';

our @EXPORT_OK = qw(ACCOUNT TOKEN call_sid form sign);

use constant ACCOUNT => 'AC' . '0' x 31 . '1';
use constant TOKEN   => '0123456789abcdef' x 2;

my $calls = 0;

# A call id that no other test process uses.
sub call_sid {
    return sprintf 'CA%08x%08x%016x', time, $$, ++$calls;
}

# [name, value] pairs from a hash (sorted) or from a flat list (kept).
sub pairs {
    my ($params) = @_;
    my @flat = ref $params eq 'HASH'
        ? map { ($_, $params->{$_}) } sort keys %$params
        : @{ $params || [] };
    my @pairs;
    while (my ($name, $value) = splice @flat, 0, 2) {
        push @pairs, [map { encode_utf8($_ // '') } $name, $value];
    }
    return @pairs;
}

# application/x-www-form-urlencoded text.
sub form {
    my ($params) = @_;
    return join '&', map {
        join '=', map { s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger } @$_
    } pairs($params);
}

# X-Twilio-Signature of a POST of params to url, or of a GET (no params).
sub sign {
    my ($token, $url, $params) = @_;
    my %seen;
    my $text = join '', $url,
        map  { @$_ }
        sort { $a->[0] cmp $b->[0] || $a->[1] cmp $b->[1] }
        grep { !$seen{"$_->[0]\0$_->[1]"}++ } pairs($params);
    my $digest = hmac_sha1_base64($text, $token);
    return $digest . '=' x (-length($digest) % 4);
}

1;
