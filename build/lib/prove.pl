#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# prove.pl TALLY FILE... - run perl tests one by one and add "PASSED FAILED"
# to TALLY. Unlike prove(1) it has no kindness: a test that is skipped, plans
# nothing, runs less than it planned, or exits oddly has failed.

use strict;
use warnings;

use TAP::Parser;
use Time::HiRes qw(time);

# Seconds for one file.
use constant TIMEOUT => $ENV{QDN_TEST_TIMEOUT} || 300;

my ($tally, @files) = @ARGV;
die "usage: prove.pl TALLY FILE...\n" unless @files;

my ($passed, $failed) = (0, 0);
for my $file (@files) {
    my $began  = time;
    my $parser = TAP::Parser->new({
        exec => ['timeout', '--foreground', TIMEOUT, $^X, $file], merge => 1 });
    print "# $file\n";
    while (my $result = $parser->next) {
        print $result->raw, "\n";
    }
    my $good = () = $parser->actual_passed;
    my $bad  = () = $parser->actual_failed;
    my @odd  = map { "$file: $_" } $parser->parse_errors;
    push @odd, "$file: nothing was tested" if $good + $bad == 0;
    push @odd, "$file: skipped: $_" for $parser->skipped;
    push @odd, sprintf '%s: ended by signal %d, exit status %d', $file,
        $parser->wait & 127, $parser->wait >> 8
        if $parser->wait && !$bad;
    print "not ok - $_\n" for @odd;
    printf "# %s: %d passed, %d failed, %.1f s\n", $file, $good,
        $bad + @odd, time - $began;
    $passed += $good;
    $failed += $bad + @odd;
}

open my $out, '>>', $tally or die "$tally: $!\n";
print $out "$passed $failed\n";
close $out or die "$tally: $!\n";
exit($failed ? 1 : 0);
