# SPDX-License-Identifier: Apache-2.0
# A state directory that takes nothing more: full, over QDNJournalMax, or
# read-only. Calls are answered, the trouble is seen, and what was not lost,
# and counted as lost, is in SQL once.

use QDN::Test;
use QDN::Fault qw(allow_writing daemons forbid_writing workers);
use QDN::Traffic;
use Fcntl qw(:flock);
use File::Path qw(remove_tree);
use List::Util qw(sum);
use Time::HiRes qw(sleep time);

use constant WAIT => 0.5;    # seconds, QDNJournalWait

# The journal cannot be written, is written late, and loses; the drain fails.
allow_log(qw(QDN0301 QDN0303 QDN0304 QDN0311 QDN0501 QDN0551));

my $httpd = httpd(config => "QDNJournalWait 500ms\nQDNJournalMax 1M\n"
        . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"))->start;

sub health  { return $httpd->daemon('health') || {} }
sub count   { return health()->{counters}{ $_[0] } // 0 }

# Is health red for such a reason?
sub red {
    my ($reason) = @_;
    my $health = health();
    return ($health->{health} // '') eq 'red'
        && grep { $_->{what} =~ $reason } @{ $health->{reasons} };
}

# How many events that must be in SQL, had they not been lost, are not.
sub missing {
    my ($traffic) = @_;
    my $rows = $traffic->rows(1);
    my $n = 0;
    while (my ($sid, $call) = each %{ $traffic->{calls} }) {
        my %there = map { ($_ => 1) } @{ $rows->{events}{$sid} || [] };
        $n += grep { !$there{$_} } keys %{ $call->{must} };
    }
    return $n;
}

my $before = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$before->served_ok('calls in quiet times');
$before->kept_once_ok('and their events');

# -- full, and then not --

my $full = QDN::Traffic->new($httpd, callers => 4);
my @limited = workers($httpd);
forbid_writing(@limited);
$full->start;
sleep 2;
my $late = count('journal.late');
ok red(qr/before their events were on disk/), 'full: health is red';
ok $late > 0, 'full: what was answered late is counted';
ok count('journal.errors') > 0, 'full: and what could not be written';
allow_writing(@limited);
sleep 0.5;
$full->stop;
$full->served_ok('full: calls are answered after QDNJournalWait',
    worst => WAIT + 0.5, least => 8);
$full->kept_once_ok('full: afterwards every event is in SQL once');
is count('journal.lost'), 0, 'full: nothing was lost';
is health()->{drain}{parked_files}, 0, 'full: nothing was put aside';
like $httpd->log_text, qr/QDN0302: the journal in \S+ is written again/,
    'full: the log tells of the end, too';

# -- full for the daemon only, which writes the SQLite file --

my ($daemon) = daemons($httpd);
my $drained = QDN::Traffic->new($httpd);
forbid_writing($daemon);
$drained->during(sub { sleep 1 });
$drained->served_ok('full for the daemon: calls do not notice', worst => 1);
if ($httpd->{database} eq 'sqlite3') {
    like health()->{drain}{error}, qr/./, 'full for the daemon: health says it';
}
allow_writing($daemon);
$drained->kept_once_ok('full for the daemon: every event once');
is +(daemons($httpd))[0], $daemon, 'full for the daemon: it lives on';
is health()->{drain}{parked_files}, 0,
    'full for the daemon: nothing was put aside';

# -- full until the children end --

my $doomed = QDN::Traffic->new($httpd, callers => 4);
forbid_writing(workers($httpd));
$doomed->start;
sleep 1;
$doomed->stop;
my $began = time;
ok $httpd->graceful, 'full to the end: graceful restart';
cmp_ok time - $began, '<', 3, 'full to the end: it does not wait';
$doomed->served_ok('full to the end: calls are answered',
    worst => WAIT + 0.5, least => 4);
ok $httpd->await(sub { count('journal.lost') }),
    'full to the end: the loss is counted';
ok $httpd->await(sub { missing($doomed) == count('journal.lost') }),
    'full to the end: each lost event, and no other'
    or diag(missing($doomed), ' missing, ', count('journal.lost'), ' counted');
ok red(qr/events were lost/), 'full to the end: health is red';

# -- over QDNJournalMax --

my $lost = count('journal.lost');
my $filler = "$httpd->{dir}/state/journal/filler-1-0123456789abcdef"
    . '.00000000.jsonl';
open my $hoard, '>', $filler or die "$filler: $!\n";
flock $hoard, LOCK_EX or die "$filler: $!\n";
truncate $hoard, 2 * 1024 * 1024 or die "$filler: $!\n";
my $call = QDN::Traffic->new($httpd);    # opens the children's journals
$call->during(sub { sleep 1.5 });
my $over = QDN::Traffic->new($httpd);
$over->during(sub { sleep 0.5 });
$over->served_ok('over QDNJournalMax: calls are answered at once',
    worst => 0.4);
is count('journal.lost') - $lost, missing($over) + missing($call),
    'over QDNJournalMax: each lost event is counted';
ok missing($over) > 0, 'over QDNJournalMax: some were lost';
expect_log('QDN0303');
unlink $filler or die "$filler: $!\n";
close $hoard;
sleep 1.5;
my $under = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$under->served_ok('under it again: calls go on');
$under->kept_once_ok('under it again: every event once');

# -- removed, and made again --

my $journal = "$httpd->{dir}/state/journal";
remove_tree($journal);
my $lacking = QDN::Traffic->new($httpd, callers => 2);
$lacking->start;
sleep 1;
ok red(qr/journal could not be written/), 'removed: health is red';
mkdir $journal, 0700 or die "$journal: $!\n";
sleep 0.3;
$lacking->stop;
$lacking->served_ok('removed: calls are answered', least => 4,
    worst => WAIT + 0.5);
$lacking->kept_once_ok('made again: every event is in SQL once');

# -- read-only --

$httpd->restart;
chmod 0500, $journal or die "$journal: $!\n";
my $closed = QDN::Traffic->new($httpd, callers => 2);
$closed->start;
sleep 1;
ok red(qr/journal could not be written/), 'read-only: health is red';
chmod 0700, $journal or die "$journal: $!\n";
sleep 0.3;
$closed->stop;
$closed->served_ok('read-only: calls are answered', least => 4,
    worst => WAIT + 0.5);
$closed->kept_once_ok('read-only: afterwards every event is in SQL once');

# -- the daemon's part read-only, and a restart in it --

my $state = "$httpd->{dir}/state";
chmod 0500, $state or die "$state: $!\n";
ok $httpd->restart, 'read-only at a restart: httpd restarts';
my $blind = QDN::Traffic->new($httpd, callers => 2)->during(sub { sleep 0.5 });
$blind->served_ok('read-only at a restart: calls are answered', worst => 1);
chmod 0700, $state or die "$state: $!\n";
$blind->kept_once_ok('read-only at a restart: every event once');
expect_log(qw(QDN0550 QDN0651));
is scalar daemons($httpd), 1, 'and one daemon works';

# -- read-only to the end --

$httpd->restart;
chmod 0500, $journal or die "$journal: $!\n";
my $gone = QDN::Traffic->new($httpd, callers => 2)->during(sub { sleep 1 });
$gone->served_ok('read-only to the end: calls are answered', least => 4,
    worst => WAIT + 0.5);
my $took = $httpd->stop;
ok defined $took && $took < 3, 'read-only to the end: httpd stops'
    or diag($took // 'it had to be killed');
chmod 0700, $journal or die "$journal: $!\n";
expect_log(qw(QDN0301 QDN0304));
my $told = sum(0, $httpd->log_text =~ /QDN0304: (\d+) events are lost/g);
is $told, missing($gone), 'read-only to the end: the log counts the loss';

done_testing;
