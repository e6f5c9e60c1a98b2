# SPDX-License-Identifier: Apache-2.0
package QDN::Wire;

# One connection to a server under test, for requests that no HTTP library
# would send. It is kept alive for as long as the server likes.

use strict;
use warnings;

use IO::Socket::INET;

use constant PATIENCE => 20;    # seconds for a reply

sub new {
    my ($class, $httpd) = @_;
    return bless { port => $httpd->{port} }, $class;
}

sub socket {
    my ($self) = @_;
    return $self->{socket} ||= IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $self->{port},
        Timeout => PATIENCE) || die "connect: $!\n";
}

# Is the connection of the last reply still open?
sub is_open { return defined $_[0]{socket} }

# Bytes as they are; no reply is awaited.
sub send {
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $socket = $self->socket;
    for (my $at = 0; $at < length $bytes;) {
        $at += syswrite($socket, $bytes, 65536, $at) // return;
    }
    return;
}

# The target goes out as it is. headers: [NAME => VALUE, ...]; a body gets
# its Content-Length unless they say how it is sent.
sub ask {
    my ($self, $method, $target, $headers, $body) = @_;
    my %given = map { lc($_) => 1 } @{$headers}[grep { !($_ % 2) }
        0 .. $#$headers];
    my @lines = ("$method $target HTTP/1.1");
    push @lines, "Host: calls.example.com" unless $given{host};
    for (my $i = 0; $i < @$headers; $i += 2) {
        push @lines, "$headers->[$i]: $headers->[$i + 1]";
    }
    push @lines, 'Content-Length: ' . length $body
        if defined $body
        && !$given{'content-length'} && !$given{'transfer-encoding'};
    $self->send(join("\r\n", @lines, '', '') . ($body // ''));
    return $self->reply($method eq 'HEAD');
}

# The next reply: {status, headers, content, rest}. HEAD has no content; rest
# is what came behind it before the server hung up, which should be nothing.
sub reply {
    my ($self, $bodiless) = @_;
    local $SIG{ALRM} = sub { die "no reply in time\n" };
    alarm PATIENCE;
    my $head = $self->until("\r\n\r\n");
    my ($first, @lines) = split /\r\n/, $head;
    my ($status) = ($first // '') =~ m{^HTTP/\S+ (\d+)};
    my %reply = (head => $head, status => $status // 0, headers => {
        map { /^([^:]+):\s*(.*)/ ? (lc $1, $2) : () } @lines });
    my $length = $reply{headers}{'content-length'};
    my $closes = lc($reply{headers}{connection} // '') eq 'close';
    $reply{content} = $bodiless ? '' : $self->take($length // 1e9);
    $reply{rest} = $closes ? $self->take(1e9) : '';
    alarm 0;
    delete $self->{socket} if $closes || !$head;
    return \%reply;
}

sub until {
    my ($self, $end) = @_;
    my $text = '';
    while ($text !~ /\Q$end\E\z/) {
        sysread($self->socket, my $byte, 1) or return $text;
        $text .= $byte;
    }
    return $text;
}

sub take {
    my ($self, $n) = @_;
    my $text = '';
    while (length $text < $n) {
        sysread($self->socket, my $more, $n - length $text) or last;
        $text .= $more;
    }
    return $text;
}

1;
