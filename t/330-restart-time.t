# SPDX-License-Identifier: Apache-2.0
# Restart and stop are quick whatever goes on: a long download, a database
# that hangs, a daemon that is frozen.

use QDN::Test;
use QDN::Fault qw(daemons gone_within workers);
use QDN::Httpd;
use QDN::Mariadb;
use QDN::Postgres;
use QDN::Session;
use QDN::Traffic;
use IO::Socket::INET;
use Socket qw(SO_RCVBUF SOL_SOCKET);
use Time::HiRes qw(sleep time);

use constant BOUND => 3;                   # seconds
use constant BIG => 64 * 1024 * 1024;      # bytes of the download

my $server = { pgsql => 'QDN::Postgres', mysql => 'QDN::Mariadb' }
    ->{ $ENV{QDN_TEST_DATABASE} || 'sqlite3' };
$server = $server->new->start if $server;
@ENV{qw(QDN_PG_DSN QDN_MARIADB_DSN)} = ($server->{dsn}) x 2 if $server;
allow_log('QDN0311');

# MPM event itself, without any module of ours, takes ten seconds for a hard
# restart or a stop, and kills the child, where a slow download blocks a thread
# in write (hence Sendfile here) or keeps the child of an earlier graceful
# restart alive (hence a download of its own for each signal below).
my $config = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf") . <<'CONF';
EnableSendfile On
<Directory "@DIR@/htdocs">
    Require all granted
</Directory>
CONF

# A reader so slow that the download outlasts everything here.
sub download {
    my ($httpd) = @_;
    my $socket = IO::Socket::INET->new(Proto => 'tcp') or die "socket: $!\n";
    $socket->sockopt(SO_RCVBUF, 8192);
    $socket->connect(Socket::pack_sockaddr_in($httpd->{port},
        Socket::inet_aton('127.0.0.1'))) or die "connect: $!\n";
    print $socket "GET /big HTTP/1.0\r\n\r\n";
    $socket->flush;
    sysread $socket, my $head, 4096 or die "no download: $!\n";
    like $head, qr{^HTTP/1.1 200}, 'a download begins';
    return $socket;
}

# Does the download still flow?
sub flows {
    my ($socket) = @_;
    my $bytes = 0;
    for (1 .. 20) {
        $bytes += sysread($socket, my $some, 65536) // 0;
    }
    return $bytes > 65536;
}

for my $mpm ('event', 'prefork') {
    my $httpd = httpd(mpm => $mpm, config => $config);
    open my $big, '>', "$httpd->{dir}/htdocs/big" or die "big: $!\n";
    truncate $big, BIG or die "big: $!\n";
    close $big;
    $httpd->start;
    my $traffic = QDN::Traffic->new($httpd);
    my $call = $traffic->call;
    ok $call->begin, "$mpm: a call begins";
    $traffic->kept_once_ok("$mpm: and is in SQL");

    my $session;
    if ($server) {
        $server->freeze;
    }
    else {
        $session = QDN::Session->open($httpd, 'BEGIN IMMEDIATE');
    }
    my $thaw = sub { $server ? $server->thaw : $session->close };
    ok $call->no_answer, "$mpm: the call goes on while the database hangs";
    sleep 0.5;    # until the daemon hangs in it

    for my $signal ('USR1', 'HUP') {
        my $socket = download($httpd);
        my ($old) = daemons($httpd);
        my @old = workers($httpd);
        kill 'STOP', $old if $signal eq 'HUP';
        my $began = time;
        ok $httpd->restart($signal), "$mpm: restart by SIG$signal";
        ok $call->no_answer, "$mpm: the call goes on";
        cmp_ok time - $began, '<', BOUND, "$mpm: within @{[BOUND]} s";
        ok defined gone_within(BOUND - (time - $began), $old),
            "$mpm: the old daemon has gone by then";
        is scalar daemons($httpd), 1, "$mpm: one daemon works";
        if ($signal eq 'USR1') {
            ok flows($socket), "$mpm: the download goes on";
            close $socket;
        }
        ok defined gone_within(BOUND, @old), "$mpm: no old child is left";
    }

    my $socket = download($httpd);
    my @all = $httpd->children;
    my $took = $httpd->stop;
    ok defined $took && $took < BOUND, "$mpm: stop within @{[BOUND]} s"
        or diag($took // 'it had to be killed');
    ok defined gone_within(0.5, @all), "$mpm: and nothing is left";

    $thaw->();
    $httpd->start;
    ok $call->message, "$mpm: the call ends with a message";
    $traffic->kept_once_ok("$mpm: every event once");
}

done_testing;
