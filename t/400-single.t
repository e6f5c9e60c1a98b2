# SPDX-License-Identifier: Apache-2.0
# One httpd process from its start to its end: each kind of call, then callers
# at once for QDN_TEST_LOAD seconds. What stands around it (a sanitizer in
# QDN_TEST_PRELOAD, valgrind in QDN_TEST_WRAP) sees all of it.

use QDN::Test;
use QDN::Case;
use QDN::Player;
use QDN::Snapshot;
use QDN::Traffic;
use Time::HiRes qw(sleep);

my @cases = grep { !$_->{later} } QDN::Case->all("$QDN::Httpd::T/cases");
cmp_ok(scalar @cases, '>=', 45, 'the cases are there');

# The test clock, what configtest warns of, an unknown line, missing evidence,
# feeds that nobody asks.
allow_log(qw(QDN0643 QDN0602 QDN0521 QDN0531 QDN0570));
expect_log('QDN0514');

my %seen;
my $config = join "\n", 'QDNJournalWait 10s',
    grep { !$seen{$_}++ } map { $_->blocks } @cases;
my $httpd = httpd(single => 1, config => $config,
    defines => ['QDN_TEST_CLOCK'], file => QDN::Snapshot->module)->start;
my $snapshot = QDN::Snapshot->new($httpd);

for my $case (@cases) {
    $snapshot->write($case->{at}, @{ $case->{known} });
    my $call = QDN::Player->play(httpd => $httpd, case => $case);
    my @differences = $case->differences($call);
    ok(!@differences, $case->{name}) or diag(join "\n", @differences);
}

my $crowd = QDN::Traffic->new($httpd, callers => 6, pause => 0);
$crowd->during(sub { sleep($ENV{QDN_TEST_LOAD} || 1) });
$crowd->served_ok('callers at once are answered', worst => 10);
$crowd->kept_once_ok('what they were answered is kept once');

for my $path (qw(voice voice/none voice/next?s=x)) {
    isnt($httpd->webhook($path, {}, signature => 'x')->{status}, 200,
        "a forged $path is refused");
}
ok $httpd->daemon($_), "the daemon tells $_" for qw(ping health plan);

finish($httpd);
is $httpd->{exit}, 0, 'it ends with status 0';

done_testing;
