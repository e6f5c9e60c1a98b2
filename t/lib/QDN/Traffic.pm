# SPDX-License-Identifier: Apache-2.0
package QDN::Traffic;

# Callers in processes of their own, and the account of what they were
# answered: every answered webhook's events must be in SQL, once.

use strict;
use warnings;

use HTTP::Tiny;
use List::Util qw(max sum);
use POSIX ();
use Test::More ();
use Time::HiRes qw(sleep time);

use QDN::Call;

use constant INSIST => 20;    # seconds that a caller repeats a webhook

my @living;
my $logs = 0;

# new(HTTPD, callers => 3, pause => 0.01): that many at a time, each with so
# many seconds between two webhooks. client: code that makes another one than
# HTTP::Tiny for each caller.
sub new {
    my ($class, $httpd, %want) = @_;
    return bless { httpd => $httpd, callers => 3, pause => 0.01, %want,
        calls => {}, seconds => [], failed => [] }, $class;
}

# A call that the test itself makes, on this account.
sub call {
    my ($self) = @_;
    return QDN::Call->new($self->{httpd}, sub { $self->note(@_) });
}

sub note {
    my ($self, $sid, $status, $seconds, @events) = @_;
    my $call = $self->{calls}{$sid} ||= { must => {}, may => {} };
    if ($status eq '200') {
        $call->{must}{$_} = 1 for @events;
        push @{ $self->{seconds} }, $seconds;
    }
    else {
        $call->{may}{$_} = 1 for @events;
        push @{ $self->{failed} }, sprintf '%s after %.2f s', $status, $seconds;
    }
    return;
}

# -- callers --

# What one after the other does.
my @scripts = (
    [qw(begin no_answer no_answer no_answer message)],
    [qw(begin hang_up)],
    [qw(begin no_answer hang_up)],
);

sub start {
    my ($self) = @_;
    $self->{log} = "$self->{httpd}{dir}/logs/traffic-" . ++$logs;
    open my $log, '>>', $self->{log} or die "$self->{log}: $!\n";
    $self->{began} = time;
    for my $n (1 .. $self->{callers}) {
        my $pid = fork // die "fork: $!\n";
        if (!$pid) {
            eval { $self->ring_up($log, $n); 1 } or print STDERR $@;
            POSIX::_exit(0);
        }
        push @{ $self->{pids} }, $pid;
        push @living, $pid;
    }
    return $self;
}

sub ring_up {
    my ($self, $log, $n) = @_;
    my $over = 0;
    # Without breaking into a read or a connect, nor into perl's own work: at
    # once, as is the default here, it may come in the middle of a malloc.
    my $end = POSIX::SigAction->new(sub { $over = 1 }, POSIX::SigSet->new,
        POSIX::SA_RESTART());
    $end->safe(1);
    POSIX::sigaction(POSIX::SIGTERM(), $end);
    # Of a connection that is kept open nobody knows whether a request on it
    # was refused or lost.
    $self->{httpd}{http} = $self->{client} ? $self->{client}->()
        : HTTP::Tiny->new(timeout => 20, keep_alive => 0);
    my $told = sub { syswrite $log, join("\t", @_) . "\n" };
    CALL: while (!$over) {
        my $call = QDN::Call->new($self->{httpd}, $told);
        for my $step (@{ $scripts[ $n++ % @scripts ] }) {
            my $until = time + INSIST;
            until ($call->$step) {
                next CALL if time > $until;
                sleep 0.05;
            }
            sleep $self->{pause};
        }
    }
    return;
}

# Let every caller finish the call that is on, and read their accounts.
sub stop {
    my ($self) = @_;
    my @pids = @{ delete $self->{pids} || [] };
    kill 'TERM', @pids;
    waitpid $_, 0 for @pids;
    @living = grep { my $pid = $_; !grep { $_ == $pid } @pids } @living;
    open my $log, '<', $self->{log} or die "$self->{log}: $!\n";
    while (<$log>) {
        chomp;
        $self->note(split /\t/);
    }
    return $self;
}

# Traffic while code runs.
sub during {
    my ($self, $code) = @_;
    $self->start;
    $code->();
    return $self->stop;
}

# -- the account --

sub answered { return scalar @{ $_[0]{seconds} } }
sub worst    { return max(0, @{ $_[0]{seconds} }) }

# How many events must be in SQL.
sub events {
    my ($self) = @_;
    return sum(0, map { scalar keys %{ $_->{must} } }
        values %{ $self->{calls} });
}

# The time in which all but one in a hundred were answered.
sub p99 {
    my ($self) = @_;
    my @sorted = sort { $a <=> $b } @{ $self->{seconds} };
    return @sorted ? $sorted[ int(0.99 * $#sorted) ] : 0;
}

# Tests that at least so many were answered, the slowest within a time, and
# that at most so many requests failed (each was then sent again).
sub served_ok {
    my ($self, $label, %limit) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @failed = @{ $self->{failed} };
    my $good = $self->answered >= ($limit{least} // 20)
        && @failed <= ($limit{failed} // 0)
        && $self->worst <= ($limit{worst} // 2);
    return Test::More::ok($good, $label) if $good;
    Test::More::ok(0, $label);
    Test::More::diag(sprintf '%d answered, worst %.2f s, p99 %.3f s, '
        . '%d failed: %s', $self->answered, $self->worst, $self->p99,
        scalar @failed, join ', ', @failed[0 .. ($#failed > 4 ? 4 : $#failed)]);
    return 0;
}

# The rows of our calls, when there are as many as there must be or some
# seconds have passed: "events" as QDN::Call names them by CallSid, "calls"
# rows by CallSid.
sub rows {
    my ($self, $seconds) = @_;
    my $httpd = $self->{httpd};
    my $wanted = $self->events;
    my @events;
    $httpd->await(sub {
        @events = grep { $self->{calls}{ $_->{call_sid} // '' } } eval {
            $httpd->sql('SELECT call_sid, kind, hop, operator, phone'
                . ' FROM qdn_event') };
        @events >= $wanted;
    }, $seconds // 15);
    my %rows = (events => {}, calls => {});
    for my $e (@events) {
        push @{ $rows{events}{ $e->{call_sid} } }, join ' ', $e->{kind},
            $e->{hop} // 0, defined $e->{phone}
            ? "$e->{operator}/$e->{phone}" : '-';
    }
    push @{ $rows{calls}{ $_->{call_sid} } }, $_
        for $httpd->sql('SELECT * FROM qdn_call');
    return \%rows;
}

# Take over what another account of the same httpd holds.
sub add {
    my ($self, $other) = @_;
    $self->{calls}{$_} = $other->{calls}{$_} for keys %{ $other->{calls} };
    push @{ $self->{$_} }, @{ $other->{$_} } for qw(seconds failed);
    return;
}

# What is wrong with the events of one call, in words.
sub misfits {
    my ($call, @events) = @_;
    my (%seen, @wrong);
    $seen{$_}++ for @events;
    for my $event (sort keys %{ $call->{must} }) {
        my $n = delete $seen{$event} || 0;
        push @wrong, "$event: $n times" if $n != 1;
    }
    for my $event (sort keys %seen) {
        push @wrong, "$event: $seen{$event} times, never answered"
            if !$call->{may}{$event} || $seen{$event} != 1;
    }
    return @wrong;
}

# What the row of a call must say, from what was answered.
sub expected_row {
    my ($call) = @_;
    my $known = join "\n", sort keys %{ $call->{must} };
    return {
        line     => '+16195550100',
        caller   => '+12025550123',
        hops     => scalar(() = $known =~ /^hop\.dialled/mg),
        outcome  => $known =~ /^voicemail\.recorded/m ? 'voicemail'
            : $known =~ /^call\.ended/m ? 'abandoned' : 'unknown',
        ended_at => $known =~ /^call\.ended/m ? 'set' : 'none',
    };
}

sub misfits_of_row {
    my ($call, @rows) = @_;
    return 'qdn_call has ' . @rows . ' rows' if @rows != 1;
    my %row = %{ $rows[0] };
    my $want = expected_row($call);
    $row{ended_at} = defined $row{ended_at} ? 'set' : 'none';
    return map { "qdn_call.$_ is " . ($row{$_} // 'NULL') . ", not $want->{$_}" }
        grep { ($row{$_} // '') ne $want->{$_} } sort keys %$want;
}

# Tests that the events of every answered webhook are in SQL exactly once,
# that nothing else is, and that every call's row says what happened.
sub kept_once_ok {
    my ($self, $label) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $rows = $self->rows;
    my @wrong;
    for my $sid (sort keys %{ $self->{calls} }) {
        my $call = $self->{calls}{$sid};
        push @wrong, map { "$sid $_" }
            misfits($call, @{ $rows->{events}{$sid} || [] });
        # A step that may or may not have been decided tells nothing.
        next if !keys %{ $call->{must} }
            || grep { !$call->{must}{$_} } keys %{ $call->{may} };
        push @wrong, map { "$sid $_" }
            misfits_of_row($call, @{ $rows->{calls}{$sid} || [] });
    }
    return Test::More::ok(1, $label) if !@wrong && keys %{ $self->{calls} };
    Test::More::ok(0, $label);
    Test::More::diag(sprintf '%d calls, %d misfits', scalar keys
        %{ $self->{calls} }, scalar @wrong);
    Test::More::diag($_) for @wrong[0 .. ($#wrong > 9 ? 9 : $#wrong)];
    return 0;
}

END {
    my $status = $?;
    kill 'KILL', @living if @living;
    $? = $status;
}

1;
