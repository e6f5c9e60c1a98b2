# SPDX-License-Identifier: Apache-2.0
# More than the server can do at once: calls beyond its workers, clients that
# dawdle, connections by the hundred (QDN_TEST_IDLE: how many) that say
# nothing, a database slower than the calls. Memory stays bounded, no event is
# lost, health tells the truth, and afterwards all is well again.

use QDN::Test;
use QDN::Cost qw(family pss_of);
use QDN::Fault qw(daemons workers);
use QDN::Httpd;
use QDN::Postgres;
use QDN::Session;
use QDN::Traffic;
use QDN::Twilio qw(ACCOUNT TOKEN form sign);
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

use constant PSS => 64;           # MiB that the whole server may take,
use constant OPEN => 48 / 1024;   # and for each open connection: httpd's pools

allow_log('QDN0311');      # the drain's complaint

# One child with eight workers, which is soon too few, but may keep idle
# connections while one of them is free; mod_reqtimeout sees to
# clients that dawdle, as it does on every httpd of Debian.
my $idle  = $ENV{QDN_TEST_IDLE} || 800;
my $httpd = httpd(config => QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf")
        . <<"CONF")->start;
ServerLimit 1
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
AsyncRequestWorkerFactor $idle
RequestReadTimeout header=3-6,MinRate=500 body=3,MinRate=500
KeepAliveTimeout 120
CONF

sub health { return $httpd->daemon('health') || {} }
sub count  { return health()->{counters}{ $_[0] } // 0 }

my $size = 0;

# MiB of parent, children and daemon.
sub bounded_ok {
    my ($label, $open) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $now = pss_of(family($httpd->{pid}));
    $size = $now if $now > $size;
    cmp_ok $now, '<', PSS + OPEN * ($open // 0), "$label: memory is bounded";
    return;
}

my $quiet = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$quiet->served_ok('quiet: calls are answered', worst => 1);
bounded_ok('quiet');

# -- more calls than workers --

my $crowd = QDN::Traffic->new($httpd, callers => 24, pause => 0);
$crowd->during(sub {
    sleep 3;
    bounded_ok('more calls than workers');
});
$crowd->served_ok('24 callers at 8 workers: all are answered', worst => 5);
$crowd->kept_once_ok('24 callers at 8 workers: every event once');

# -- clients that dawdle --

sub connect_to {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $httpd->{port}, Timeout => 5) || die "connect: $!\n";
}

# A signed webhook, but for its last bytes.
sub dawdler {
    my %params = (AccountSid => ACCOUNT, CallSid => call_sid,
        From => '+12025550123', To => '+16195550100',
        CallStatus => 'ringing');
    my $body   = form(\%params);
    my $socket = connect_to();
    print $socket "POST /qdn/twilio/voice HTTP/1.1\r\nHost: localhost\r\n",
        'X-Twilio-Signature: ',
        sign(TOKEN, "$httpd->{public}/voice", \%params), "\r\n",
        "Content-Type: application/x-www-form-urlencoded\r\n",
        'Content-Length: ', length $body, "\r\n\r\n", substr $body, 0, -5;
    $socket->flush;
    return $socket;
}

# Fewer than workers: the others go on at once. As many: callers wait until
# the dawdlers are shown out.
for my $n (6, 8) {
    my @dawdlers = map { dawdler() } 1 .. $n;
    sleep 0.2;
    my $beside = QDN::Traffic->new($httpd, callers => 2);
    my $began  = time;
    $beside->during(sub { sleep 1 });
    $beside->served_ok("$n of 8 workers read from clients that dawdle: "
        . 'calls are answered', least => 4, worst => $n < 8 ? 1 : 8);
    $beside->kept_once_ok("$n dawdlers: every event once");
    my @said = map { local $/; scalar <$_> // '' } @dawdlers;
    is scalar(grep { m{^HTTP/1.1 408 } } @said), $n,
        "$n dawdlers: each is told that time is up";
}
cmp_ok count('refused.timeout'), '>=', 14, 'and counted';
expect_log('QDN0621');

# -- connections that say nothing --

# Each has been answered once and stays; event keeps them without a worker, but
# when all workers are busy it shows such connections out: so one by one.
my @silent;
for (1 .. $idle) {
    my $socket = connect_to();
    print $socket "GET /qdn/health HTTP/1.1\r\nHost: localhost\r\n\r\n";
    $socket->flush;
    sysread $socket, my $reply, 8192;
    push @silent, $socket;
}
my $held = 0;
for my $pid (workers($httpd)) {
    $held += () = glob "/proc/$pid/fd/*";
}
cmp_ok $held, '>=', $idle, "$idle connections are open";
my $beside = QDN::Traffic->new($httpd);
$beside->during(sub {
    sleep 1;
    bounded_ok("$idle idle connections", $idle);
});
$beside->served_ok("$idle idle connections: calls are answered", worst => 2);
$beside->kept_once_ok("$idle idle connections: every event once");
@silent = ();

# -- a database slower than the calls --

# It takes no row for a while, so the journal grows, as it would beside any
# database that is too slow. Then it takes each row late.
my $lock = QDN::Session->open($httpd, $httpd->{database} eq 'sqlite3'
    ? 'BEGIN IMMEDIATE'
    : ('BEGIN', $httpd->{database} eq 'pgsql'
        ? 'LOCK TABLE qdn_event IN ACCESS EXCLUSIVE MODE'
        : 'SELECT * FROM qdn_journal FOR UPDATE'));
my $flood = QDN::Traffic->new($httpd, callers => 8, pause => 0);
my ($before, $pending) = (0, 0);
$flood->start;
sleep 2;
$before = pss_of(daemons($httpd), workers($httpd));
ok $httpd->await(sub { (health()->{health} // '') eq 'amber' }),
    'slow database: health is amber' or diag explain health();
my (undef, $text) = $httpd->qdnctl('doctor', '--state',
    "$httpd->{dir}/state");
like $text, qr/amber.*database/is, 'slow database: qdnctl doctor says so';
sleep 2;
$pending += -s $_ for glob "$httpd->{dir}/state/journal/*.jsonl";
cmp_ok pss_of(daemons($httpd), workers($httpd)) - $before, '<', 8,
    'slow database: waiting rows take no memory';
$lock->kill;    # callers hold its pipe open, so it would not hear of an end
bounded_ok('slow database', $idle);
$flood->stop;
cmp_ok $pending, '>', 100 * $flood->answered,
    'slow database: what waits is in the journal';
$flood->served_ok('slow database: callers do not notice', worst => 3);
$flood->kept_once_ok('slow database: every event once');

is count('journal.lost'), 0, 'nothing was lost';
ok $httpd->await(sub { health()->{drain}{state} eq 'idle'
    && !health()->{drain}{pending_bytes} }), 'the drain has caught up';
ok $httpd->await(sub { !grep { $_->{what} =~ /database/ }
    @{ health()->{reasons} } }), 'and health speaks of no database any more';
my $after = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$after->served_ok('afterwards calls are as quick as before', worst => 1);
$after->kept_once_ok('and kept');
diag sprintf 'at most %.1f MiB', $size;

done_testing;
