# SPDX-License-Identifier: Apache-2.0
package QDN::Chaos;

# Faults at random for one httpd on PostgreSQL: of processes, of the database
# and of the disk, several at a time. It notes which connections it has cut.

use strict;
use warnings;

use Errno qw(EACCES EIO EMFILE ENOSPC);
use IO::Handle;
use List::Util qw(sum);
use Time::HiRes qw(sleep time);

use QDN::Fault qw(alive daemons gone_within segments workers);

# The gap between two kills of the daemon: whoever dies within two seconds is
# made to wait, and then there would be no daemon to hurt.
use constant DAEMON_LIFE => 4;

# name => [how often, what it keeps busy, how it is done]. A part that is busy
# is hurt in one way at a time; "server" waits for what is done to processes.
# Each returns true if there was something to hurt.
my %faults = (
    'child: kill -9'         => [18, 'process', \&kill_child],
    'child: SIGSTOP'         => [22, 'process', \&stop_child],
    'daemon: kill -9'        => [8,  'daemon', \&kill_daemon],
    'daemon: SIGSTOP'        => [8,  'daemon', \&stop_daemon],
    'parent: SIGSTOP'        => [6,  'parent', \&stop_parent],
    'parent: kill -9'        => [1,  'server', \&kill_parent],
    'restart: graceful'      => [2,  'server', \&graceful],
    'restart: hard'          => [1.5, 'server', \&hard],
    'database: connection dropped' => [10, 'database', \&drop_connection],
    'database: session kill -9' => [2, 'database', \&kill_session],
    'database: SIGSTOP'      => [6,  'database', \&freeze_database],
    'database: stopped'      => [2,  'database', \&stop_database],
    'database: restarted'    => [1,  'database', \&restart_database],
    'database: disk full'    => [2,  'database', \&fill_database],
    'journal: disk full'     => [6,  'disk', \&fill_state],
    'journal: write EIO'     => [6,  'disk', mishap(write => EIO)],
    'journal: write ENOSPC'  => [6,  'disk', mishap(write => ENOSPC)],
    'journal: fsync EIO'     => [8,  'disk', mishap(sync => EIO)],
    'journal: no new file'   => [4,  'disk', mishap(create => EMFILE)],
    'journal: no rights'     => [3,  'disk', mishap(create => EACCES)],
    'journal: frozen'        => [6,  'disk', mishap(hang => 1)],
);

# new(HTTPD, POSTGRES, small => DIR): with DIR, a small file system for each
# of state and pg is mounted below it, and can be filled.
sub new {
    my ($class, $httpd, $postgres, %want) = @_;
    return bless { httpd => $httpd, postgres => $postgres, %want,
        mishap => $httpd->{mishap}, count => {}, cuts => [], later => [],
        busy => {}, stopped => {}, problems => [], killed => sub { } }, $class;
}

sub total { return sum(0, values %{ $_[0]{count} }) }

sub between {
    my ($low, $high) = @_;
    return $low + rand($high - $low);
}

sub pick { return $_[ int rand @_ ] }

# -- when --

# What of a part is undone after some seconds.
sub later {
    my ($self, $part, $seconds, $code) = @_;
    push @{ $self->{later} }, [time + $seconds, $part, $code];
    $self->{busy}{$part}++;
    return 1;
}

# Undo what is due; of certain parts, everything.
sub undo {
    my ($self, $all) = @_;
    my (@left, @due);
    for my $undo (@{ $self->{later} }) {
        push @{ $undo->[0] <= time || $undo->[1] =~ $all ? \@due : \@left },
            $undo;
    }
    $self->{later} = \@left;
    for my $undo (@due) {
        $self->{busy}{ $undo->[1] }--;
        $undo->[2]->();
    }
    return;
}

# Nothing is broken any more.
sub settle { return $_[0]->undo(qr/./) }

sub sleep_until {
    my ($self, $when) = @_;
    while (1) {
        $self->undo(qr/^$/);
        my $left = $when - time;
        return if $left <= 0;
        sleep($left < 0.01 ? $left : 0.01);
    }
}

# One fault of those that are possible now.
sub inject {
    my ($self) = @_;
    my @possible = grep { !$self->{busy}{ $faults{$_}[1] }
            || $faults{$_}[1] eq 'process' } sort keys %faults;
    my $point = rand sum map { $faults{$_}[0] } @possible;
    for my $name (@possible) {
        $point -= $faults{$name}[0];
        return $self->inflict($name) if $point < 0;
    }
    return 0;
}

sub inflict {
    my ($self, $name) = @_;
    my (undef, $part, $code) = @{ $faults{$name} };
    $self->undo(qr/^(?:process|daemon|parent)$/) if $part eq 'server';
    my $done = eval { $code->($self) };
    # A process may be gone before it is hurt, a database not be up yet.
    push @{ $self->{problems} }, "$name: $@" if $@ && $part ne 'database';
    $self->{count}{$name}++ if $done;
    return $done;
}

# At random moments until a time, so many.
sub rage {
    my ($self, $until, $wanted) = @_;
    while ((my $left = $until - time) > 0) {
        $self->inject and $wanted--;
        $self->sleep_until(time
            + between(0, 2 * $left / ($wanted < 1 ? 1 : $wanted)));
        $self->sleep_until($until) if $wanted < 1;
    }
    return;
}

# -- processes --

# Are all threads stopped?
sub is_stopped {
    my ($pid) = @_;
    for my $stat (glob "/proc/$pid/task/*/stat") {
        open my $file, '<', $stat or next;
        return 0 if (<$file> // '') !~ /\) [TtZX] /;
    }
    return 1;
}

# Ports of the clients whose connections a process holds, as keys.
sub clients_of {
    my ($pid, $port) = @_;
    my %held;
    for my $fd (glob "/proc/$pid/fd/*") {
        $held{$1} = 1 if (readlink $fd // '') =~ /^socket:\[(\d+)\]/;
    }
    my %ports;
    open my $tcp, '<', '/proc/net/tcp' or die "/proc/net/tcp: $!\n";
    while (<$tcp>) {
        my @field = split;
        my ($local)  = ($field[1] // '') =~ /:([0-9A-F]{4})$/ or next;
        my ($remote) = $field[2] =~ /:([0-9A-F]{4})$/;
        $ports{ hex $remote } = 1 if hex $local == $port && $held{ $field[9] };
    }
    return \%ports;
}

# Stopped first, so that one knows whose connections die with it. Then its
# part of the journal meets what a power cut leaves of a file: no more than
# was synced.
sub kill_child {
    my ($self) = @_;
    my $pid = pick(workers($self->{httpd})) // return 0;
    kill 'STOP', $pid;
    $self->{httpd}->await(sub { is_stopped($pid) }, 1) or return 0;
    my $ports = clients_of($pid, $self->{httpd}{port});
    $self->{killed}->($pid);
    kill 'KILL', $pid;
    push @{ $self->{cuts} }, [time, time, $ports];
    gone_within(1, $pid) // return 1;
    my $journal = "$self->{httpd}{dir}/state/journal";
    $self->{mishap}->cut_power($pid, map { "$journal/$_" }
        segments($self->{httpd}, $pid));
    return 1;
}

sub hold {
    my ($self, $part, $pid, $low, $high) = @_;
    return 0 if !$pid || $self->{stopped}{$pid};
    kill 'STOP', $pid or return 0;
    $self->{stopped}{$pid} = 1;
    return $self->later($part, between($low, $high), sub {
        kill 'CONT', $pid if alive($pid);
        delete $self->{stopped}{$pid};
    });
}

sub stop_child {
    my ($self) = @_;
    return $self->hold('process', pick(workers($self->{httpd})), 0.02, 0.4);
}

sub stop_daemon {
    my ($self) = @_;
    return $self->hold('daemon', (daemons($self->{httpd}))[0], 0.05, 2);
}

sub stop_parent {
    my ($self) = @_;
    return $self->hold('parent', $self->{httpd}{pid}, 0.05, 0.5);
}

sub kill_daemon {
    my ($self) = @_;
    my ($pid) = daemons($self->{httpd});
    return 0 if !$pid || time - ($self->{daemon_killed} // 0) < DAEMON_LIFE;
    $self->{daemon_killed} = time;
    $self->{killed}->($pid);
    return kill 'KILL', $pid;
}

# Its children live on for a moment, as when something else than a machine
# kills it; then httpd is started again.
sub kill_parent {
    my ($self) = @_;
    my $httpd = $self->{httpd};
    my @family = $httpd->children;
    my $began = time;
    kill 'KILL', $httpd->{pid};
    sleep between(0, 0.3);
    $httpd->kill_all;
    defined gone_within(5, @family) or die "a child survives kill -9\n";
    unlink "$httpd->{dir}/logs/httpd.pid";
    $httpd->start;
    push @{ $self->{cuts} }, [$began, time];
    return 1;
}

# A hard restart waits for requests, which may wait for the disk: what is due
# meanwhile is undone.
sub restart {
    my ($self, $signal) = @_;
    my $httpd = $self->{httpd};
    my $seen = () = $httpd->log_text =~ /resuming normal operations/g;
    kill $signal, $httpd->{pid};
    return $httpd->await(sub {
        $self->undo(qr/^$/);
        my $now = () = $httpd->log_text =~ /resuming normal operations/g;
        $now > $seen && $httpd->answers;
    }) || die "not within ten seconds\n";
}

sub graceful { return $_[0]->restart('USR1') }

sub hard {
    my ($self) = @_;
    my $cut = [time, time + QDN::Httpd::PATIENCE];
    push @{ $self->{cuts} }, $cut;
    $self->restart('HUP');
    $cut->[1] = time;
    return 1;
}

# -- the database --

sub drop_connection {
    my ($self) = @_;
    return $self->{postgres}->sql('SELECT count(pg_terminate_backend(pid))'
        . ' FROM pg_stat_activity WHERE pid <> pg_backend_pid()'
        . ' AND datname = current_database()', $self->{httpd}) > 0;
}

# PostgreSQL then ends every session and reads its log again.
sub kill_session {
    my ($self) = @_;
    my $pid = $self->{postgres}->sql('SELECT max(pid) FROM pg_stat_activity'
        . ' WHERE pid <> pg_backend_pid() AND datname = current_database()',
        $self->{httpd});
    return $pid =~ /^(\d+)/ && kill 'KILL', $1;
}

sub freeze_database {
    my ($self) = @_;
    my $postgres = $self->{postgres};
    eval { $postgres->freeze; 1 } or return 0;    # it has just ended
    return $self->later('database', between(0.1, 2.5),
        sub { $postgres->thaw });
}

sub stop_database {
    my ($self) = @_;
    my $postgres = $self->{postgres};
    $postgres->stop;
    return $self->later('database', between(0.1, 1.5),
        sub { $postgres->start });
}

sub restart_database {
    my ($self) = @_;
    return $self->{postgres}->restart;
}

# Really full, or, without a file system to fill, as if: its files may not
# grow any more, and PostgreSQL panics as it does when its log has no room.
sub fill_database {
    my ($self) = @_;
    my $postgres = $self->{postgres};
    my $mend = $self->{small} ? fill("$self->{small}/pg")
        : $self->forbid($postgres->pids);
    return $self->later('database', between(0.3, 2), sub {
        $mend->();
        $postgres->revive;
    });
}

sub forbid {
    my ($self, @pids) = @_;
    QDN::Fault::forbid_writing(@pids);
    return sub { eval { QDN::Fault::allow_writing($_) } for @pids };
}

# -- the disk --

# Put into a file system what it holds. Returns what takes it out again.
sub fill {
    my ($dir) = @_;
    my $path = "$dir/balloon";
    open my $file, '>', $path or die "$path: $!\n";
    for my $size (1 << 20, 1 << 12, 1) {
        my $air = "\0" x $size;
        1 while syswrite $file, $air;
    }
    close $file;
    return sub { unlink $path or die "$path: $!\n" };
}

sub fill_state {
    my ($self) = @_;
    return 0 if !$self->{small};
    return $self->later('disk', between(0.05, 0.7),
        fill("$self->{small}/state"));
}

sub mishap {
    my %fault = @_;
    return sub {
        my ($self) = @_;
        $self->{mishap}->set(%fault);
        return $self->later('disk', between(0.02, 0.7),
            sub { $self->{mishap}->end });
    };
}

# -- who was cut --

# Was this request's own connection cut by us?
sub is_excused {
    my ($self, $request) = @_;
    for my $cut (@{ $self->{cuts} }) {
        my ($from, $to, $ports) = @$cut;
        next if $request->{began} > $to + 0.1
            || $request->{ended} < $from - 0.1;
        return 1 if !$ports || $ports->{ $request->{port} };
    }
    return 0;
}

1;
