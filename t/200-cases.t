# SPDX-License-Identifier: Apache-2.0
# Every case over HTTP, by a second Twilio: plainly, and with every webhook
# delivered twice and voice/status overtaking. Events and rows come from SQL.

use QDN::Test;
use QDN::Case;
use QDN::Player;
use QDN::Snapshot;

my @cases = QDN::Case->all("$QDN::Httpd::T/cases");
cmp_ok(scalar @cases, '>=', 115, 'the cases are there');

# The test clock, what configtest warns of, an unknown line, missing evidence,
# feeds that nobody asks.
allow_log(qw(QDN0643 QDN0602 QDN0521 QDN0531 QDN0570));

# All configurations at once: no two cases may quarrel about a number.
my %seen;
my $config = join "\n", 'QDNJournalSync off', grep { !$seen{$_}++ }
    map { $_->blocks } grep { !$_->{later} } @cases;
my $all = httpd(config => $config, defines => ['QDN_TEST_CLOCK'],
    file => QDN::Snapshot->module)->start;
my $snapshot = QDN::Snapshot->new($all);

# A case whose configuration changes has a server of its own.
sub server_for {
    my ($case) = @_;
    return $all if !$case->{later};
    return httpd(config => $case->{config}, defines => ['QDN_TEST_CLOCK'])
        ->start;
}

# The plan is another one from the given end of a hop on.
sub change {
    my ($case, $httpd) = @_;
    return undef if !$case->{later};
    return sub {
        return if $_[0] != $case->{call}{later};
        $httpd->reconfigure($case->{later});
        $httpd->graceful or die "no graceful restart\n";
    };
}

my @ways = ({ name => 'plain' },
    { name => 'twice, status first', twice => 1, status_first => 1 });
for my $way (@ways) {
    my @played;
    for my $case (@cases) {
        my $httpd = server_for($case);
        $snapshot->write($case->{at}, @{ $case->{known} });
        my $call = QDN::Player->play(%$way, httpd => $httpd, case => $case,
            before_next => change($case, $httpd));
        push @played, [$case, $httpd, $call];
    }
    for my $played (@played) {
        my ($case, $httpd, $call) = @$played;
        my $sid = $call->{call_sid};
        my @differences = $case->differences($call);
        my @kept;
        $httpd->await(sub {
            my @rows = $httpd->events($sid);
            @kept = $case->event_differences(@rows);
            !@kept;
        }, 5);
        my ($row) = $httpd->sql(
            "SELECT * FROM qdn_call WHERE call_sid = '$sid'");
        push @differences, @kept, $case->row_differences($row,
            $way->{status_first} ? (ring_seconds => 1) : ());
        ok(!@differences, "$case->{name} ($way->{name})")
            or diag(join "\n", @differences);
        finish($httpd) if $case->{later};
    }
}

done_testing;
