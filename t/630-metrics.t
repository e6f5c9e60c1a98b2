# SPDX-License-Identifier: Apache-2.0
# What Prometheus scrapes: well-formed by promtool's measure, true to what
# happened, without a number or a name, and there while the daemon is not.

use QDN::Test;
use QDN::Fault qw(daemons);
use Time::HiRes qw(sleep time);

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
my $httpd = httpd(config => $house)->start;

sub scrape { return $httpd->request('GET', '/qdn/metrics') }

# The value of a sample, undef if there is none.
sub value {
    my ($sample, $text) = @_;
    $text //= scrape()->{content};
    return $text =~ /^\Q$sample\E ([0-9.e+-]+)$/m ? $1 : undef;
}

sub becomes {
    my ($sample, $want, $label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $is;
    return ok($httpd->await(sub {
        $is = value($sample);
        defined $is && $is == $want;
    }), $label) || diag("$sample is ", $is // 'not there', ", not $want");
}

# -- before any call --

my $reply = scrape();
is $reply->{status}, 200, 'metrics are answered';
is $reply->{headers}{'content-type'},
    'text/plain; version=0.0.4; charset=utf-8', 'as text of version 0.0.4';
is $reply->{headers}{'cache-control'}, 'no-store', 'and kept by nobody';
my $head = $httpd->request('HEAD', '/qdn/metrics');
is "$head->{status} " . ($head->{content} // ''), '200 ', 'HEAD works';
my $wrong = $httpd->request('POST', '/qdn/metrics');
is $wrong->{status}, 405, 'POST does not';
is $wrong->{headers}{allow}, 'GET, HEAD', 'and says what does';
becomes('qdn_daemon_up', 1, 'the daemon is up');
becomes('qdn_health', 0, 'health is green');

# -- calls --

my $answered = call_sid;
my $voice = $httpd->webhook('voice', { CallSid => $answered });
is $voice->{status}, 200, 'a call';
$httpd->webhook('voice', { CallSid => $answered });
my ($next) = $voice->{content} =~ /action="([^"]*voice\/next[^"]*)"/;
$next =~ s/&amp;/&/g;
$httpd->webhook($next, { CallSid => $answered, DialCallStatus => 'busy',
    CallStatus => 'in-progress' });
$httpd->webhook('voice/status', { CallSid => $answered,
    CallStatus => 'completed' });
is $httpd->webhook('voice', { CallSid => call_sid },
    signature => 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=')->{status}, 403,
    'a request that is not signed';
expect_log('QDN0514');

my $text = scrape()->{content};
my %is = (
    'qdn_webhooks_total{step="voice",result="answered"}' => 1,
    'qdn_webhooks_total{step="voice",result="repeated"}' => 1,
    'qdn_webhooks_total{step="voice/next",result="answered"}' => 1,
    'qdn_webhooks_total{step="voice/status",result="answered"}' => 1,
    'qdn_webhooks_refused_total{cause="signature"}' => 1,
    'qdn_webhooks_refused_total{cause="method"}' => 0,
    'qdn_hops_ended_total{reason="busy"}' => 1,
    'qdn_webhook_duration_seconds_count' => 4,
    'qdn_webhook_duration_seconds_bucket{le="+Inf"}' => 4,
    'qdn_journal_lost_events_total' => 0,
    'qdn_daemon_starts_total' => 1,
);
is value($_, $text), $is{$_}, $_ for sort keys %is;
cmp_ok value('qdn_decisions_total{reason="available"}', $text), '>=', 2,
    'decisions are counted by reason';
cmp_ok value('qdn_webhook_duration_seconds_sum', $text), '>', 0,
    'answering takes time';
cmp_ok value('qdn_journal_events_total', $text), '>', 4,
    'events are counted';
cmp_ok abs(value('qdn_last_webhook_timestamp_seconds', $text) - time), '<', 60,
    'the last webhook has its moment';

becomes('qdn_calls_ended_total{line="1",outcome="abandoned"}', 1,
    'calls are counted by line and outcome once they are in SQL');
cmp_ok value('qdn_drained_events_total'), '>', 4, 'the drain is counted';
ok $httpd->await(sub { (value('qdn_disk_free_bytes') // 0) > 0 }),
    'the disk has room';
becomes('qdn_journal_lag_seconds', 0, 'nothing lags');
becomes('qdn_health_check{check="webhooks"}', 1,
    'a bad signature makes webhooks amber');

# -- its form --

sub promtool_ok {
    my ($label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $file = "$httpd->{dir}/metrics.txt";
    QDN::Httpd::spew($file, scrape()->{content});
    my ($status, $said) = QDN::Httpd::run('sh', '-c',
        'exec promtool check metrics < "$0"', $file);
    return ok($status == 0 && $said eq '', $label) || diag($said);
}

promtool_ok('promtool finds nothing');

# -- with sources --

my $feeds = httpd(config => <<'CONF')->start;
<QDNOperator sergio>
    QDNName "Sergio Example"
    QDNPhone primary +16195550101
    QDNHolidays @DIR@/sergio.ics
</QDNOperator>
<QDNLine +16195550100>
    QDNName "Main office"
    QDNHop sergio/primary
</QDNLine>
CONF
my $plain = $httpd;
$httpd = $feeds;
ok $httpd->await(sub { defined value('qdn_feed_up{feed="1"}') }),
    'a source is told by its place';
ok $httpd->await(sub { (value('qdn_feed_errors_total{feed="1"}') // 0) > 0 }),
    'what it does not answer is counted';
is value('qdn_feed_age_seconds{feed="1"}'), undef,
    'what never answered has no age';
promtool_ok('promtool finds nothing with sources');
my $all = scrape()->{content};
unlike $all, qr/\+?1?\d*555[-.]?01\d\d/, 'no phone number is told';
unlike $all, qr/sergio|ana\b|Main|Example|office|\.ics/i, 'and no name';
unlike $all, qr/[0-9a-f]{32}|AC[0-9a-f]|secrets\.env/, 'and no secret';
allow_log('QDN0311', 'QDN0602', 'QDN0901');
finish($feeds);
$httpd = $plain;

# -- without the daemon --

my ($daemon) = daemons($httpd);
kill 'STOP', $daemon;
$httpd->webhook('voice', { CallSid => call_sid });
becomes('qdn_daemon_up', 0, 'a daemon that hangs is not up');
is value('qdn_health'), 2, 'and health is red';
is value('qdn_webhooks_total{step="voice",result="answered"}'), 2,
    'what children count goes on';
ok defined value('qdn_journal_pending_bytes'), 'the last word counts';
promtool_ok('promtool finds nothing then either');
kill 'CONT', $daemon;
becomes('qdn_daemon_up', 1, 'it is up again');

# -- counters outlive restarts --

$httpd->graceful;
becomes('qdn_daemon_starts_total', 2, 'a restart starts a new daemon');
is value('qdn_webhooks_total{step="voice",result="answered"}'), 2,
    'and forgets nothing';
is value('qdn_calls_ended_total{line="1",outcome="abandoned"}'), 1,
    'nor how calls ended';

done_testing;
