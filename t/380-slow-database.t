# SPDX-License-Identifier: Apache-2.0
# A database that takes rows more slowly than calls bring them, for as many
# seconds as QDN_TEST_SLOW says (8; what was promised is ten minutes, 600).
# Callers do not notice, memory stays bounded, health says how far behind SQL
# is, and when the database is itself again every event is in it once.

use QDN::Test;
use QDN::Cost qw(family pss_of);
use QDN::Fault qw(daemons workers);
use QDN::Httpd;
use QDN::Session;
use QDN::Traffic;
use Time::HiRes qw(sleep time);

use constant SECONDS => $ENV{QDN_TEST_SLOW} || 8;
use constant GROWTH  => 16;    # MiB that children and daemon may grow by
use constant LAG     => 60;    # seconds, QDN_HEALTH_LAG

# SQLite says so to every connection when a trigger comes or goes.
allow_log('QDN0311');

my $httpd = httpd()->start;

sub health { return $httpd->daemon('health') || {} }

# Run statements as one session of the tests.
sub run_sql {
    return QDN::Session->open($httpd, @_)->close;
}

# Each row of qdn_event takes a while, some tens of milliseconds.
my %slow = (
    pgsql => [
        'CREATE FUNCTION doze() RETURNS trigger LANGUAGE plpgsql AS'
            . q{ 'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END'},
        'CREATE TRIGGER slow BEFORE INSERT ON qdn_event'
            . ' FOR EACH ROW EXECUTE PROCEDURE doze()',
    ],
    mysql => ['CREATE TRIGGER slow BEFORE INSERT ON qdn_event'
            . ' FOR EACH ROW SET @dozed = SLEEP(0.05)'],
    # It has no sleep, but it can count.
    sqlite3 => ['CREATE TRIGGER slow AFTER INSERT ON qdn_event BEGIN'
            . ' UPDATE qdn_schema SET applied_at = (WITH RECURSIVE n(i) AS'
            . ' (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)'
            . ' SELECT max(i) FROM n); END'],
);
my %quick = (
    pgsql => ['DROP TRIGGER slow ON qdn_event'],
    map { $_ => ['DROP TRIGGER slow'] } qw(mysql sqlite3),
);

my $quiet = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$quiet->served_ok('quiet: calls are answered', worst => 1);
$quiet->kept_once_ok('quiet: every event once');

# Callers come first: the three threads that speak SQL yield.
my ($daemon) = daemons($httpd);
my @nice = map { (split ' ', QDN::Httpd::slurp($_) =~ s/^.*\)//sr)[16] }
    glob "/proc/$daemon/task/*/stat";
is scalar(grep { $_ >= 10 } @nice), $nice[0] < 10 ? 3 : @nice,
    'drain, reader and archive run at a lower priority' or diag("@nice");

run_sql(@{ $slow{ $httpd->{database} } });
my @ours    = (daemons($httpd), workers($httpd));
my $begin   = pss_of(@ours);
my $traffic = QDN::Traffic->new($httpd, callers => 4, pause => 0.02);
my ($most, $waiting, $oldest) = (0, 0, 0);
my %colours;
$traffic->during(sub {
    my $until = time + SECONDS;
    while (time < $until) {
        sleep 1;
        my $health = health();
        my $lag = $health->{drain}{oldest}
            ? time - $health->{drain}{oldest} / 1e6 : 0;
        my $size = pss_of(@ours);
        $most    = $size if $size > $most;
        $waiting = $health->{drain}{pending_bytes}
            if $health->{drain}{pending_bytes} > $waiting;
        $oldest = $lag if $lag > $oldest;
        # A second of doubt, since health and lag are not of one moment.
        my $late = $lag > LAG + 1 ? 'late' : $lag > LAG - 1 ? 'maybe' : 'soon';
        $colours{$late}{ $health->{health} }++;
    }
});
$traffic->served_ok('slow: callers do not notice', worst => 2);
cmp_ok $waiting, '>', 100 * $traffic->answered / 4,
    'slow: rows wait in the journal';
cmp_ok $most - $begin, '<', GROWTH, 'slow: memory is bounded';
is_deeply [daemons($httpd)], [$ours[0]],
    'slow: it is no reason to replace the daemon';
ok !$colours{late}{green}, 'slow: health is not green when rows wait for long'
    or diag explain \%colours;
ok !$colours{soon}{red} && !$colours{late}{red}, 'slow: nor red';
diag sprintf '%d s: %d webhooks, p99 %.0f ms, worst %.0f ms; %.1f MiB wait,'
    . ' for %.0f s at most; %.1f MiB more memory', SECONDS,
    $traffic->answered, 1e3 * $traffic->p99, 1e3 * $traffic->worst,
    $waiting / 2**20, $oldest, $most - $begin;

# SQLite's drain hardly ever lets another writer in.
ok $httpd->await(sub {
    run_sql(@{ $quick{ $httpd->{database} } });
    $httpd->{database} ne 'sqlite3' || !$httpd->sql(
        "SELECT name FROM sqlite_master WHERE type = 'trigger'");
}, 60), 'quick again';
my $began = time;
ok $httpd->await(sub { my $drain = health()->{drain};
    $drain->{state} eq 'idle' && !$drain->{pending_bytes} }, 30 + SECONDS / 4),
    'quick again: the drain catches up';
diag sprintf 'the rest is in SQL after %.1f s', time - $began;
$traffic->kept_once_ok('quick again: every event once');
is health()->{counters}{'journal.lost'}, 0, 'nothing was lost';
is health()->{drain}{parked_files}, 0, 'nothing was put aside';
ok $httpd->await(sub { health()->{health} eq 'green' }), 'health is green';

done_testing;
