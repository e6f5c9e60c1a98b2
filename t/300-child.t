# SPDX-License-Identifier: Apache-2.0
# A child killed in the middle of its work, and restarts under load: calls go
# on, and what was answered is in SQL exactly once.

use QDN::Test;
use QDN::Fault qw(daemons segments workers);
use QDN::Traffic;
use Time::HiRes qw(sleep time);

my $httpd = httpd()->start;

# A call that is on while everything below happens.
my $patient = QDN::Traffic->new($httpd);
my $call = $patient->call;
ok $call->begin, 'a call begins before the faults';

# -- kill -9 --

my $killed = QDN::Traffic->new($httpd);
my @dead;
my $adopted;
$killed->during(sub {
    for (1 .. 3) {
        sleep 0.7;
        my ($pid) = grep { segments($httpd, $_) } workers($httpd)
            or die "no child has a journal\n";
        allow_killed($pid);
        kill 'KILL', $pid;
        push @dead, $pid;
    }
    my $began = time;
    $adopted = $httpd->await(sub { !grep { segments($httpd, $_) } @dead }, 8)
        && time - $began;
});
is scalar @dead, 3, 'three children were killed under load';
ok defined $adopted && $adopted < 5,
    'within 5 s their segments are drained and removed'
    or diag($adopted // 'they are still there');
# Requests of a killed child break; a child has eight threads.
$killed->served_ok('calls went on after kill -9',
    failed => 3 * $killed->{callers});
ok $call->no_answer, 'the call in progress goes on to its second hop';
$killed->kept_once_ok('kill -9 of children: every event once');

# -- graceful restart --

my $graceful = QDN::Traffic->new($httpd);
$graceful->during(sub {
    for (1 .. 2) {
        sleep 0.5;
        ok $httpd->graceful, 'graceful restart under load';
    }
    sleep 0.5;
});
$graceful->served_ok('no webhook failed over two graceful restarts');
ok $call->no_answer, 'the call in progress goes on to its third hop';
$graceful->kept_once_ok('graceful restart: every event once');

# -- hard restart --

my $hard = QDN::Traffic->new($httpd);
$hard->during(sub {
    for (1 .. 2) {
        sleep 0.5;
        ok $httpd->restart, 'hard restart under load';
    }
    sleep 0.5;
});
# A hard restart cuts requests in the middle, also of their bodies.
allow_log('QDN0622');
$hard->served_ok('calls went on over two hard restarts', failed => 200);
$hard->kept_once_ok('hard restart: every event once');

# -- stop and start --

my $stopped = QDN::Traffic->new($httpd);
$stopped->start;
sleep 0.5;
my $took = $httpd->stop;
ok defined $took && $took < 3, 'httpd stops under load in less than 3 s'
    or diag($took // 'it was killed');
$httpd->start;
sleep 0.5;
$stopped->stop;
$stopped->served_ok('calls went on after stop and start', failed => 2000);
$stopped->kept_once_ok('stop and start: every event once');

ok $call->no_answer && $call->message,
    'the call in progress ends with a message';
$patient->served_ok('that call met no fault', least => 5);
$patient->kept_once_ok('that call is whole');
# Each child has one, and so may the daemon.
eventually { my @alive = (workers($httpd), daemons($httpd));
    my @left = segments($httpd); @left <= @alive }
    'nothing is left of the journals of the dead';

done_testing;
