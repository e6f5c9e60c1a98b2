# SPDX-License-Identifier: Apache-2.0
# Calendars of a real server, by CalDAV and as a calendar file: who is busy
# there is not rung; a server that answers nothing makes nobody free.

use QDN::Test;
use QDN::Radicale;
use QDN::Twilio qw(ACCOUNT TOKEN);
use POSIX qw(strftime);

my $radicale = QDN::Radicale->new;
my $url = $radicale->url;
my $user = QDN::Radicale::USER;

my $httpd = httpd(
    secrets => join('', map { "$_\n" } 'TWILIO_ACCOUNT_SID=' . ACCOUNT,
        'TWILIO_AUTH_TOKEN=' . TOKEN, 'DAV_WRONG=x',
        'DAV_PASSWORD=' . QDN::Radicale::PASSWORD),
    config => <<"CONF")->start;
<QDNOperator sergio>
    QDNPhone primary +16195550101
    QDNCalendar caldav:$url user=$user secret=DAV_PASSWORD refresh=60s
</QDNOperator>
<QDNOperator ana>
    QDNPhone mobile +16195550103
    QDNCalendar ics:$url user=$user secret=DAV_PASSWORD refresh=60s
</QDNOperator>
<QDNOperator carl>
    QDNPhone mobile +16195550104
    QDNCalendar caldav:$url user=$user secret=DAV_WRONG refresh=60s
</QDNOperator>
<QDNOperator dora>
    QDNPhone mobile +16195550105
    QDNDuty caldav:$url user=$user secret=DAV_PASSWORD match=dora refresh=60s
</QDNOperator>
<QDNLine +16195550100>
    QDNHop sergio/primary
    QDNHop ana/mobile
    QDNHop carl/mobile
</QDNLine>
<QDNLine +16195550106>
    QDNHop dora/mobile
</QDNLine>
CONF

sub utc { return strftime('%Y%m%dT%H%M%SZ', gmtime(time + $_[0])) }

# How one call is forwarded: operator => reason, until it rings somebody.
sub routed {
    my ($line) = @_;
    my $sid = call_sid;
    my $answer = $httpd->webhook('voice', { CallSid => $sid, To => $line });
    $answer->{status} == 200 or return { status => $answer->{status} };
    my %reason;
    QDN::Httpd->await(sub {
        %reason = map { $_->{operator} => $_->{reason} }
            grep { $_->{kind} =~ /^hop\.(?:skipped|dialled)$/ }
            $httpd->events($sid);
        return %reason;
    });
    return \%reason;
}

# The daemon reads feeds again when the configuration is loaded.
sub read_again {
    ok $httpd->graceful, 'the calendars are read again';
    return;
}

sub becomes {
    my ($expected, $label, $line) = @_;
    my $got;
    my $ok = QDN::Httpd->await(sub {
        $got = routed($line || '+16195550100');
        return !grep { ($got->{$_} // '') ne $expected->{$_} } keys %$expected;
    }, 20);
    ok $ok, $label or diag(explain([$got, $expected]));
    return;
}

becomes({ sergio => 'available' }, 'an empty calendar: free');
becomes({ dora => 'off-duty' }, 'an empty roster: off duty', '+16195550106');

$radicale->put('now', 'SUMMARY:Haul out', 'DTSTART:' . utc(-3600),
    'DTEND:' . utc(7200));
allow_log('QDN0901', 'QDN0902');
read_again;
becomes({ sergio => 'calendar-busy', ana => 'calendar-busy',
        carl => 'unknown-assumed-available' },
    'busy by CalDAV and by ICS; a refused password is unknown, not free');

$radicale->remove('now');
$radicale->put('weekly', 'SUMMARY:Every day, all day',
    'DTSTART:20240101T000000Z', 'DURATION:PT23H59M', 'RRULE:FREQ=DAILY');
read_again;
becomes({ sergio => 'calendar-busy', ana => 'calendar-busy' },
    'busy by a recurrence that began years ago');

$radicale->remove('weekly');
$radicale->put('duty', 'SUMMARY:On call: Dora', 'DTSTART:' . utc(-3600),
    'DTEND:' . utc(7200), 'TRANSP:TRANSPARENT');
read_again;
becomes({ sergio => 'available' }, 'transparent: free');
becomes({ dora => 'available' }, 'a name on the roster: on duty',
    '+16195550106');

$radicale->put('now', 'DTSTART:' . utc(-3600), 'DTEND:' . utc(7200));
read_again;
becomes({ sergio => 'calendar-busy', ana => 'calendar-busy' }, 'busy again');
$radicale->freeze;
read_again;
becomes({ sergio => 'calendar-busy', ana => 'calendar-busy' },
    'the server hangs: its last answer holds over a restart');
$radicale->thaw;

done_testing;
