#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# What build/bench measures, once everything is built and installed:
#   run.pl --rounds N --seconds N [--judge] [--json FILE]
# The surroundings say where things are, as for the tests with httpd, and
# QDN_BENCH_BARE, QDN_BENCH_CALL_PATH name what t/bench/ was built into.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use Getopt::Long;
use JSON::PP;
use List::Util qw(max min sum);
use POSIX ();
use Time::HiRes qw(sleep time);

use lib dirname(dirname(abs_path(__FILE__))) . '/lib';
use QDN::Cost qw(cpu_of family pss_of);
use QDN::Httpd;
use QDN::Load;
use QDN::Postgres;

use constant CONNECTIONS => (1, 16, 64);
use constant EVENTS      => 2;         # of one call: received, dialled
use constant FASTEST     => 60_000;    # calls a second nobody here reaches

# Room for all connections of the greatest load, so that nothing but our
# work is waited for, and no child comes or goes. One child, as its callers
# share a sync of the disk, and children do not.
use constant SHAPE => <<'CONF';
LogLevel warn
StartServers 1
ServerLimit 1
ThreadLimit 128
ThreadsPerChild 128
MaxRequestWorkers 128
MinSpareThreads 1
MaxSpareThreads 128
MaxKeepAliveRequests 0
KeepAliveTimeout 30
CONF

my %option = (rounds => 5, seconds => 4);
GetOptions(\%option, 'rounds=i', 'seconds=i', 'judge', 'json=s')
    or die "run.pl --rounds N --seconds N [--judge] [--json FILE]\n";
$| = 1;
$SIG{INT} = $SIG{TERM} = sub { exit 130 };    # and end the servers

my $work = "$QDN::Httpd::T/run/bench";
make_path($work);
my $postgres = QDN::Postgres->new->start;
$ENV{QDN_PG_DSN} = $postgres->{dsn};
my $per_round = FASTEST * $option{seconds};
my $load = QDN::Load->new(dir => $work,
    public => 'https://calls.example.com/qdn/twilio',
    calls  => $per_round * $option{rounds} * CONNECTIONS);

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return ($sorted[ $#sorted / 2 ] + $sorted[ @sorted / 2 ]) / 2;
}

# -- servers --

sub bare {
    return QDN::Httpd->new(bare => 1, module => 'bare',
        file => QDN::Httpd::setting('QDN_BENCH_BARE'), config => SHAPE
            . qq{<Location "/qdn/twilio">\n    SetHandler bare\n}
            . "    Require all granted\n</Location>\n");
}

sub qdn {
    my ($sync, $database) = @_;
    return QDN::Httpd->new(database => $database, config => SHAPE
            . "QDNJournalSync $sync\nQDNJournalMax 8G\n"
            . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"));
}

# What the daemon says; it may begin a moment after httpd.
sub ask {
    my ($httpd, $word) = @_;
    return $httpd->await(sub { $httpd->daemon($word) })
        || die "the daemon is away\n";
}

sub counters { return ask($_[0], 'health')->{counters} }

# Events that are in a journal and not yet in SQL.
sub backlog {
    my ($now, $before) = @_;
    my ($in, $out) = map { $now->{$_} - $before->{$_} }
        qw(journal.events drain.events);
    return $in - $out;
}

# Seconds until everything since $before is in SQL.
sub await_drain {
    my ($httpd, $before) = @_;
    my $began = time;
    while (backlog(counters($httpd), $before) > 0) {
        die "the drain does not end\n" if time - $began > 300;
        sleep 0.02;
    }
    return time - $began;
}

# -- requests per second --

# Pids by what they do for a call: httpd answers it, the daemon drains it,
# PostgreSQL keeps it.
sub parts_of {
    my ($httpd) = @_;
    my @all = family($httpd->{pid});
    return { httpd => \@all } if $httpd->{bare};
    my $daemon = ask($httpd, 'ping')->{pong};
    return { httpd => [grep { $_ != $daemon } @all], daemon => [$daemon],
        database => [$postgres->pids] };
}

sub measure {
    my ($httpd, $connections, $first) = @_;
    my $before = $httpd->{bare} ? undef : counters($httpd);
    my $parts  = parts_of($httpd);
    my %cpu    = map { $_ => cpu_of(@{ $parts->{$_} }) } keys %$parts;
    my $result = $load->send($httpd, $connections, $option{seconds}, $first,
        $per_round);
    $result->{lag} = await_drain($httpd, $before) if $before;
    $result->{pss} = pss_of(family($httpd->{pid}));    # shared by three
    for my $part (keys %$parts) {
        $result->{"cpu_$part"} = (cpu_of(@{ $parts->{$part} }) - $cpu{$part})
            / $result->{requests};
        $result->{cpu} += $result->{"cpu_$part"};
    }
    return $result;
}

# All candidates one after the other, in another order each round.
sub alternate {
    my ($candidates, $connections, $first) = @_;
    my @order = sort keys %$candidates;
    my %results;
    for my $round (1 .. $option{rounds}) {
        for my $name (@order) {
            push @{ $results{$name} }, measure($candidates->{$name},
                $connections, $first + ($round - 1) * $per_round);
        }
        push @order, shift @order;
    }
    return \%results;
}

# Each round's candidates met the same disturbances, so the ratio is taken
# round by round.
sub summarize {
    my ($results) = @_;
    my %summary;
    for my $name (keys %$results) {
        my @rounds = @{ $results->{$name} };
        for my $fact (qw(rate p50 p99 cpu cpu_httpd cpu_daemon cpu_database
            pss lag broken)) {
            my @values = grep { defined } map { $_->{$fact} } @rounds;
            $summary{$name}{$fact} = { median => median(@values),
                least => min(@values), most => max(@values) } if @values;
        }
        my @ratios = map { $rounds[$_]{rate} / $results->{bare}[$_]{rate} }
            0 .. $#rounds;
        $summary{$name}{ratio} = { median => median(@ratios),
            least => min(@ratios), most => max(@ratios) };
    }
    return \%summary;
}

sub print_summary {
    my ($connections, $summary) = @_;
    printf "\n%-14s %20s %17s %18s %20s %17s %5s\n",
        $connections > 1 ? "$connections connections" : 'one connection',
        'calls/s', 'of bare', 'p50 us', 'p99 us', 'CPU us (h+d+db)', 'MiB';
    for my $name (qw(bare sync-on sync-off)) {
        my $s = $summary->{$name};
        my $range = sub {
            my ($fact, $format) = @_;
            my $f = $s->{$fact};
            return sprintf "$format ($format-$format)",
                @$f{qw(median least most)};
        };
        printf "%-14s %20s %17s %18s %20s %17s %5.1f\n", $name,
            $range->('rate', '%.0f'), $range->('ratio', '%.2f'),
            $range->('p50', '%.0f'), $range->('p99', '%.0f'),
            sprintf('%.0f (%s)', $s->{cpu}{median}, join '+', map {
                $s->{"cpu_$_"} ? sprintf '%.0f', $s->{"cpu_$_"}{median} : 0
            } qw(httpd daemon database)), $s->{pss}{most};
        printf "%-14s %d requests without an answer\n", '',
            $s->{broken}{most} if $s->{broken}{most};
    }
    return;
}

# -- what happens beside the calls --

# Events per second into SQL, projections included, from a full journal and
# with nothing else to do.
sub drain_rate {
    my ($database) = @_;
    my $httpd = qdn('off', $database)->start;
    my $before = counters($httpd);
    my $daemon = ask($httpd, 'ping')->{pong};
    kill 'STOP', $daemon;
    $load->send($httpd, 16, $option{seconds}, 0, $per_round);
    my $cpu = cpu_of($daemon);
    kill 'CONT', $daemon;
    my $began  = time;
    my $events = backlog(counters($httpd), $before);
    await_drain($httpd, $before);
    my $result = { events => $events, rate => $events / (time - $began),
        cpu_daemon => (cpu_of($daemon) - $cpu) / $events };
    $httpd->stop;
    return $result;
}

# The rate into a MariaDB that runs for as long.
sub drain_rate_mariadb {
    my $dir = "$work/mariadb";
    my ($port) = QDN::Httpd::setting('QDN_TEST_PORTS') =~ /(\d+)$/;
    my $script = sub {
        # The server must not hold our end of a pipe open.
        my ($status) = QDN::Httpd::run('sh', '-c',
            'sh "$0" "$@" >"$2.out" 2>&1 </dev/null',
            "$QDN::Httpd::T/lib/mariadb.sh", @_);
        my $text = QDN::Httpd::slurp("$dir.out");
        die "mariadb.sh @_: $text" if $status;
        return $text =~ s/\s+$//r;
    };
    local $ENV{QDN_MARIADB_DSN} = $script->('start', $dir, $port);
    my $rate = eval { drain_rate('mysql') };
    my $why  = $@;
    $script->('stop', $dir);
    return $rate || die $why;
}

# Seconds from the start of httpd to the first answer while PostgreSQL hangs.
sub first_answer {
    my $httpd = qdn('on', 'pgsql');
    $postgres->freeze;
    my $began = time;
    $httpd->start;
    my $reply = $httpd->webhook('voice', { CallSid => QDN::Twilio::call_sid() });
    my $took = time - $began;
    $postgres->thaw;
    die "answered with $reply->{status}\n" if $reply->{status} != 200;
    $httpd->stop;
    return $took;
}

# Instructions of one call, and where they go. The same each time. With
# 'known' hours, calendars, presence and status of its people are looked at.
sub instructions {
    my ($calls, @known) = @_;
    my $out = "$work/callgrind";
    make_path("$work/journal");
    my ($status, $text) = QDN::Httpd::run('valgrind', '--tool=callgrind',
        '--toggle-collect=one_call', "--callgrind-out-file=$out",
        QDN::Httpd::setting('QDN_BENCH_CALL_PATH'), $load->{form}, $calls,
        "$work/journal", @known);
    die "callgrind: $text" if $status;
    my ($snapshot) = $text =~ /^snapshot (\d+)$/m;
    ($status, $text) = QDN::Httpd::run('callgrind_annotate', '--tree=caller',
        $out);
    my ($total) = $text =~ /^\s*([\d,]+).*PROGRAM TOTALS/m
        or die "callgrind_annotate: $text";
    # A function's callers ("<"), the dearest first, stand before it ("*").
    # What has lost its name is called after who calls it.
    my ($caller, @functions);
    while ($text =~ /^\s*([\d,]+) \(.*?\)  ([<*]) .*?:([\w.@']+)/mg) {
        my ($cost, $is, $name) = ($1 =~ tr/,//dr / $calls, $2, $3);
        $caller //= $name if $is eq '<';
        next if $is eq '<';
        $name = "what $caller calls" if $name =~ /^0x/;
        push @functions, { name => $name, instructions => $cost };
        undef $caller;
    }
    return { per_call => $total =~ tr/,//dr / $calls,
        $snapshot ? (snapshot => $snapshot) : (),
        most => [@functions[0 .. 9]] };
}

# -- the verdict --

my @verdicts;

# judge(WHAT, VALUE, NEED, FORMAT, AIM): NEED is a least value, or a greatest
# if it is negative.
sub judge {
    my ($what, $value, $need, $format, $aim) = @_;
    my $met = $need < 0 ? $value <= -$need : $value >= $need;
    push @verdicts, { what => $what, value => $value, need => abs $need,
        $aim ? (aim => $aim) : (), met => $met ? JSON::PP::true
        : JSON::PP::false };
    my $wanted = sprintf '%s ' . $format, $need < 0 ? 'at most' : 'at least',
        abs $need;
    $wanted .= sprintf ", aim $format", $aim if $aim;
    printf "%-7s %-47s $format (%s)\n", $met ? 'met' : 'MISSED', $what,
        $value, $wanted;
    return;
}

sub judge_all {
    my ($levels, $report) = @_;
    print "\n";
    for my $n (grep { $_ > 1 } CONNECTIONS) {
        my $level = $levels->{$n};
        judge("sync on, $n connections: of bare",
            $level->{'sync-on'}{ratio}{median}, 0.42, '%.2f', 0.60);
        judge("sync off, $n connections: of bare",
            $level->{'sync-off'}{ratio}{median}, 0.75, '%.2f', 0.85);
        judge("sync on, $n connections: CPU us per call",
            $level->{'sync-on'}{cpu}{median}, -220, '%.0f');
    }
    judge('sync on, one connection: median answer, ms',
        $levels->{1}{'sync-on'}{p50}{median} / 1000, -0.45, '%.2f');
    judge('PSS of the whole server after all calls, MiB', $report->{pss},
        -20, '%.1f');
    judge("drain into $_, events/s", $report->{drain}{$_}{rate},
        $_ eq 'sqlite3' ? 60_000 : 30_000, '%.0f')
        for sort keys %{ $report->{drain} };
    my $filled = EVENTS
        * max(map { $_->{'sync-on'}{rate}{median} } values %$levels);
    judge('drain into pgsql, of what calls write at most',
        $report->{drain}{pgsql}{rate} / $filled, 1, '%.2f');
    judge('knowing who is available: instructions, of not',
        $report->{available}{ratio}, -1.05, '%.3f');
    judge('the snapshot, bytes of each operator',
        $report->{available}{snapshot} / 102, -4096, '%.0f');
    judge('first answer with the database hung, s',
        $report->{first_answer}, -1, '%.2f');
    return;
}

# -- all of it --

# Each is started before the next one is made and looks for a free port.
my %candidates = (bare => bare()->start,
    'sync-on'  => qdn('on', 'pgsql')->start,
    'sync-off' => qdn('off', 'pgsql')->start);
printf "Before we began the load was %s on %d processors.\n",
    QDN::Httpd::slurp('/proc/loadavg') =~ /^(\S+)/,
    scalar(() = QDN::Httpd::slurp('/proc/cpuinfo') =~ /^processor/mg);
printf "%d parameters, %d bytes, every call another; %d rounds of %d s\n",
    @$load{qw(fields bytes)}, @option{qw(rounds seconds)};

my (%levels, %raw);
my $first = 0;
for my $connections (CONNECTIONS) {
    $raw{$connections} = alternate(\%candidates, $connections, $first);
    $levels{$connections} = summarize($raw{$connections});
    print_summary($connections, $levels{$connections});
    $first += $per_round * $option{rounds};
}
$candidates{$_}->stop for qw(bare sync-off);
my $pss = pss_of(family($candidates{'sync-on'}{pid}));    # shared by none
$candidates{'sync-on'}->stop;

my %report = (pss => $pss, calls => \%levels, rounds => \%raw, options => \%option,
    fields => $load->{fields}, bytes => $load->{bytes});
$report{drain}{$_} = drain_rate($_) for qw(pgsql sqlite3);
$report{drain}{mysql} = drain_rate_mariadb();
$report{first_answer} = first_answer();
$report{instructions} = instructions($option{judge} ? 4000 : 500);
$report{available} = instructions($option{judge} ? 4000 : 500, 'known');
$report{available}{ratio} =
    $report{available}{per_call} / $report{instructions}{per_call};
print "\n";
printf "drain into %-8s %6.0f events/s, %4.1f us of the daemon's CPU each\n",
    $_, @{ $report{drain}{$_} }{qw(rate cpu_daemon)}
    for sort keys %{ $report{drain} };
printf "\nthe call path: %.0f instructions a call; most of them in\n",
    $report{instructions}{per_call};
printf "%9.0f  %s\n", @$_{qw(instructions name)}
    for @{ $report{instructions}{most} }[0 .. 2];
printf "with hours, calendars, presence and status: %.3f times as many; the "
    . "snapshot\nhas %.0f bytes for each of a hundred people\n",
    $report{available}{ratio}, $report{available}{snapshot} / 102;

judge_all(\%levels, \%report) if $option{judge};
$report{targets} = \@verdicts;
QDN::Httpd::spew($option{json},
    JSON::PP->new->canonical->pretty->encode(\%report)) if $option{json};
printf "\n%d target%s missed\n", $_, $_ == 1 ? '' : 's'
    for $option{judge} ? scalar grep { !$_->{met} } @verdicts : ();
