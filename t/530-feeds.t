# SPDX-License-Identifier: Apache-2.0
# What calendars, rosters, holidays and presence say decides who is rung; a
# source that fails leaves its last answer in force, and then "unknown". The
# sources are stand-ins (QDN::Outside, QDN::Google); Radicale has 550.

use QDN::Test;
use QDN::Fault qw(daemons);
use QDN::Outside;
use File::Temp;
use JSON::PP;
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);

my $json = JSON::PP->new->canonical;
my $outside = QDN::Outside->start;
my $base = $outside->{base};
my $dir = File::Temp->newdir;
my $SID = 'TWILIO_ACCOUNT_SID=' . QDN::Twilio::ACCOUNT . "\n"
    . 'TWILIO_AUTH_TOKEN=' . QDN::Twilio::TOKEN . "\n";

$ENV{GOOGLE_API_BASE} = $base;
$ENV{GOOGLE_TOKEN_URL} = "$base/token";

sub utc { return strftime('%Y%m%dT%H%M%SZ', gmtime(time + $_[0])) }
sub rfc3339 { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + $_[0])) }

# A calendar with one event that lasts from now, an hour before, an hour on.
sub ics {
    my (@lines) = @_;
    return join "\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//t//EN',
        'BEGIN:VEVENT', 'UID:1@example.com', 'DTSTAMP:20260101T000000Z',
        'DTSTART:' . utc(-3600), 'DTEND:' . utc(3600), @lines, 'END:VEVENT',
        'END:VCALENDAR', '';
}

my $NOTHING = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n"
    . "END:VCALENDAR\r\n";

# -- Google knows our key --

is system("openssl genrsa -out $dir/key.pem 2048 2>/dev/null && openssl rsa"
    . " -in $dir/key.pem -pubout -out $dir/public.pem 2>/dev/null"), 0,
    'a key for the service account';
QDN::Httpd::spew("$dir/account.json", JSON::PP->new->encode({
    type => 'service_account', private_key_id => 'k1',
    private_key => QDN::Httpd::slurp("$dir/key.pem"),
    client_email => 'qdn@house.example.com' }), 0600);

sub google {
    my (%more) = @_;
    return $outside->google(public_key => "$dir/public.pem", kid => 'k1',
        email => 'qdn@house.example.com', audience => "$base/token", %more);
}

sub all_well {
    $outside->unset('/calendar/v3/freeBusy');
    google(calendars => {
        'busy@example.com' => [[rfc3339(-600), rfc3339(1800)]],
        'free@example.com' => [],
    });
    $outside->set('/busy.ics', body => ics('SUMMARY:Secret plans'),
        type => 'text/calendar');
    $outside->set('/duty.ics', body => ics('SUMMARY:On call: Ana'));
    $outside->set('/free.ics', body => $NOTHING);
    $outside->set('/away', body => '{"user":{"state":"away"}}',
        need => { 'X-Key' => 'pr3sence' });
    $outside->set('/here', body => '[{"on":true}]',
        need => { Authorization => 'Bearer pr3sence' });
    return;
}

# One operator for each kind of source, and what it says of them.
my %expected = (
    gail => 'calendar-busy', ian => 'calendar-busy', dan => 'off-duty',
    hal => 'holiday', pia => 'presence-away', ok => 'available',
);
my @order = qw(gail ian dan hal pia ok);
my $today = strftime('%Y%m%d', gmtime);
QDN::Httpd::spew("$dir/holidays.ics", ics() =~ s/DTSTART:\S+/DTSTART;VALUE=DATE:$today/r
    =~ s/DTEND:\S+\r\n//r);

my $operators = <<"CONF";
<QDNOperator gail>
    QDNPhone p +16195550101
    QDNCalendar google:busy\@example.com refresh=60s
</QDNOperator>
<QDNOperator ian>
    QDNPhone p +16195550102
    QDNCalendar ics:$base/busy.ics refresh=60s
</QDNOperator>
<QDNOperator dan>
    QDNPhone p +16195550103
    QDNDuty ics:$base/duty.ics match=dan refresh=60s
</QDNOperator>
<QDNOperator hal>
    QDNPhone p +16195550104
    QDNTimezone UTC
    QDNHours "Mo-Su 00:00-24:00; PH off"
    QDNHolidays $dir/holidays.ics
</QDNOperator>
<QDNOperator pia>
    QDNPhone p +16195550105
    QDNPresence $base/away pointer=/user/state available=active secret=PRESENCE header=X-Key refresh=10s
</QDNOperator>
<QDNOperator ok>
    QDNPhone p +16195550106
    QDNCalendar google:free\@example.com refresh=60s
    QDNCalendar ics:$base/free.ics refresh=60s
    QDNDuty ics:$base/duty.ics match=ana refresh=60s
    QDNPresence $base/here pointer=/0/on available=true secret=PRESENCE refresh=10s
</QDNOperator>
CONF
my $lines = "<QDNLine +16195550100>\n"
    . join('', map { "    QDNHop $_/p\n" } @order) . "</QDNLine>\n"
    . join('', map { my $i = $_; "<QDNLine +1619555011$i>\n    QDNHop"
        . " $order[$i]/p\n</QDNLine>\n" } 0 .. $#order);

my $secrets = $SID . "GOOGLE_SERVICE_ACCOUNT_FILE=$dir/account.json\n"
    . "PRESENCE=pr3sence\n";
my $httpd = httpd(secrets => $secrets, config => $operators . $lines);

# How one call is forwarded: operator => reason, until it rings somebody.
sub routed {
    my ($server, $to) = @_;
    my $sid = call_sid;
    my $answer = $server->webhook('voice', { CallSid => $sid,
        To => $to // '+16195550100', Called => $to // '+16195550100' });
    $answer->{status} == 200 or return { status => $answer->{status} };
    my %reason;
    $server->await(sub {
        %reason = map { $_->{operator} => $_->{reason} }
            grep { $_->{kind} =~ /^hop\.(?:skipped|dialled)$/ }
            $server->events($sid);
        return %reason;
    });
    return \%reason;
}

sub becomes {
    my ($label, $expected, %how) = @_;
    my $got;
    my $server = $how{server} // $httpd;
    my $ok = $server->await(sub {
        $got = routed($server, $how{to});
        return !grep { ($got->{$_} // '') ne $expected->{$_} } keys %$expected;
    }, $how{wait} // 15);
    ok $ok, $label or diag('got ' . $json->encode($got) . ', not '
        . $json->encode($expected));
    return;
}

# -- everything is well --

all_well();
my ($status, $text) = $httpd->configtest;
is $status, 0, 'configtest' or diag($text);
unlike $text, qr/cannot be asked/, 'has nothing to say about secrets';
$httpd->start;
becomes('each source says why its operator is not rung', \%expected);
my ($asked) = grep { $_->{path} eq '/busy.ics' } @{ $outside->log };
like $asked->{headers}{'user-agent'}, qr{^mod_qdn/\d}, 'we say who we are';
unlike QDN::Httpd::slurp("$httpd->{dir}/state/availability"), qr/Secret plans/,
    'titles are not kept without QDNCalendarDetail';

$outside->set('/away', body => '{"user":{"state":"active"}}');
becomes('presence changes within its refresh=', { pia => 'available' },
    to => '+16195550114', wait => 20);
QDN::Httpd::spew("$dir/holidays.ics", $NOTHING);
becomes('a file is read again when it changes', { hal => 'available' },
    to => '+16195550113', wait => 20);

# -- every source down, one by one: the last answer holds, over restarts --

my %down = (
    ian => ['/busy.ics', status => 503],
    dan => ['/duty.ics', body => '<html>Please sign in</html>'],
    pia => ['/away', mute => 1],
    gail => ['/calendar/v3/freeBusy', status => 200, body => '{"calendars"'],
);
allow_log('QDN0901', 'QDN0902');
for my $who (sort keys %down) {
    all_well();
    my ($path, @rule) = @{ $down{$who} };
    my ($to) = map { "+1619555011$_" } grep { $order[$_] eq $who }
        0 .. $#order;
    becomes("$who: well", { $who => $expected{$who} }, to => $to, wait => 25);
    $outside->set($path, @rule);
    my $before = $outside->counts->{$path} // 0;
    ok $httpd->graceful, "$who\'s source is down at a restart";
    ok $httpd->await(sub { ($outside->counts->{$path} // 0) > $before }, 15),
        'and is asked';
    sleep 0.5;
    becomes("$who: its last answer holds", { $who => $expected{$who} },
        to => $to);
    ok $httpd->await(sub {
        my $health = $httpd->daemon('health') or return;
        return $health->{health} eq 'amber'
            && grep { $_->{what} =~ /calendar|feed/ } @{ $health->{reasons} };
    }, 25), 'and health is amber' or diag($json->encode($httpd->daemon('health')
        || {}));
}

# One event when a feed begins to fail, one when it answers again.
my %said;
ok $httpd->await(sub {
    %said = ();
    for ($httpd->sql("SELECT kind, detail FROM qdn_event WHERE kind LIKE"
            . " 'feed.%' ORDER BY at")) {
        my $detail = $json->decode($_->{detail});
        $said{ join ' ', @$detail{qw(kind origin)} } .=
            $_->{kind} eq 'feed.failed' ? 'F' : 'R';
    }
    return keys %said >= 5 && !grep { !/^(?:FR)*F?$/ } values %said;
}), 'each failure and each recovery is one event'
    or diag($json->encode(\%said));

# -- all at once, and nothing is known --

ok defined $httpd->stop, 'httpd stops';
unlink "$httpd->{dir}/state/availability";
$outside->stop;
unlink "$dir/holidays.ics";
$httpd->start;
my $began = time;
for my $i (0 .. $#order) {
    becomes("all sources gone: $order[$i] is rung, and why is told",
        { $order[$i] => 'unknown-assumed-available' },
        to => "+1619555011$i");
}
cmp_ok time - $began, '<', 10, 'no call waits for them';

# -- a hundred operators with three calendars each --

my $many = QDN::Outside->start;
my (%calendars, $text_of_many);
my $events = join '', map { "BEGIN:VEVENT\r\nUID:$_\@example.com\r\n"
    . "DTSTAMP:20260101T000000Z\r\nDTSTART;TZID=America/Los_Angeles:"
    . "20260105T0${\($_ % 10)}0000\r\nDURATION:PT30M\r\n"
    . "RRULE:FREQ=WEEKLY;BYDAY=MO,WE,FR\r\nEND:VEVENT\r\n" } 1 .. 50;
my $full = $NOTHING =~ s/END:VCALENDAR/${events}END:VCALENDAR/r;
for my $i (0 .. 99) {
    $many->set("/a$i.ics", body => $full);
    $many->set("/b$i.ics", body => $full);
    $calendars{"c$i\@example.com"} = [[rfc3339(-600), rfc3339(1800)]];
    $text_of_many .= "<QDNOperator o$i>\n    QDNPhone p "
        . sprintf('+1%d5550%d', $i < 99 ? 619 : 858, 100 + $i % 99) . "\n"
        . "    QDNCalendar ics:$many->{base}/a$i.ics refresh=60s\n"
        . "    QDNCalendar ics:$many->{base}/b$i.ics refresh=60s\n"
        . "    QDNCalendar google:c$i\@example.com refresh=60s\n"
        . "</QDNOperator>\n";
}
$many->google(public_key => "$dir/public.pem", kid => 'k1',
    email => 'qdn@house.example.com', audience => "$many->{base}/token",
    calendars => \%calendars);
$ENV{GOOGLE_API_BASE} = $many->{base};
$ENV{GOOGLE_TOKEN_URL} = "$many->{base}/token";
my $house = httpd(secrets => $secrets, config => $text_of_many
    . "<QDNLine +16195550199>\n    QDNHop o99/p\n</QDNLine>\n");
$began = time;
$house->start;
my $counts;
ok $house->await(sub {
    $counts = $many->counts;
    return 200 == grep { /\.ics$/ } keys %$counts;
}, 60), '200 calendar files are read within a minute';
becomes('and what Google says of a hundred', { o99 => 'calendar-busy' },
    server => $house, to => '+16195550199', wait => 30);
my $took = time - $began;
cmp_ok $took, '<', 60, 'all within a minute';
cmp_ok $counts->{'/calendar/v3/freeBusy'} // 0, '<=', 4,
    'a hundred calendars of Google are a few questions';
my ($daemon) = daemons($house);
my @stat = split / /, QDN::Httpd::slurp("/proc/$daemon/stat") =~ s/^.*\) //sr;
diag(sprintf 'a hundred operators, three calendars each: %.1f s, %.2f s of'
    . ' CPU in the daemon', $took, ($stat[11] + $stat[12]) / 100);
cmp_ok -s "$house->{dir}/state/availability", '<', 100 * 4096,
    'the snapshot has less than 4 KiB per operator';

# -- without the object that asks --

my $bare_dir = File::Temp->newdir;
my $module = QDN::Httpd::setting('QDN_MODULE');
is system('cp', $module, "$bare_dir/mod_qdn.so"), 0, 'mod_qdn.so alone';
chmod 0755, $bare_dir;
my $bare = httpd(file => "$bare_dir/mod_qdn.so", secrets => $secrets,
    config => $operators . $lines)->start;
expect_log('QDN0570');
becomes('without qdn_sources.so calls are answered',
    { gail => 'unknown-assumed-available' }, server => $bare);
ok $bare->await(sub {
    my $health = $bare->daemon('health') or return;
    return $health->{health} eq 'amber';
}), 'and health is amber';

done_testing;
