# SPDX-License-Identifier: Apache-2.0
# A disk that answers with errors, and one that does not answer: write, fsync
# and create fail or hang below the journal. Callers are answered, at once or
# after QDNJournalWait; later every event is in SQL once.

use QDN::Test;
use QDN::Fault qw(daemons segments workers);
use QDN::Mishap;
use QDN::Traffic;
use Errno qw(EDQUOT EIO EMFILE ENOSPC EROFS);
use Time::HiRes qw(sleep time);

use constant WAIT => 1;       # seconds, QDNJournalWait
use constant GRACE => 0.5;    # for a machine that has much to do

allow_log(qw(QDN0301 QDN0501 QDN0551));

my $mishap = QDN::Mishap->new;
my $httpd = httpd(mishap => $mishap, config => "QDNJournalWait 1s\n"
        . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"))->start;

sub health { return $httpd->daemon('health') || {} }
sub count  { return health()->{counters}{ $_[0] } // 0 }
sub reasons { return map { $_->{what} } @{ health()->{reasons} || [] } }

my $quiet = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$quiet->served_ok('quiet: calls are answered', worst => WAIT);
is $mishap->hits('write'), 0, 'quiet: no write has failed';

# What fails, how, and what has then been hit.
my @mishaps = (
    ['write: EIO', 'write', write => EIO],
    ['write: ENOSPC', 'write', write => ENOSPC],
    ['write: EDQUOT', 'write', write => EDQUOT],
    ['fsync: EIO', 'sync', sync => EIO],
    ['fsync: ENOSPC', 'sync', sync => ENOSPC],
    ['write and fsync: EIO', 'write', write => EIO, sync => EIO],
    ['everything: EROFS', 'write', write => EROFS, sync => EROFS,
        create => EROFS],
    ['frozen', 'hang', hang => 1],
);

for my $mishap_of (@mishaps) {
    my ($label, $hit, %fault) = @$mishap_of;
    my $traffic = QDN::Traffic->new($httpd, callers => 4);
    my %before = (late => count('journal.late'), hits => $mishap->hits($hit));
    $traffic->during(sub {
        sleep 0.2;
        $mishap->set(%fault);
        sleep 1.6;
        $mishap->end;
        sleep 0.3;
    });
    cmp_ok $mishap->hits($hit), '>', $before{hits}, "$label: it was hit";
    $traffic->served_ok("$label: every call is answered after QDNJournalWait",
        worst => WAIT + GRACE, least => 8);
    cmp_ok count('journal.late'), '>', $before{late},
        "$label: what was answered late is counted";
    $traffic->kept_once_ok("$label: afterwards every event is in SQL once");
}
is health()->{health}, 'red', 'health is red';
ok scalar(grep { /before their events were on disk/ } reasons()),
    'and says that answers did not wait for the disk';
ok scalar(grep { /journal could not be written/ } reasons()),
    'and that the journal was not written';

# -- shorter than QDNJournalWait: nobody notices --

my $late = count('journal.late');
my $short = QDN::Traffic->new($httpd)->during(sub {
    for (1 .. 4) {
        $mishap->set(sync => EIO);
        sleep 0.1;
        $mishap->end;
        sleep 0.3;
    }
});
$short->served_ok('short: every call is answered', worst => WAIT + GRACE);
is count('journal.late'), $late, 'short: none before its events were on disk';
$short->kept_once_ok('short: every event is in SQL once');

# -- after a failed fsync nothing more is written to that file --

my %old = map { $_ => 1 } segments($httpd);
$mishap->set(sync => EIO);
my $one = QDN::Traffic->new($httpd);
$one->call->begin for 1 .. 8;
$mishap->end;
eventually {
    my @now = segments($httpd);
    (grep { $old{$_} } @now) < keys %old && grep { !$old{$_} } @now;
} 'a child that met a failed fsync goes on in a new file'
    or diag join ' ', segments($httpd);
$one->kept_once_ok('and every event is in SQL once');

# -- frozen: restart and stop do not wait for the thaw --

my $frozen = QDN::Traffic->new($httpd, callers => 2);
$frozen->start;
sleep 0.2;
$mishap->set(hang => 1);
sleep 0.3;
my $began = time;
ok $httpd->graceful, 'frozen: httpd restarts gracefully';
cmp_ok time - $began, '<', 3, 'frozen: within three seconds';
is scalar daemons($httpd), 1, 'frozen: a new daemon works';
sleep 0.3;
$mishap->end;
sleep 0.3;
$frozen->stop;
$frozen->served_ok('frozen: calls were answered', worst => WAIT + GRACE,
    least => 4);
$frozen->kept_once_ok('frozen: once thawed every event is in SQL once');
is count('journal.lost'), 0, 'nothing was lost in any of this';
is health()->{drain}{parked_files}, 0, 'nothing was put aside';

my $stopping = QDN::Traffic->new($httpd, callers => 2);
$stopping->start;
sleep 0.2;
$mishap->set(hang => 1);
sleep 0.2;
my $took = $httpd->stop;
ok defined $took && $took < 4, 'frozen: httpd stops'
    or diag($took // 'it had to be killed');
allow_log(qw(QDN0303 QDN0304));
$mishap->end;
$httpd->start;
$stopping->stop;
ok $stopping->call->begin, 'and the next one answers';

done_testing;
