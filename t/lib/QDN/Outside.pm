# SPDX-License-Identifier: Apache-2.0
package QDN::Outside;

# The world that feeds are asked from, on a port of its own: files with rules
# of how they are answered, and Google (QDN::Google). One process that waits
# for nobody: a slow answer holds up no other.
#
#   perl -It/lib -MQDN::Outside -e QDN::Outside::serve [PORT]
#
# prints "port N" and serves until its standard input ends. Told what to do
# over HTTP itself, so that tests in C and perl can:
#
#   POST /-/set    {"path": ..., rule}: from now on; RULES below
#   POST /-/unset  {"path": ...}: as if it had never been set
#   POST /-/clear  no path is known any more, nothing is in the log
#   POST /-/google {...}: see QDN::Google
#   GET  /-/log    what was asked: [{method, path, headers, body, at}]
#   GET  /-/counts how often each path was asked: {path: n}
#
# RULES: status (200), body, type, headers {}, etag (304 to who has it),
# modified (likewise), need {header: value} (else 401), delay (seconds before
# the answer), drip (seconds between its bytes), cut (bytes after which the
# connection is closed), mute (no answer at all), close (no answer, at once),
# raw (what is sent in place of an answer), times (then the rule before holds
# again).

use strict;
use warnings;
use Errno qw(EAGAIN EWOULDBLOCK EINTR);
use IO::Select;
use IO::Socket::INET;
use JSON::PP;
use QDN::Google;
use Time::HiRes qw(time);

my $json = JSON::PP->new->utf8->canonical;

# -- what a test in perl calls --

# A process of its own; ->{port}, ->{base}.
sub start {
    my ($class) = @_;
    my $lib = $INC{'QDN/Outside.pm'} =~ s{/QDN/Outside\.pm$}{}r;
    pipe(my $out, my $child_out) or die "pipe: $!";
    pipe(my $child_in, my $in) or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDIN, '<&', $child_in or die $!;
        open STDOUT, '>&', $child_out or die $!;
        close $_ for $in, $out;
        exec $^X, "-I$lib", '-MQDN::Outside', '-e', 'QDN::Outside::serve'
            or die $!;
    }
    close $_ for $child_in, $child_out;
    my ($port) = (readline($out) // '') =~ /^port (\d+)/
        or die "the stand-in does not begin\n";
    return bless { pid => $pid, in => $in, port => $port,
        base => "http://127.0.0.1:$port" }, $class;
}

sub ask {
    my ($self, $method, $path, $body) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $self->{port}) or die "the stand-in is gone: $!\n";
    $body = defined $body ? $json->encode($body) : '';
    print {$socket} "$method $path HTTP/1.0\r\nContent-Length: "
        . length($body) . "\r\n\r\n$body";
    local $/;
    my (undef, $answer) = split /\r\n\r\n/, readline($socket) // '', 2;
    return length($answer // '') ? $json->decode($answer) : undef;
}

sub set { my ($self, $path, %rule) = @_;
    return $self->ask(POST => '/-/set', { path => $path, %rule }) }
sub unset { my ($self, $path) = @_;
    return $self->ask(POST => '/-/unset', { path => $path }) }
sub google { my ($self, %how) = @_; return $self->ask(POST => '/-/google', \%how) }
sub clear { my ($self) = @_; return $self->ask(POST => '/-/clear') }
sub log { my ($self) = @_; return $self->ask(GET => '/-/log') }
sub counts { my ($self) = @_; return $self->ask(GET => '/-/counts') }

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    close $self->{in};
    local $?;
    waitpid $pid, 0;
    return;
}

sub DESTROY { my ($self) = @_; $self->stop; return }

# -- the process --

my (%rules, %counts, @log, $google);
my $LOG_MAX = 2000;

my %phrase = (200 => 'OK', 204 => 'No Content', 301 => 'Moved Permanently',
    302 => 'Found', 304 => 'Not Modified', 307 => 'Temporary Redirect',
    400 => 'Bad Request', 401 => 'Unauthorized', 403 => 'Forbidden',
    404 => 'Not Found', 429 => 'Too Many Requests',
    500 => 'Internal Server Error', 503 => 'Service Unavailable');

sub response {
    my ($status, $headers, $body) = @_;
    my %all = ('Content-Length' => length $body, %$headers);
    delete $all{'Content-Length'} if $status == 304;
    return join "\r\n", "HTTP/1.1 $status " . ($phrase{$status} // 'Odd'),
        (map { "$_: $all{$_}" } sort keys %all), '',
        $status == 304 ? '' : $body;
}

sub as_json { my ($status, $value, %headers) = @_;
    return { bytes => response($status, { 'Content-Type' => 'application/json',
        %headers }, $json->encode($value)) } }

# How a request is answered: {bytes, delay, drip, cut, mute}.
sub by_rule {
    my ($rule, $request) = @_;
    return { %$rule, bytes => $rule->{raw} } if defined $rule->{raw};
    my $headers = $request->{headers};
    my %own = %{ $rule->{headers} || {} };
    my ($status, $body) = ($rule->{status} // 200, $rule->{body} // '');
    $own{'Content-Type'} //= $rule->{type} // 'text/plain';
    $own{ETag} = $rule->{etag} if defined $rule->{etag};
    $own{'Last-Modified'} = $rule->{modified} if defined $rule->{modified};
    if (grep { ($headers->{ lc $_ } // '') ne $rule->{need}{$_} }
            keys %{ $rule->{need} || {} }) {
        ($status, $body) = (401, 'who are you?');
    }
    elsif ((defined $rule->{etag}
            && ($headers->{'if-none-match'} // '') eq $rule->{etag})
        || (defined $rule->{modified}
            && ($headers->{'if-modified-since'} // '') eq $rule->{modified})) {
        ($status, $body) = (304, '');
    }
    utf8::encode($body) if utf8::is_utf8($body);
    return { %$rule, bytes => response($status, \%own, $body) };
}

sub command {
    my ($word, $request) = @_;
    my $told = length $request->{body} ? $json->decode($request->{body}) : {};
    if ($word eq 'set') {
        my $path = delete $told->{path};
        $rules{$path} = [] if !$told->{times};
        push @{ $rules{$path} }, $told;
    }
    elsif ($word eq 'unset') {
        delete $rules{ $told->{path} };
    }
    elsif ($word eq 'clear') {
        (%rules, %counts, @log) = ();
        $google = QDN::Google->new;
    }
    elsif ($word eq 'google') {
        $google->told($told);
    }
    return as_json(200, $word eq 'log' ? \@log
        : $word eq 'counts' ? \%counts : {});
}

sub answer {
    my ($request) = @_;
    my $path = $request->{path};
    return command($1, $request) if $path =~ m{^/-/(\w+)$};
    $counts{$path}++;
    push @log, { %$request, at => time } if @log < $LOG_MAX;
    my $rules = $rules{$path} || [];
    if (my $rule = $rules->[-1]) {
        pop @$rules if $rule->{times} && !--$rule->{times};
        return by_rule($rule, $request);
    }
    my ($status, $value, %headers) = $google->answer($request);
    return as_json($status, $value, %headers) if $status;
    return { bytes => response(404, {}, "nothing here\n") };
}

# One whole request cut off the front of the buffer, or nothing.
sub take_request {
    my ($buffer) = @_;
    my $end = index $$buffer, "\r\n\r\n";
    return if $end < 0;
    my ($first, @lines) = split /\r\n/, substr $$buffer, 0, $end;
    my %headers = map { /^([^:]+):\s*(.*)$/ ? (lc $1, $2) : () } @lines;
    my $length = $headers{'content-length'} || 0;
    return if length($$buffer) < $end + 4 + $length;
    my ($method, $path, $version) = split / /, $first;
    my $body = substr $$buffer, $end + 4, $length;
    substr $$buffer, 0, $end + 4 + $length, '';
    return { method => $method, path => $path, headers => \%headers,
        body => $body, last => $version eq 'HTTP/1.0' };
}

# What is to be written when: $c->{plan} is [[time, bytes or undef (close)]].
sub schedule {
    my ($c, $how, $last) = @_;
    my $at = time + ($how->{delay} || 0);
    my $bytes = $how->{bytes};
    return if $how->{mute};
    if ($how->{close}) {
        push @{ $c->{plan} }, [$at, undef];
        return;
    }
    if (defined $how->{cut}) {
        $bytes = substr $bytes, 0, $how->{cut};
        $last = 1;
    }
    if ($how->{drip}) {
        push @{ $c->{plan} }, map { [$at += $how->{drip}, $_] }
            split //, $bytes;
    }
    else {
        push @{ $c->{plan} }, [$at, $bytes];
    }
    push @{ $c->{plan} }, [$at, undef] if $last || defined $how->{raw};
    return;
}

sub hear {
    my ($c) = @_;
    my $n = sysread $c->{socket}, $c->{in}, 65536, length $c->{in};
    return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR if !defined $n;
    return 0 if !$n;
    while (my $request = take_request(\$c->{in})) {
        my $last = delete $request->{last};
        schedule($c, answer($request), $last);
    }
    return 1;
}

# 0: the connection is to be closed.
sub speak {
    my ($c, $now) = @_;
    while (@{ $c->{plan} } && $c->{plan}[0][0] <= $now) {
        my $bytes = $c->{plan}[0][1];
        return 0 if !defined $bytes;
        my $n = syswrite $c->{socket}, $bytes;
        return $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR
            if !defined $n;
        if ($n < length $bytes) {
            $c->{plan}[0][1] = substr $bytes, $n;
            return 1;
        }
        shift @{ $c->{plan} };
    }
    return 1;
}

sub serve {
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $ARGV[0] || 0, Listen => 256, ReuseAddr => 1)
        or die "cannot listen: $!";
    local $SIG{PIPE} = 'IGNORE';
    $| = 1;
    print 'port ', $listener->sockport, "\n";
    $google = QDN::Google->new;
    my $select = IO::Select->new($listener, \*STDIN);
    my %connections;
    while (1) {
        my $now = time;
        my ($soonest) = sort { $a <=> $b }
            map { @{ $_->{plan} } ? $_->{plan}[0][0] : () } values %connections;
        my $wait = defined $soonest ? $soonest - $now : 1;
        $wait = 0.005 if $wait < 0.005;
        for my $socket ($select->can_read($wait)) {
            if ($socket == \*STDIN || fileno $socket == 0) {
                sysread(STDIN, my $byte, 1) or return;
            }
            elsif ($socket == $listener) {
                my $new = $listener->accept or next;
                $new->blocking(0);
                $select->add($new);
                $connections{ fileno $new } =
                    { socket => $new, in => '', plan => [] };
            }
            elsif (!hear($connections{ fileno $socket })) {
                delete $connections{ fileno $socket };
                $select->remove($socket);
                close $socket;
            }
        }
        $now = time;
        for my $number (keys %connections) {
            my $c = $connections{$number};
            next if speak($c, $now);
            delete $connections{$number};
            $select->remove($c->{socket});
            close $c->{socket};
        }
    }
}

1;
