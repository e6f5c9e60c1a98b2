# SPDX-License-Identifier: Apache-2.0
# What went wrong around httpd while it ran must not end it at its next
# restart, which is when an administrator least expects that.

use QDN::Test;
use QDN::Fault qw(alive daemons gone_within);
use QDN::Httpd;
use QDN::Traffic;
use Time::HiRes qw(sleep);

my $run = "$QDN::Httpd::T/run";
my $object = "$run/scarce-$$.so";
my $scarce = "$run/scarce-$$";
mkdir $run;
my ($status, $text) = QDN::Httpd::run('cc', '-shared', '-fPIC', '-O1', '-Wall',
    '-o', $object, "$QDN::Httpd::T/lib/scarce.c", '-ldl');
is $status, 0, 'scarce.c compiles' or diag($text);
$ENV{QDN_TEST_PRELOAD} = join ':', grep { length }
    $ENV{QDN_TEST_PRELOAD} // '', $object;
$ENV{QDN_TEST_SCARCE} = $scarce;

my $httpd = httpd()->start;
my $state = "$httpd->{dir}/state";

sub mode { return (stat $_[0])[2] & 0777 }

sub goes_on_ok {
    my ($label) = @_;
    my $traffic = QDN::Traffic->new($httpd, callers => 1)
        ->during(sub { sleep 0.3 });
    $traffic->served_ok("$label: calls are answered", least => 1);
    $traffic->kept_once_ok("$label: every event once");
    return;
}

# -- the state directory's mode --

for my $mode (0750, 0777) {
    my $label = sprintf 'chmod %o', $mode;
    chmod $mode, $state or die "$state: $!\n";
    ok $httpd->graceful, "$label: httpd restarts";
    is mode($state), 0700, "$label: the mode is put right";
    goes_on_ok($label);
}
expect_log('QDN0645');

# -- health remembers --

sub health { return ($httpd->daemon('health') || { health => '' })->{health} }

is $httpd->webhook('voice', { CallSid => call_sid }, signature => 'x')
    ->{status}, 403, 'a stranger is refused';
expect_log('QDN0514');
eventually { health() eq 'amber' } 'health turns amber';
ok $httpd->graceful, 'httpd restarts';
eventually { health() eq 'amber' } 'health is amber still';
is health(), 'amber', 'and stays so';

# -- no means to start a daemon --

QDN::Httpd::spew($scarce, '');
ok $httpd->graceful, 'no daemon can be started: httpd restarts';
is scalar daemons($httpd), 0, 'without one';
like +($httpd->qdnctl('doctor', '--state', $state))[1],
    qr/httpd runs, but its daemon does not answer/, 'as qdnctl doctor says';
my $alone = QDN::Traffic->new($httpd, callers => 1)
    ->during(sub { sleep 0.3 });
$alone->served_ok('no daemon: calls are answered', least => 3);
expect_log('QDN0654');
allow_log('QDN0652');
unlink $scarce or die "$scarce: $!\n";
ok $httpd->await(sub { daemons($httpd) == 1 }, 20),
    'the parent tries again until there is one';
$alone->kept_once_ok('no daemon: every event once');

# -- no shared memory when our directives come in by a restart --

my $plain = $httpd;
$httpd = httpd(bare => 1, config => '')->start;
my $ours = $httpd->ours . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
QDN::Httpd::spew($scarce, '');
$httpd->reconfigure($ours);
ok $httpd->graceful, 'no shared memory: httpd restarts';
expect_log('QDN0641');
my $lonely = QDN::Traffic->new($httpd, callers => 1)
    ->during(sub { sleep 0.3 });
$lonely->served_ok('no shared memory: calls are answered', least => 3);
unlink $scarce or die "$scarce: $!\n";
ok $httpd->graceful, 'the next restart finds some';
goes_on_ok('shared memory again');
$lonely->kept_once_ok('no shared memory: every event once');

# -- at a first start all of this is said at the terminal --

$plain->stop;
like +($plain->qdnctl('doctor', '--state', "$plain->{dir}/state"))[1],
    qr/httpd is down/, 'qdnctl doctor knows when httpd is down';
QDN::Httpd::spew($scarce, '');
ok !$plain->try_start, 'a first start without the means ends';
unlink $scarce or die "$scarce: $!\n";
chmod 0750, "$plain->{dir}/state";
ok !$plain->try_start, 'as does one with a directory of another mode';
like $plain->log_text, qr/QDN0640: .* mode 700/, 'which it says';
expect_log('QDN0640');
chmod 0700, "$plain->{dir}/state";

unlink $object;
done_testing;
