# SPDX-License-Identifier: Apache-2.0
package QDN::Test;

# `use QDN::Test;` gives a test strict, warnings, Test::More and httpd().
# The error log is part of every test: see expect_log.

use strict;
use warnings;

use parent 'Exporter';
use Time::HiRes qw(sleep);
use Test::More import => ['!done_testing'];

use QDN::Httpd;
use QDN::Twilio qw(call_sid);

our @EXPORT = ((grep { $_ ne 'done_testing' } @Test::More::EXPORT),
    qw(allow_killed allow_log call_sid done_testing eventually expect_log
        finish httpd plays));

my @servers;
my (%expected, %allowed, %killed);

sub import {
    strict->import;
    warnings->import;
    __PACKAGE__->export_to_level(1, @_);
    return;
}

# A private server, not started yet. Arguments: see QDN::Httpd::new.
sub httpd {
    my $server = QDN::Httpd->new(@_);
    push @servers, $server;
    return $server;
}

# These tags ("QDN0604") must appear at error or warning before the end...
sub expect_log { $expected{$_} = 1 for @_; return }

# ... and these may. Any other QDN error or warning fails the test.
sub allow_log { $allowed{$_} = 1 for @_; return }

# This child of httpd may be reported as killed.
sub allow_killed { $killed{$_} = 1 for @_; return }

# Passes as soon as code returns something true, fails after some seconds.
sub eventually(&$) {
    my ($code, $label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return ok(QDN::Httpd->await($code), $label);
}

# Each pattern must be found in the text, in this order.
sub plays {
    my ($text, $patterns, $label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    pos($text) = 0;
    for my $pattern (@$patterns) {
        next if $text =~ /$pattern/g;
        fail($label);
        diag("no $pattern after offset ", pos($text) // 0, " of:\n$text");
        return 0;
    }
    return pass($label);
}

# Stop a server and account for its error log. Not while one of its workers
# still closes a connection: MPM event, told to stop, shuts down the sockets of
# its workers without a lock, and crashes on one that is freed that instant.
# Where a test stops a server itself, under load, that may happen.
sub finish {
    my ($server) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    @servers = grep { $_ != $server } @servers;
    if ($server->{pid}) {
        sleep 0.05;
        ok(defined $server->stop, 'httpd stops when told to');
        pop @{ $server->{stops} };
    }
    my (@bad, $next);
    my $offset = 0;
    for my $line (split /\n/, $server->log_text) {
        ($offset, $next) = ($next // 0, ($next // 0) + 1 + length $line);
        next if $line =~ /child pid (\d+) exit signal Killed/ && $killed{$1};
        next if $line =~ /exit signal Segmentation fault/
            && $server->stopping_at($offset);
        push @bad, $line
            if $line =~ /exit signal|Sanitizer|runtime error:|Assertion/;
        next unless $line =~ /\[qdn:(?:error|warn|crit|alert|emerg)\]/;
        my ($tag) = $line =~ /(QDN\d{4}): /;
        if ($tag && exists $expected{$tag}) {
            $expected{$tag}++;
        }
        elsif (!$tag || !$allowed{$tag}) {
            push @bad, $line;
        }
    }
    ok(!@bad, 'the error log holds nothing undeclared')
        or diag(join "\n", @bad[0 .. ($#bad > 9 ? 9 : $#bad)]);
    return;
}

sub done_testing {
    finish($_) for my @left = @servers;    # finish takes it off the list
    for my $tag (sort keys %expected) {
        cmp_ok($expected{$tag}, '>', 1, "the error log holds $tag");
    }
    return Test::More::done_testing();
}

# A test that is interrupted or dies must not leave servers behind.
$SIG{$_} = sub { exit 1 } for qw(HUP INT TERM);

END {
    my $status = $?;
    $_->kill_all for grep { $_->{owner} == $$ } @servers;
    $? = $status;
}

1;
