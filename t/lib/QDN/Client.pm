# SPDX-License-Identifier: Apache-2.0
package QDN::Client;

# An HTTP client with one connection for each request, that writes down which
# of its requests got no answer, from which port, and when: so that each can
# be held against what was done to the server at that time.

use strict;
use warnings;

use IO::Socket::INET;
use Time::HiRes qw(time);

# new(HTTPD, FILE, timeout => 20)
sub new {
    my ($class, $httpd, $file, %want) = @_;
    open my $log, '>>', $file or die "$file: $!\n";
    return bless { server => $httpd->{port}, log => $log, timeout => 20,
        %want }, $class;
}

# As HTTP::Tiny's: {status, content}; 599 is no answer.
sub request {
    my ($self, $method, $url, $options) = @_;
    my ($target) = $url =~ m{^http://[^/]+(/.*)};
    my $body = $options->{content} // '';
    my %headers = (%{ $options->{headers} || {} }, Host => 'localhost',
        Connection => 'close', 'Content-Length' => length $body);
    my $began = time;
    my ($port, $reply) = $self->exchange(join "\r\n",
        "$method $target HTTP/1.1",
        (map { "$_: $headers{$_}" } sort keys %headers), '', $body);
    my ($head, $content) = split /\r\n\r\n/, $reply, 2;
    my ($status, $length) = (599, undef);
    if (defined $content) {
        ($status) = $head =~ m{^HTTP/\S+ (\d+)};
        ($length) = $head =~ /^Content-Length: (\d+)/mi;
        $status = 599 if defined $length && $length != length $content;
    }
    syswrite $self->{log},
        join("\t", $port, $began, time, $status, "$method $target") . "\n"
        if $status ne '200';
    return { status => $status, content => $content // '' };
}

# Bytes out and in: (our port, what came).
sub exchange {
    my ($self, $bytes) = @_;
    my ($port, $reply) = (0, '');
    local $SIG{PIPE} = 'IGNORE';
    local $SIG{ALRM} = sub { die "timeout\n" };
    eval {
        alarm $self->{timeout};
        my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
            PeerPort => $self->{server}) or die "connect: $!\n";
        $port = $socket->sockport;
        syswrite $socket, $bytes;
        1 while sysread $socket, $reply, 65536, length $reply;
        close $socket;
    };
    alarm 0;
    return ($port, $reply);
}

# What the clients of a file have written: hashes of port, began, ended,
# status, what.
sub unanswered {
    my ($file) = @_;
    my @requests;
    for my $line (-f $file ? split /\n/, QDN::Httpd::slurp($file) : ()) {
        my %request;
        @request{qw(port began ended status what)} = split /\t/, $line;
        push @requests, \%request;
    }
    return @requests;
}

1;
