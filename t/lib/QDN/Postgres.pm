# SPDX-License-Identifier: Apache-2.0
package QDN::Postgres;

# A PostgreSQL of one test, which may stop, freeze and break it. It listens
# on the last port but one of $QDN_TEST_PORTS; the last is that of the run.

use strict;
use warnings;

use File::Path qw(make_path);

use QDN::Fault;
use QDN::Httpd;

use constant NAME   => 'pg';
use constant SCRIPT => 'pg.sh';

my $servers = 0;
my @living;

# Makes one, not started yet. dir: where, if not in run/.
sub new {
    my ($class, %want) = @_;
    make_path("$QDN::Httpd::T/run");
    my (undef, $high) = split /-/, $ENV{QDN_TEST_PORTS} || '8540-8559';
    my $self = bless {
        dir   => sprintf('%s/run/%s-%d-%d', $QDN::Httpd::T, $class->NAME, $$,
            ++$servers),
        port  => $high - 1,
        owner => $$,
        %want,
    }, $class;
    push @living, $self;
    return $self;
}

sub script {
    my ($self, @arguments) = @_;
    # The server must not hold our ends of the pipe open.
    my ($status, $text) = QDN::Httpd::run('sh', '-c',
        'sh "$0" "$@" >"$2.out" 2>&1 </dev/null; status=$?;'
        . ' cat "$2.out"; exit $status',
        "$QDN::Httpd::T/lib/" . $self->SCRIPT, @arguments);
    die $self->SCRIPT, " @arguments: $text" if $status;
    chomp $text;
    return $text;
}

# Start it; returns itself. Then {dsn} is apr_dbd's DBDParams.
sub start {
    my ($self) = @_;
    $self->{dsn} = $self->script('start', $self->{dir}, $self->{port});
    $self->{up} = 1;
    return $self;
}

# At once, as if the machine had lost its power.
sub stop {
    my ($self) = @_;
    return if !delete $self->{up};
    $self->thaw;
    $self->script('stop', $self->{dir});
    return;
}

sub restart {
    my ($self) = @_;
    $self->stop;
    return $self->start;
}

# Start it if it has ended by itself.
sub revive {
    my ($self) = @_;
    my ($first) = eval { $self->pids };
    return $self if $first && QDN::Fault::alive($first);
    return $self->start;
}

# The postmaster and all that it has started. On a disk that was full its file
# may be empty, and nobody must be sent a signal as process 0.
sub pids {
    my ($self) = @_;
    my ($first) = QDN::Httpd::slurp("$self->{dir}/data/postmaster.pid")
        =~ /^(\d+)/ or die "no postmaster in $self->{dir}\n";
    return ($first, QDN::Httpd::children({ pid => $first }));
}

# Nothing answers any more, and no connection breaks.
sub freeze {
    my ($self) = @_;
    kill 'STOP', $_ for $self->pids;    # the postmaster first: no new ones
    kill 'STOP', $self->pids;
    $self->{frozen} = 1;
    return;
}

sub thaw {
    my ($self) = @_;
    kill 'CONT', $self->pids if delete $self->{frozen};
    return;
}

# As the superuser, in the database of an httpd or in `qdn`; dies on error.
sub sql {
    my ($self, $sql, $httpd) = @_;
    my ($name) = ($httpd || $self)->{dsn} =~ /\b(dbname=\S+)/;
    my ($status, $text) = QDN::Httpd::run('psql', '-qXAtd',
        $self->{dsn} =~ s/\bdbname=\S+/$name/r, '-v', 'ON_ERROR_STOP=1',
        '-c', $sql);
    die "$sql\n$text" if $status;
    return $text;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!, $@);
    eval { $self->stop } if $self->{owner} == $$;
    return;
}

END {
    my $status = $?;
    for my $server (grep { $_->{owner} == $$ } @living) {
        eval { $server->stop };
    }
    $? = $status;
}

1;
