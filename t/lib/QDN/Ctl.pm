# SPDX-License-Identifier: Apache-2.0
package QDN::Ctl;

# What tests of qdnctl stand on: its path, a place for secrets, a way to run
# it, and an eye on whether a secret ever leaves it.

use strict;
use warnings;
use Exporter 'import';
use File::Temp 'tempdir';
use JSON::PP 'decode_json';
use Test::More;

our @EXPORT = qw(qdnctl run_ctl json_of secrets_file script_file vectors
    seen_nothing_of);

my $dir = tempdir('qdn-ctl.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $files = 0;
my $seen = '';

sub qdnctl { return $ENV{QDN_CTL} // '' }

-x qdnctl() or BAIL_OUT('QDN_CTL is no program; use make check');

sub slurp {
    my ($path) = @_;
    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/;
    my $text = <$in>;
    return $text // '';
}

sub spew {
    my ($text, $mode) = @_;
    my $path = "$dir/file" . ++$files;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} $text;
    close $out or die "$path: $!\n";
    chmod $mode, $path or die "$path: $!\n";
    return $path;
}

sub secrets_file { spew($_[0], $_[1] // 0600) }
sub script_file { spew("#!/bin/sh\n$_[0]\n", 0700) }

# { status, out, err } of a run; standard input is `in`.
sub run_ctl {
    my ($args, $in) = @_;
    my $input = spew($in // '', 0600);
    my ($out, $err) = ("$dir/out", "$dir/err");
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', $input or die;
        open STDOUT, '>', $out or die;
        open STDERR, '>', $err or die;
        exec { qdnctl() } 'qdnctl', @$args or die "exec: $!\n";
    }
    waitpid $pid, 0;
    my %run = (status => $? & 127 ? "signal $?" : $? >> 8,
        out => slurp($out), err => slurp($err));
    $seen .= $run{out} . $run{err};
    return \%run;
}

sub json_of {
    my ($run) = @_;
    return eval { decode_json($run->{out}) } // { unreadable => $run->{out} };
}

sub vectors {
    my $srcdir = $ENV{QDN_SRCDIR} // die "QDN_SRCDIR is not set\n";
    my $data = decode_json(slurp("$srcdir/t/data/signature-vectors.json"));
    return @{ $data->{vectors} };
}

# In all that was printed so far.
sub seen_nothing_of {
    my @secrets = @_;
    ok length $seen, 'something was printed';
    for my $secret (@secrets) {
        ok index($seen, $secret) < 0,
            'no output holds the secret ' . substr($secret, 0, 4) . '...';
    }
}

1;
