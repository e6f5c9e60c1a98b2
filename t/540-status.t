# SPDX-License-Identifier: Apache-2.0
# A status set by hand: in force at once in every child, kept over restarts
# and a killed daemon, settable while the database is away, in force on another
# host within seconds, ending by itself. And an operator who talks is not rung,
# whichever host the talk is on.

use QDN::Test;
use QDN::Fault qw(daemons);
use QDN::Postgres;
use JSON::PP;
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
my %phone = (sergio => '+16195550101', ana => '+16195550103');

# qdnctl status ...: (exit status, what it said).
sub status {
    my ($httpd, @arguments) = @_;
    return $httpd->qdnctl('status', @arguments, '--state',
        "$httpd->{dir}/state");
}

sub set_ok {
    my ($httpd, $label, @arguments) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($code, $text) = status($httpd, @arguments);
    return is($code, 0, $label) || diag($text);
}

# Whom a new call rings first: an operator, or "nobody".
sub rung {
    my ($httpd, %params) = @_;
    my $reply = $httpd->webhook('voice', { CallSid => call_sid, %params });
    for my $who (sort keys %phone) {
        return $who if $reply->{content} =~ /\Q$phone{$who}\E/;
    }
    return $reply->{content} =~ /<Record/ ? 'nobody'
        : "$reply->{status} $reply->{content}";
}

# Enough calls that every child has had some.
sub all_ring_ok {
    my ($httpd, $who, $label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my %seen;
    $seen{ rung($httpd) }++ for 1 .. 40;
    return is_deeply(\%seen, { $who => 40 }, $label);
}

# How long it takes until each of a dozen calls in a row rings that person.
sub seconds_until {
    my ($httpd, $who, $patience) = @_;
    my $began = time;
    $httpd->await(sub {
        !grep { rung($httpd) ne $who } 1 .. 12;
    }, $patience // 10) or return 999;
    return time - $began;
}

sub rows {
    my ($httpd, $kind) = @_;
    return $httpd->sql("SELECT * FROM qdn_event WHERE kind = '$kind'"
        . ' ORDER BY at, id');
}

# -- set and shown --

my $httpd = httpd()->start;
allow_log('QDN0650', 'QDN0311', 'QDN0651');
cmp_ok seconds_until($httpd, 'sergio'), '<', 10,
    'sergio is rung as long as nobody says otherwise';
my ($code, $text) = status($httpd);
is $code, 0, 'qdnctl status shows who is available';
like $text, qr/^sergio +\+16195550100 +yes +available\b/m, 'sergio is';

set_ok($httpd, 'sergio is away', 'sergio', 'away', '--why', 'dentist',
    '--until', '2h');
my $took = seconds_until($httpd, 'ana');
cmp_ok $took, '<', 1, sprintf 'in force in every child within %.0f ms',
    1000 * $took;
all_ring_ok($httpd, 'ana', 'no call rings sergio any more');
my $sid = call_sid;
$httpd->webhook('voice', { CallSid => $sid });
my @skipped = grep { $_->{kind} eq 'hop.skipped' } $httpd->events($sid, 4);
is_deeply [sort map { "$_->{operator}/$_->{phone} $_->{reason}" } @skipped],
    ['sergio/backup status-away', 'sergio/primary status-away'],
    'both of his phones are left out, for that reason';
my $known = JSON::PP->new->decode($skipped[0]{detail})->{availability};
like "$known->{by} $known->{who} $known->{why}",
    qr/^status \S+\@\S+ dentist$/, 'who said so, and why, stands with it';
($code, $text) = status($httpd);
like $text, qr/^sergio .* no +status-away +\d{4}-\S+ \S+ P[SD]T +\S+: dentist/m,
    'qdnctl status shows it, until when, by whom and why';
my $json = JSON::PP->new->decode((status($httpd, '-j', 'sergio'))[1]);
is $json->{operators}[0]{standings}[0]{why}, 'dentist', '-j as well';
eventually { rows($httpd, 'status.changed') == 1 } 'it is an event in SQL';
my ($row) = rows($httpd, 'status.changed');
is $row->{operator}, 'sergio', 'of sergio';

# -- refused --

for (
    [1, qr/nobody to ring on Queen of San Diego .* until /, 'ana', 'away',
        '--why', 'x', '--until', '1h'],
    [2, qr/no operator 'anna', only sergio, ana/, 'anna', 'away', '--why', 'x'],
    [2, qr/needs a reason/, 'ana', 'away'],
    [2, qr/is no time/, 'ana', 'away', '--why', 'x', '--until', 'soon'],
    [2, qr/available, away or auto/, 'ana', 'asleep', '--why', 'x'],
    [2, qr/no line of ours/, 'ana', 'away', '--why', 'x', '--line',
        '+16195550199'],
    [2, qr/say whose/, '--why', 'x'],
    )
{
    my ($wanted, $says, @arguments) = @$_;
    ($code, $text) = status($httpd, @arguments);
    is $code, $wanted, "status @arguments: exit $wanted";
    like $text, $says, "... and $says";
}
all_ring_ok($httpd, 'ana', 'nothing of that has changed anything');
set_ok($httpd, '--anyway leaves the line alone', 'ana', 'away', '--why', 'x',
    '--until', '1h', '--anyway');
cmp_ok seconds_until($httpd, 'nobody'), '<', 1, 'and calls go to voicemail';
set_ok($httpd, 'auto undoes it', 'ana', 'auto');
cmp_ok seconds_until($httpd, 'ana'), '<', 1, 'ana is rung again';

# -- the snapshot cannot be written --

my $obstacle = "$httpd->{dir}/state/availability.new";
mkdir $obstacle or die "$obstacle: $!";
expect_log('QDN0560');
($code, $text) = status($httpd, 'ana', 'available', '--why', 'x');
is $code, 1, 'what is not in force is no success';
like $text, qr/^kept, not in force on this host yet: File exists$/m,
    'and it is said why';
is_deeply [@{ JSON::PP->new->decode((status($httpd, '-j', 'ana', 'auto'))[1]) }
        {qw(set delayed)}],
    [JSON::PP::true, 'File exists'], '-j as well';
rmdir $obstacle or die "$obstacle: $!";
eventually { $httpd->log_text =~ /QDN0561/ } 'it is put in force later';

# -- it outlives what happens to httpd --

for my $signal ('USR1', 'HUP') {
    ok $httpd->restart($signal), "restart by SIG$signal";
    all_ring_ok($httpd, 'ana', "sergio is still away after SIG$signal");
}
my ($daemon) = $httpd->await(sub { (daemons($httpd))[0] });
kill 'KILL', $daemon;
all_ring_ok($httpd, 'ana', 'and while the daemon is dead');
$httpd->await(sub {
    my $said = $httpd->daemon('ping');
    $said && $said->{pong} != $daemon;
}, 20);
like((status($httpd))[1], qr/^sergio .* no +status-away/m,
    'the next daemon knows it');
$httpd->stop;
($code, $text) = status($httpd);
is $code, 1, 'with httpd down qdnctl status says so';
like $text, qr/as of .*\n.*\nsergio +all +away .*dentist/,
    'and what is known as of when';
is((status($httpd, 'sergio', 'auto'))[0], 2, 'but nothing can be set');
$httpd->start;
all_ring_ok($httpd, 'ana', 'sergio is away after a start, too');

# -- it ends by itself --

set_ok($httpd, 'away for three seconds', 'sergio', 'away', '--why', 'tea',
    '--until', strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time + 3)));
is rung($httpd), 'ana', 'he is away';
cmp_ok seconds_until($httpd, 'sergio'), '<', 5, 'and comes back by himself';
eventually { rows($httpd, 'status.ended') == 1 } 'which is an event';
is +(rows($httpd, 'status.ended'))[0]{operator}, 'sergio', 'of his';

# -- without a database --

# A server of our own, so that it can be stopped.
if ($httpd->{database} eq 'pgsql') {
    my $postgres = QDN::Postgres->new->start;
    my $away = httpd(dsn => $postgres->{dsn})->start;
    eventually { eval { rows($away, 'config.loaded') == 1 } }
        'the database takes rows';
    $postgres->stop;
    set_ok($away, 'a status is set while the database is stopped', 'sergio',
        'away', '--why', 'x');
    cmp_ok seconds_until($away, 'ana'), '<', 1, 'and in force at once';
    $postgres->start;
    ok $away->await(sub { eval { rows($away, 'status.changed') == 1 } }, 20),
        'once the database is back it is an event there';
    all_ring_ok($away, 'ana', 'and stays in force');
    $away->stop;
}

my $alone = httpd(database => 'sqlite3', config =>
    "DBDriver sqlite3\nDBDMin 0\nDBDParams /nonexistent/qdn.sqlite\n$house")->start;
set_ok($alone, 'a status is set while there is no database', 'sergio', 'away',
    '--why', 'x');
cmp_ok seconds_until($alone, 'ana'), '<', 1, 'and in force at once';
is $alone->daemon('health')->{health}, 'amber', 'health is amber';
$alone->stop;

# -- two hosts --

my @common = (database => $ENV{QDN_TEST_DATABASE} || 'sqlite3');
my $x = httpd(@common, config => "Define QDN_TEST_HOST host-x\n$house");
$x->start;
my $y = httpd(@common, config => "Define QDN_TEST_HOST host-y\n$house",
    $x->{dsn} ? (dsn => $x->{dsn}) : ());
$y->reconfigure("DBDriver sqlite3\nDBDMin 0\n"
        . "DBDParams $x->{dir}/state/qdn.sqlite\n$y->{config}")
    if $x->{database} eq 'sqlite3';
$y->start;

for my $pair ([$x, $y, 'away', 'ana'], [$y, $x, 'auto', 'sergio']) {
    my ($here, $there, $state, $who) = @$pair;
    set_ok($here, "$state on one host", 'sergio', $state, '--why', 'x');
    my $took = seconds_until($there, $who);
    cmp_ok $took, '<', 5, sprintf 'in force on the other after %.1f s', $took;
}

# A talk, step by step, as Twilio tells it to one host or the other.
sub url_in {
    my ($reply, $pattern) = @_;
    my ($url) = $reply->{content} =~ /"([^"]*$pattern[^"]*)"/
        or return fail("a URL like $pattern in $reply->{content}");
    return $url =~ s/&amp;/&/gr;
}

sub talk {
    my ($host) = @_;
    my $sid = call_sid;
    my $leg = call_sid;
    my %callee = (CallSid => $leg, ParentCallSid => $sid,
        CallStatus => 'in-progress', Direction => 'outbound-dial');
    my $voice = $host->webhook('voice', { CallSid => $sid });
    my $screen = $host->webhook(url_in($voice, 'voice/screen'), \%callee);
    $host->webhook(url_in($screen, 'voice/accept'), { %callee, Digits => 1 });
    return { sid => $sid, next => url_in($voice, 'voice/next'), leg => $leg };
}

sub hang_up {
    my ($host, $talk) = @_;
    return $host->webhook($talk->{next}, { CallSid => $talk->{sid},
        CallStatus => 'completed', DialCallStatus => 'completed',
        DialBridged => 'true', DialCallSid => $talk->{leg},
        DialCallDuration => 9 });
}

my $talk = talk($x);
cmp_ok seconds_until($x, 'ana'), '<', 1, 'who talks is not rung on that host';
$took = seconds_until($y, 'ana');
cmp_ok $took, '<', 5, sprintf 'nor, %.1f s later, on the other', $took;
like((status($y))[1], qr/^sergio .* no +on-a-call/m, 'qdnctl status says why');
hang_up($x, $talk);
cmp_ok seconds_until($x, 'sergio'), '<', 1, 'after the talk he is rung again';
$took = seconds_until($y, 'sergio');
cmp_ok $took, '<', 5, sprintf 'on the other host after %.1f s', $took;

# The end of a talk may be told to another host than its beginning.
$talk = talk($x);
cmp_ok seconds_until($x, 'ana'), '<', 1, 'he talks again';
expect_log('QDN0531'); # y was not told of the key
hang_up($y, $talk);
$took = seconds_until($x, 'sergio');
cmp_ok $took, '<', 5,
    sprintf 'an end that the other host was told of counts after %.1f s', $took;

is $x->sql("SELECT id FROM qdn_event GROUP BY id HAVING COUNT(*) > 1"), 0,
    'no event is there twice';

done_testing;
