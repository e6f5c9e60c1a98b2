# SPDX-License-Identifier: Apache-2.0
# The database stopped, hung, restarted, late, locked, without our tables or
# rights: callers are answered as fast as ever, the journal keeps what
# happened, and later every event is in SQL once.

use QDN::Test;
use QDN::Httpd;
use QDN::Postgres;
use QDN::Session;
use QDN::Traffic;
use JSON::PP;
use Time::HiRes qw(sleep time);

my $pgsql = ($ENV{QDN_TEST_DATABASE} || 'sqlite3') eq 'pgsql';
my $postgres = $pgsql ? QDN::Postgres->new->start : undef;
if ($pgsql) {
    $postgres->sql('CREATE ROLE app SUPERUSER LOGIN');
    $ENV{QDN_PG_DSN} = $postgres->{dsn} =~ s/user=\S+/user=app/r;
}

# The drain's complaint, and that a batch was tried twice.
allow_log('QDN0311');

my $httpd = httpd()->start;
my $quiet = QDN::Traffic->new($httpd)->during(sub { sleep 1.5 });
$quiet->served_ok('calls in quiet times', worst => 1);
$quiet->kept_once_ok('quiet times: every event once');

# Whoever waited for a database waits seconds, so a generous ratio tells.
# Below a quarter of a second the machine's own hiccups are all one sees.
sub as_ever_ok {
    my ($traffic, $label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $usual = 4 * $quiet->p99;
    cmp_ok $traffic->p99, '<', $usual < 0.25 ? 0.25 : $usual,
        "$label: answered within the usual time";
    return;
}

# Lines of the journal that are not in SQL, as far as qdnctl can see.
sub waiting {
    my ($status, $text) = $httpd->qdnctl('-j', 'journal', '--state',
        "$httpd->{dir}/state", $pgsql ? ('--dbd', "pgsql:$httpd->{dsn}") : ());
    diag($text) if $status;
    return $status ? -1 : JSON::PP->new->utf8->decode($text)->{waiting};
}

# What is done to the database, and undone, while calls come in.
sub fault {
    my ($label, %fault) = @_;
    my $traffic = QDN::Traffic->new($httpd);
    $fault{begin}->();
    $traffic->during(sub {
        sleep 1.2;
        $fault{in_between}->() if $fault{in_between};
    });
    $traffic->served_ok("$label: every call goes on", worst => 1);
    as_ever_ok($traffic, $label);
    cmp_ok waiting(), '>=', $traffic->events, "$label: qdnctl journal counts"
        . ' every event that waits' if !$fault{passing};
    $fault{end}->();
    my $began = time;
    $traffic->kept_once_ok("$label: every event once");
    cmp_ok time - $began, '<', 8, "$label: the drain goes on by itself";
    return;
}

sub health {
    my $health = $httpd->daemon('health') || {};
    return join ' ', $health->{health} // 'none',
        $health->{drain}{state} // 'none';
}

my $session;
if ($pgsql) {
    fault('stopped',
        begin => sub { $postgres->stop },
        in_between => sub {
            ok $httpd->await(sub { health() eq 'amber away' }),
                'stopped: health is amber' or diag(health());
        },
        end => sub { $postgres->start });
    fault('hung',
        begin => sub { $postgres->freeze },
        end => sub { $postgres->thaw });
    fault('restarted',
        passing => 1,
        begin => sub { },
        in_between => sub { $postgres->restart; sleep 0.3 },
        end => sub { });
    fault('table locked',
        begin => sub {
            $session = QDN::Session->open($httpd, 'BEGIN',
                'LOCK TABLE qdn_event IN ACCESS EXCLUSIVE MODE');
        },
        end => sub { $session->close });
    fault('role locked out',
        begin => sub {
            $postgres->sql('ALTER ROLE app NOLOGIN');
            $postgres->sql('SELECT pg_terminate_backend(pid)'
                . " FROM pg_stat_activity WHERE usename = 'app'");
        },
        end => sub { $postgres->sql('ALTER ROLE app LOGIN') });
    fault('rights taken away',
        begin => sub {
            $postgres->sql('ALTER TABLE qdn_event OWNER TO qdn;'
                . ' ALTER ROLE app NOSUPERUSER', $httpd);
        },
        end => sub { $postgres->sql('ALTER ROLE app SUPERUSER') });
    fault('tables dropped',
        passing => 1,
        begin => sub {
            $postgres->sql('DROP TABLE qdn_event, qdn_call, qdn_journal,'
                . ' qdn_schema', $httpd);
        },
        end => sub { });
}
else {
    fault('locked by a writer',
        begin => sub {
            $session = QDN::Session->open($httpd, 'BEGIN IMMEDIATE');
        },
        in_between => sub {
            ok $httpd->await(sub { health() =~ /^amber/ }),
                'locked: health is amber' or diag(health());
        },
        end => sub { $session->close });
    fault('a writer killed',
        begin => sub {
            $session = QDN::Session->open($httpd, 'BEGIN IMMEDIATE',
                'DELETE FROM qdn_event');
        },
        end => sub { $session->kill });
    fault('a reader that stays',
        passing => 1,
        begin => sub {
            $session = QDN::Session->open($httpd, 'BEGIN',
                'SELECT count(*) FROM qdn_event');
        },
        end => sub { $session->close });
    fault('tables dropped',
        passing => 1,
        begin => sub {
            QDN::Session->open($httpd, map { "DROP TABLE $_" }
                qw(qdn_event qdn_call qdn_journal qdn_schema))->close;
        },
        end => sub { });
}

# -- late: httpd is there before its database --

sub start_before {
    my ($label, $break, $mend) = @_;
    ok defined $httpd->stop, "$label: httpd stops";
    $break->();
    my $began = time;
    $httpd->start;
    my $traffic = QDN::Traffic->new($httpd);
    ok $traffic->call->begin, "$label: the first call is answered";
    cmp_ok time - $began, '<', 1, "$label: within a second of the start";
    $traffic->during(sub { sleep 0.5 });
    $traffic->served_ok("$label: and so are the next", worst => 1);
    $mend->();
    $traffic->kept_once_ok("$label: every event once");
    return;
}

if ($pgsql) {
    start_before('started late',
        sub { $postgres->stop }, sub { $postgres->start });
    start_before('hung at the start',
        sub { $postgres->freeze }, sub { $postgres->thaw });
}
else {
    start_before('locked at the start',
        sub { $session = QDN::Session->open($httpd, 'BEGIN IMMEDIATE') },
        sub { $session->close });
}

my $health = $httpd->daemon('health');
is $health->{drain}{parked_files}, 0, 'no fault of the database parks a row';
is waiting(), 0, 'no line of the journal waits';
is $health->{counters}{'journal.lost'}, 0, 'nothing was lost';
is $health->{counters}{'journal.late'}, 0, 'nothing was late';
ok $httpd->await(sub { health() =~ /^green idle$/ }), 'health is green again'
    or diag(health());

done_testing;
