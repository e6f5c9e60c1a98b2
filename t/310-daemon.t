# SPDX-License-Identifier: Apache-2.0
# The daemon killed, hung, orphaned, doubled: calls never notice, one daemon
# is there in the end, and every event is in SQL once.

use QDN::Test;
use QDN::Fault qw(alive daemons gone_within workers);
use QDN::Traffic;
use Time::HiRes qw(sleep time);

# The pid of a daemon that is not one of these and answers, once there is one.
sub new_daemon {
    my ($httpd, @old) = @_;
    return $httpd->await(sub {
        my @now = grep { my $pid = $_; !grep { $_ == $pid } @old }
            daemons($httpd);
        my $said = @now == 1 && $httpd->daemon('ping');
        return $said && $said->{pong} == $now[0] && $now[0];
    }, 20);
}

# -- hung: this takes the half minute that everything else is done in --

my $hung = httpd()->start;
my $hung_began;
my $stopped = new_daemon($hung);
my $meanwhile = QDN::Traffic->new($hung, callers => 2, pause => 0.05);
ok $stopped, 'a daemon runs';
kill 'STOP', $stopped;
$hung_began = time;
$meanwhile->during(sub { sleep 0.5 });
$meanwhile->served_ok('calls go on while the daemon hangs', least => 5,
    worst => 1);

# -- killed under load --

my $httpd = httpd()->start;
my $traffic = QDN::Traffic->new($httpd);
my @killed;
my $slowest = 0;
$traffic->during(sub {
    for (1 .. 3) {
        my $pid = new_daemon($httpd, @killed) or die "no daemon\n";
        push @killed, $pid;
        sleep 0.4;
        allow_killed($pid);
        kill 'KILL', $pid;
        my $began = time;
        new_daemon($httpd, @killed) or last;
        my $took = time - $began;
        $slowest = $took if $took > $slowest;
    }
});
expect_log('QDN0650');
is scalar @killed, 3, 'the daemon was killed three times under load';
# The parent looks once a second; who dies again and again waits half a one.
cmp_ok $slowest, '<', 3, 'each time a new one was there within 3 s';
is scalar daemons($httpd), 1, 'one daemon is left';
$traffic->served_ok('no webhook noticed', worst => 1);
$traffic->kept_once_ok('daemon killed: every event once');
is $httpd->daemon('health')->{counters}{'daemon.starts'}, 4,
    'starts are counted';

# -- restarts and stop --

for my $signal ('USR1', 'HUP') {
    my ($old) = daemons($httpd);
    ok $httpd->restart($signal), "restart by SIG$signal";
    ok defined gone_within(3, $old), 'the old daemon is gone';
    ok new_daemon($httpd, $old), 'a new one has taken its place';
    is scalar daemons($httpd), 1, 'and no other';
}
my ($last) = daemons($httpd);
ok defined $httpd->stop, 'httpd stops';
ok !alive($last), 'no daemon is left';

ok -S "$httpd->{dir}/state/ctl.sock", 'its socket is, like that of a dead one';
$httpd->start;
ok new_daemon($httpd), 'which does not hinder the next daemon';

# -- two on one state directory --

my $second = httpd(bare => 1, config => $httpd->ours
        =~ s{\@DIR\@/state}{$httpd->{dir}/state}r
        . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"),
    database => $httpd->{database}, dsn => $httpd->{dsn});
ok !$second->try_start, 'a second httpd on the same state directory ends';
like $second->log_text,
    qr{QDN0640: QDNStateDir \S+/state is in use by another httpd}, 'and says why';
expect_log('QDN0640');
my $shared = QDN::Traffic->new($httpd, callers => 1);
$shared->during(sub { sleep 0.3 });
$shared->served_ok('the first goes on', least => 5);
$shared->kept_once_ok('and keeps what it answers');

# -- the parent killed --

my $orphaned = QDN::Traffic->new($httpd, callers => 1);
$orphaned->during(sub { sleep 0.3 });
my ($orphan) = daemons($httpd);
my @orphans = workers($httpd);
kill 'KILL', $httpd->{pid};
my $took = gone_within(5, $orphan);
ok defined $took, 'without its parent the daemon ends by itself'
    or diag('it lives');
kill 'KILL', @orphans;
gone_within(5, @orphans);
$httpd->kill_all;
unlink "$httpd->{dir}/logs/httpd.pid";
$httpd->start;
$orphaned->kept_once_ok('the next httpd drains what the dead one kept');
is scalar daemons($httpd), 1, 'with one daemon';

# -- hung: the end --

ok $hung->await(sub { !alive($stopped) }, 45 - (time - $hung_began)),
    'a daemon that hangs is replaced';
cmp_ok time - $hung_began, '>', 25, 'not before its time';
allow_killed($stopped);
expect_log('QDN0653');
ok new_daemon($hung, $stopped), 'by one that works';
is scalar daemons($hung), 1, 'and only one';
$meanwhile->during(sub { sleep 0.3 });
$meanwhile->served_ok('calls go on', least => 5, worst => 1);
$meanwhile->kept_once_ok('daemon hung: every event once');

done_testing;
