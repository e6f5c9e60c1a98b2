# SPDX-License-Identifier: Apache-2.0
package QDN::Mishap;

# A journal's disk that fails or hangs, and a wall clock that jumps, for one
# httpd: t/lib/mishap.c, compiled here and loaded before everything else.
#
#   my $mishap = QDN::Mishap->new(host => 'other');    # host: its name
#   my $httpd = httpd(mishap => $mishap)->start;
#   $mishap->set(write => ENOSPC, sync => EIO, create => EACCES, hang => 1,
#       clock => 3600,         # seconds ahead
#       room => 1 << 20);      # bytes free; what is not named works
#   $mishap->end;              # all works again

use strict;
use warnings;

use File::Path qw(make_path);

use QDN::Httpd;

# As in mishap.c; then as many hits.
my %word = (write => 0, sync => 1, create => 2, hang => 3, clock => 4,
    room => 5);
my %hits = (write => 6, sync => 7, create => 8, hang => 9);
use constant WORDS => 10;

my ($object, $made);

sub object {
    return $object if $object;
    my $run = "$QDN::Httpd::T/run";
    make_path($run);
    my ($status, $text) = QDN::Httpd::run('cc', '-shared', '-fPIC', '-O1',
        '-Wall', '-o', "$run/mishap-$$.so", "$QDN::Httpd::T/lib/mishap.c",
        '-ldl');
    die "mishap.c: $text" if $status;
    return $object = "$run/mishap-$$.so";
}

sub new {
    my ($class, %want) = @_;
    my $self = bless { object => object(), %want,
        file => sprintf('%s/run/mishap-%d-%d', $QDN::Httpd::T, $$, ++$made) },
        $class;
    QDN::Httpd::spew($self->{file}, "\0" x (8 * WORDS));
    return $self;
}

# What an httpd must be started with.
sub environment {
    my ($self) = @_;
    return (QDN_TEST_MISHAP => $self->{file},
        $self->{host} ? (QDN_TEST_HOSTNAME => $self->{host}) : ());
}

sub set {
    my ($self, %fault) = @_;
    my @words = (0) x keys %word;
    while (my ($name, $value) = each %fault) {
        $words[$word{$name} // die "no mishap $name\n"]
            = $name eq 'clock' ? int $value * 1e6 : $value;
    }
    open my $file, '+<:raw', $self->{file} or die "$self->{file}: $!\n";
    syswrite $file, pack 'q*', @words;
    close $file;
    return;
}

sub end { return $_[0]->set }

# How many calls of a kind have failed, or hung.
sub hits {
    my ($self, $name) = @_;
    return (unpack 'q*', QDN::Httpd::slurp($self->{file}))[ $hits{$name} ];
}

# A power cut instead of a mere kill: of the segments of a process that is
# dead, only what it has synced is left.
sub cut_power {
    my ($self, $pid, @segments) = @_;
    my $told = "$self->{file}.$pid";
    my ($inode, $size) = -s $told
        ? QDN::Httpd::slurp($told) =~ /(\d+) +(\d+)/ : (0, 0);
    # Segments that it had left before are whole.
    my $last = (sort @segments)[-1] // return;
    my @stat = stat $last or return;
    truncate $last, $stat[1] == $inode ? $size : 0 if $stat[7];
    return;
}

1;
