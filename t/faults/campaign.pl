# SPDX-License-Identifier: Apache-2.0
# The fault campaign: under load, at random moments, everything fails that can
# fail: processes, restarts, PostgreSQL, the disk below the journal. In the end
# every webhook that got an answer has its events in SQL exactly once, and only
# those callers got none whose own connection was cut. `build/test --faults`
# runs it, for QDN_FAULTS_SECONDS in all, from QDN_FAULTS_SEED.

use QDN::Test;
use QDN::Chaos;
use QDN::Client;
use QDN::Fault qw(daemons);
use QDN::Httpd;
use QDN::Mishap;
use QDN::Postgres;
use QDN::Traffic;
use Time::HiRes qw(sleep time);

use constant PACE => 2;           # faults a second, about
use constant QUIET => 3;          # seconds of a round without any fault
use constant AWAY => 4;           # and with no other than a database away
use constant CLOSING => 0.12;     # of all time is for the end
use constant HICCUP => 0.025;     # seconds, a p99 that no machine grudges

my $began   = time;
my $seconds = $ENV{QDN_FAULTS_SECONDS} || 60;
my $seed    = $ENV{QDN_FAULTS_SEED} || int rand 1e6;
my $small   = $ENV{QDN_FAULTS_SMALL};    # holds file systems to be filled
my $rounds  = int($seconds / 60) || 1;
srand $seed;
diag "seed $seed: build/test --faults $seconds --seed $seed";
diag $small ? 'full disks are file systems that are full'
    : 'full disks are imitated: only root can mount a small one';

# What faults make httpd say. QDN0303, QDN0304 and QDN0501 are not here: no
# event may be lost, none may be late.
allow_log(qw(QDN0301 QDN0311 QDN0550 QDN0551 QDN0622 QDN0650 QDN0651 QDN0652
    QDN0653));

# -- the scene --

my $postgres = QDN::Postgres->new(
    $small ? (dir => "$small/pg/cluster") : ())->start;
# The log of transactions must leave room for what it is about.
$postgres->sql("ALTER SYSTEM SET $_") for 'max_wal_size = 64',
    'min_wal_size = 32';
$postgres->sql('SELECT pg_reload_conf()');
$ENV{QDN_PG_DSN} = $postgres->{dsn};

# A disk never fails here for as long as an answer may wait for it. So nobody
# is answered before it works again, and whoever was, and whose child was
# killed then, must find everything in SQL.
my $httpd = httpd(database => 'pgsql', mishap => QDN::Mishap->new,
    config => "QDNJournalWait 10s\n"
        . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"));
if ($small) {
    mkdir "$small/state/qdn", 0700 or die "$small/state/qdn: $!\n";
    symlink "$small/state/qdn", "$httpd->{dir}/state"
        or die "$httpd->{dir}/state: $!\n";
}
$httpd->start;

my $chaos = QDN::Chaos->new($httpd, $postgres, small => $small,
    killed => \&allow_killed);
my $unanswered = "$httpd->{dir}/logs/unanswered";
my %traffic = map { $_ => traffic() } qw(quiet away chaos);

sub traffic {
    return QDN::Traffic->new($httpd, callers => 4, pause => 0.02,
        client => sub { QDN::Client->new($httpd, $unanswered) });
}

# Calls while code runs, on one of the three accounts.
sub calls_during {
    my ($account, $code) = @_;
    my $traffic = traffic()->during($code);
    $traffic{$account}->add($traffic);
    return;
}

# Is everything in SQL, and does everybody live?
sub is_calm {
    my $health = eval { $httpd->daemon('health') } or return 0;
    return $health->{drain}{state} eq 'idle'
        && $health->{drain}{pending_bytes} == 0;
}

sub calm {
    my ($patience) = @_;
    $chaos->settle;
    return $httpd->await(\&is_calm, $patience // 30);
}

# -- the rounds --

my $calm = 1;
my $end = $began + $seconds * (1 - CLOSING);
for my $round (1 .. $rounds) {
    $calm &&= calm();
    calls_during(quiet => sub { sleep QUIET });
    $chaos->inflict($round % 2 ? 'database: SIGSTOP' : 'database: stopped');
    $_->[0] = $end for @{ $chaos->{later} };
    calls_during(away => sub { sleep AWAY });
    $chaos->settle;
    my $left = $end - time;
    my $until = time + $left / ($rounds - $round + 1)
        - ($round < $rounds ? QUIET + AWAY : 0) * ($rounds - $round)
        / ($rounds - $round + 1);
    calls_during(chaos => sub {
        $chaos->rage($until, PACE * $seconds / $rounds);
        $chaos->settle;
    });
}
$calm &&= calm(60);

# -- what has come of it --

diag sprintf '%6d %s', $chaos->{count}{$_}, $_ for sort keys %{ $chaos->{count} };
diag sprintf '%6d faults in %d s; %d webhooks answered, %d not', $chaos->total,
    $end - $began, (sum_of(map { $_->answered } values %traffic)),
    scalar QDN::Client::unanswered($unanswered);

sub sum_of {
    my $sum = 0;
    $sum += $_ for @_;
    return $sum;
}

ok $calm, 'every time the journal was drained when nothing was broken';
cmp_ok $chaos->total, '>=', $seconds >= 540 ? 1000 : $seconds,
    'there were faults enough';
cmp_ok sum_of(map { $_->answered } values %traffic), '>', 10 * $seconds,
    'and webhooks';
is_deeply $chaos->{problems}, [], 'httpd came back from every one of them';
is scalar daemons($httpd), 1, 'one daemon is left';

my @lost = grep { !$chaos->is_excused($_) }
    QDN::Client::unanswered($unanswered);
ok !@lost, 'only those were not answered whose own connection was cut'
    or diag map { "$_->{what}: $_->{status} after "
        . sprintf("%.2f s\n", $_->{ended} - $_->{began}) } @lost;
my @odd = grep { /^odd/ } map { @{ $_->{failed} } } values %traffic;
is_deeply \@odd, [], 'nobody was given the answer to another question';

my %p99 = map { $_ => $traffic{$_}->p99 } keys %traffic;
diag sprintf 'p99: quiet %.1f ms, database away %.1f ms, chaos %.1f ms',
    map { 1000 * $p99{$_} } qw(quiet away chaos);
my $bound = 2 * ($p99{quiet} > HICCUP ? $p99{quiet} : HICCUP);
cmp_ok $p99{away}, '<', $bound,
    'p99 with the database away is under twice that of quiet times';

my $all = QDN::Traffic->new($httpd);
$all->add($_) for values %traffic;
$all->kept_once_ok('every answered webhook is in SQL exactly once')
    or diag "seed $seed";
is +($httpd->sql('SELECT count(*) - count(DISTINCT id) AS n FROM qdn_event'))
    [0]{n}, 0, 'no id is there twice';
is_deeply [glob "$httpd->{dir}/state/parked/*"], [], 'nothing was put aside';

done_testing;
