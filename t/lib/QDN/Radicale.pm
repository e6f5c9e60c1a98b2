# SPDX-License-Identifier: Apache-2.0
package QDN::Radicale;

# A Radicale of one test: CalDAV and ICS over HTTP, with one person and one
# calendar. Debian's radicale, on a free port of $QDN_TEST_PORTS.

use strict;
use warnings;

use File::Path qw(make_path);
use HTTP::Request;
use LWP::UserAgent;
use POSIX ();
use Time::HiRes qw(sleep);

use QDN::Httpd;

use constant { USER => 'ana', PASSWORD => 'example-password' };

my $servers = 0;
my @living;

# Makes and starts one, with an empty calendar.
sub new {
    my ($class) = @_;
    my $self = bless {
        dir   => sprintf('%s/run/radicale-%d-%d', $QDN::Httpd::T, $$, ++$servers),
        port  => QDN::Httpd::free_port(),
        owner => $$,
    }, $class;
    push @living, $self;
    make_path($self->{dir});
    QDN::Httpd::spew("$self->{dir}/users", USER . ':' . PASSWORD . "\n", 0600);
    QDN::Httpd::spew("$self->{dir}/config", <<"CONFIG");
[server]
hosts = 127.0.0.1:$self->{port}
[auth]
type = htpasswd
htpasswd_filename = $self->{dir}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = $self->{dir}/collections
[rights]
type = owner_only
CONFIG
    return $self->start;
}

# Ready when it has made the calendar.
sub start {
    my ($self) = @_;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<', '/dev/null' or die;
        open STDOUT, '>>', "$self->{dir}/log" or die;
        open STDERR, '>&', \*STDOUT or die;
        { no warnings 'exec'; exec '/usr/bin/python3', '-m', 'radicale',
            '--config', "$self->{dir}/config"; }
        POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    my $status;
    for (1 .. 200) {
        $status = $self->ask('MKCALENDAR', $self->path, '');
        return $self if $status == 201;
        sleep 0.05;
    }
    die "radicale makes no calendar, the last status is $status:\n",
        QDN::Httpd::slurp("$self->{dir}/log");
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return;
}

sub freeze { kill 'STOP', $_[0]{pid}; return }
sub thaw   { kill 'CONT', $_[0]{pid}; return }

sub path { return '/' . USER . '/calendar/' }
sub url  { return "http://127.0.0.1:$_[0]{port}" . $_[0]->path }

# The status of a request, 0 if there is no answer.
sub ask {
    my ($self, $method, $path, $body, @headers) = @_;
    my $request = HTTP::Request->new($method,
        "http://127.0.0.1:$self->{port}$path", [@headers], $body);
    $request->authorization_basic(USER, PASSWORD);
    my $answer = LWP::UserAgent->new(timeout => 5)->request($request);
    return ($answer->header('Client-Warning') // '') eq 'Internal response'
        ? 0 : $answer->code;
}

# Put an event there: lines of a VEVENT without its UID.
sub put {
    my ($self, $uid, @lines) = @_;
    my $text = join "\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0',
        'PRODID:-//mod_qdn//test//EN', 'BEGIN:VEVENT', "UID:$uid",
        'DTSTAMP:20260101T000000Z', @lines, 'END:VEVENT', 'END:VCALENDAR', '';
    my $status = $self->ask('PUT', $self->path . "$uid.ics", $text,
        'Content-Type', 'text/calendar');
    $status == 201 || $status == 204 or die "PUT $uid: $status\n";
    return;
}

sub remove {
    my ($self, $uid) = @_;
    $self->ask('DELETE', $self->path . "$uid.ics", '') == 200
        or die "$uid is not removed\n";
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!, $@);
    $self->stop if $self->{owner} == $$;
    return;
}

END {
    my $status = $?;
    $_->stop for grep { $_->{owner} == $$ } @living;
    $? = $status;
}

1;
