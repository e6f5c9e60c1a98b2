# SPDX-License-Identifier: Apache-2.0
# The dashboard's questions of SQL: answered out of it, in whole sentences, and
# with a database that hangs or is away as well, namely that it does so. Nobody
# else waits meanwhile, nothing piles up, and it mends by itself.

use QDN::Test;
use QDN::Httpd;
use QDN::Postgres;
use QDN::Session;
use QDN::Traffic;
use Time::HiRes qw(sleep time);

my $pgsql = ($ENV{QDN_TEST_DATABASE} || 'sqlite3') eq 'pgsql';
my $postgres = $pgsql ? QDN::Postgres->new->start : undef;
$ENV{QDN_PG_DSN} = $postgres->{dsn} if $pgsql;

# The drain's complaint, and that a batch was tried twice.
allow_log('QDN0311');

my $httpd = httpd()->start;
my $traffic = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$traffic->served_ok('callers are answered', worst => 1);
$traffic->kept_once_ok('all of it is in SQL');

# What the daemon says to a word, and after how many seconds.
sub ask {
    my ($word, %members) = @_;
    my $began = time;
    my $said = $httpd->daemon($word, %members) || {};
    return ($said, time - $began);
}

sub refused { return ($_[0]{status} // 0) == 503 }

# -- what there is --

my ($list) = ask('calls', limit => '3');
is scalar @{ $list->{calls} }, 3, 'as many calls as were asked for';
my $call = $list->{calls}[0];
is $list->{next}, $list->{calls}[-1]{call_sid}, 'the list goes on from there';
cmp_ok abs($list->{as_of} / 1e6 - time), '<', 10, 'it says how new it is';
like $call->{outcome_text}, qr{^[A-Z]}, 'what became of the call, in words';

my ($whole) = ask('call', call_sid => $call->{call_sid});
is $whole->{call_sid}, $call->{call_sid}, 'one call';
is scalar(grep { ($_->{sentence} // '') !~ /^[A-Z].{9}/ }
        @{ $whole->{events} }), 0, 'each of its events is a sentence';

my ($report) = ask('report');
cmp_ok $report->{total}{calls}, '>=', 3, 'a report counts the calls';
is scalar @{ $report->{week} }, 7, 'by the days of the week';

my ($audit) = ask('audit');
like join(' ', map { $_->{kind} } @{ $audit->{entries} }),
    qr{config\.loaded}, 'the audit names the configuration';
my ($verdict) = ask('verify');
ok $verdict->{ok}, 'nothing was altered';

my ($revisions) = ask('revisions');
my $revision = $httpd->daemon('ping')->{revision};
is $revisions->{revisions}[0]{revision}, $revision, 'the one in force is kept';
my ($kept) = ask('revision', revision => $revision);
is_deeply $kept->{plan}, $httpd->daemon('plan'), 'as a whole';

my ($bad) = ask('calls', limit => 'many');
is $bad->{status}, 400, 'a bad parameter is refused';
like $bad->{error}, qr{^limit should be }, 'and named';

# -- what there is not --

my $daemon = $httpd->daemon('ping')->{pong};

sub count_in {
    my ($what) = @_;
    my @all = glob "/proc/$daemon/$what/*";
    return scalar @all;
}

# The database is gone, as `label` says, while `during` is done.
sub away_ok {
    my ($label, $slowest) = @_;
    my ($said, $took) = ask('calls');
    ok refused($said), "$label: it is told" or diag(explain $said);
    like $said->{error} // '', qr{database}, "$label: in words";
    cmp_ok $took, '<', $slowest, "$label: in time";
    return;
}

# Until the archive answers again.
sub back_ok {
    my ($label) = @_;
    my $began = time;
    ok $httpd->await(sub { (ask('calls'))[0]{calls} }), "$label: answered again";
    cmp_ok time - $began, '<', 8, "$label: soon";
    return;
}

if ($pgsql) {
    $postgres->freeze;
    my $crowd = QDN::Traffic->new($httpd)->start;
    away_ok('frozen', 3);
    my ($pong, $took) = ask('ping');
    ok $pong->{pong}, 'frozen: other words are answered';
    cmp_ok $took, '<', 0.5, 'frozen: at once';
    sleep 1;
    ($pong, $took) = ask('report');
    ok refused($pong), 'frozen for long: it is told';
    cmp_ok $took, '<', 0.5, 'frozen for long: at once';

    my ($threads, $files) = (count_in('task'), count_in('fd'));
    my $answers = 0;
    for (1 .. 200) {
        my ($said) = ask('call', call_sid => $call->{call_sid});
        $answers++ if refused($said);
    }
    is $answers, 200, 'frozen: all who ask are told';
    is count_in('task'), $threads, 'frozen: no thread more';
    is count_in('fd'), $files, 'frozen: no file more';
    $crowd->stop;
    $crowd->served_ok('frozen: callers are answered as ever', worst => 1);
    $postgres->thaw;
    back_ok('thawed');
    $crowd->kept_once_ok('thawed: every event once');

    ($threads, $files) = (count_in('task'), count_in('fd'));
    for my $round (1 .. 3) {
        $postgres->stop;
        away_ok("stopped $round", 3);
        $postgres->start;
        back_ok("started $round");
    }
    ok $httpd->await(sub { count_in('fd') <= $files }),
        'connections that are gone leave no file';
    is count_in('task'), $threads, 'nor a thread';
    is $httpd->daemon('ping')->{pong}, $daemon, 'it is the same daemon';
    ok $httpd->await(sub {
        !length(($httpd->daemon('health') || {})->{reader}{error} // 'x') }),
        'the reader has found back as well';
}
else {
    my $session = QDN::Session->open($httpd, 'BEGIN IMMEDIATE');
    my ($said, $took) = ask('calls');
    ok $said->{calls}, 'who writes does not keep others from reading';
    cmp_ok $took, '<', 1, 'nor makes them wait';
    $session->close;
}

done_testing;
