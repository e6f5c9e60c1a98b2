# SPDX-License-Identifier: Apache-2.0
package QDN::Snapshot;

# The file through which httpd's children know who is available, written from
# the [availability] of a case (t/cases/README.md): the format once more, in
# another language (mod_qdn/availability/snapshot_form.h).

use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use Time::HiRes qw(sleep);

use QDN::Httpd;

use constant {
    HEAD  => 'a8 L L Q L L q Q L8',
    SEEN  => 0.8,    # seconds until every child has mapped a new one
    AHEAD => 35 * 86400,
    STATE => { auto => 0, available => 1, away => 2 },
};

my @table = map {
    my $crc = $_;
    $crc = $crc & 1 ? $crc >> 1 ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
    $crc;
} 0 .. 255;

sub crc32c {
    my $crc = 0xffffffff;
    $crc = $table[($crc ^ $_) & 255] ^ $crc >> 8 for unpack 'C*', $_[0];
    return $crc ^ 0xffffffff;
}

# The module without the object beside it that asks feeds, so that nothing is
# known but what is written here.
sub module {
    my $dir = "$QDN::Httpd::T/run";
    my $file = "$dir/without-sources-$$.so";
    make_path($dir);
    copy(QDN::Httpd::setting('QDN_MODULE'), $file) or die "$file: $!\n";
    chmod 0755, $file;
    return $file;
}

# Of a server: what feeds its plan has; write() is for its state directory.
sub new {
    my ($class, $httpd) = @_;
    my %key;
    push @{ $key{ $_->{name} } }, $_->{key} for @{ $httpd->plan->{feeds} };
    return bless { httpd => $httpd, key => \%key, last => '', serial => 0 },
        $class;
}

# The number of a string among the strings of the file.
sub string {
    my ($self, $text) = @_;
    return 0 if !defined $text || $text eq '';
    return $self->{at}{$text} //= do {
        my $at = length $self->{strings};
        $self->{strings} .= "$text\0";
        $at;
    };
}

# (offset, number) of these packed elements, which are put into the file.
sub area {
    my ($self, @elements) = @_;
    return (0, 0) if !@elements;
    $self->{body} .= "\0" x (-length($self->{body}) % 8);
    my $at = length $self->{body};
    $self->{body} .= join '', @elements;
    return ($at, scalar @elements);
}

my %unit = (s => 1, m => 60, h => 3600, d => 86400);

sub moment {
    my ($at, $text) = @_;
    my ($n, $unit) = $text =~ /^([+-]?\d+)([smhd])$/ or die "time $text\n";
    return $at + $n * $unit{$unit};
}

# Adds one fact to what is known of a feed.
sub learn {
    my ($feed, $at, $what) = @_;
    my ($word, $rest) = split ' ', $what, 2;
    $rest //= '';
    $feed->{good_at} = $at - 10;
    if ($word eq 'busy' || $word eq 'on') {
        my ($from, $to) = split ' ', $rest;
        push @{ $feed->{spans} }, [map { moment($at, $_) } $from, $to];
    }
    elsif ($word eq 'days') {
        push @{ $feed->{days} }, split ' ', $rest;
    }
    elsif ($word eq 'here' || $word eq 'gone') {
        @$feed{qw(available word)} = ($word eq 'here' ? 1 : 0, $rest);
    }
    elsif ($word eq 'stale') {
        my ($age, $error) = split ' ', $rest, 2;
        @$feed{qw(good_at error)} = (2 * $at - moment($at, $age), $error);
    }
    elsif ($word eq 'error') {
        @$feed{qw(good_at error)} = (0, $rest);
    }
    elsif ($word ne 'free' && $word ne 'off') {
        die "$word of a feed\n";
    }
    return;
}

sub feed_row {
    my ($self, $at, $key, $feed) = @_;
    my @spans = sort { $a->[0] <=> $b->[0] }
        grep { $_->[0] < $_->[1] } @{ $feed->{spans} || [] };
    my ($longest) = sort { $b <=> $a } map { $_->[1] - $_->[0] } @spans;
    return pack 'a16 q4 L4 L8', $key,
        map({ $_ * 1e6 } $at - 10, $feed->{good_at}, $at - 86400, $at + AHEAD),
        $self->string($feed->{error}), $self->string($feed->{word}),
        $feed->{available} // 0, $longest // 0,
        $self->area(map { pack 'L2', @$_ } @spans), 0, 0,
        $self->area(map { pack 'l', $_ } sort @{ $feed->{days} || [] }), 0, 0;
}

# known: of [name, what]; at: seconds since 1970.
sub bytes {
    my ($self, $at, @known) = @_;
    my (%feed, @standings, @talks);
    @$self{qw(at strings body)} = ({}, "\0", "\0" x length pack HEAD, ('') x 16);
    for my $fact (@known) {
        my ($name, $what) = @$fact;
        my @keys = @{ $self->{key}{$name} || [] };
        my ($operator, $line) = split ' ', $name;
        my ($word, $until) = split ' ', $what;
        die "no feed is called $name\n" if $name =~ /:/ && !@keys;
        if (@keys) {
            learn($feed{$_} ||= {}, $at, $what) for @keys;
        }
        elsif ($word eq 'talks') {
            push @talks, [$operator, 'CA1', 'host-z', $at,
                moment($at, $until)];
        }
        else {
            push @standings, [$operator, $line // '', STATE->{$word},
                $at - 60, $until ? moment($at, $until) : 0];
        }
    }
    my @feeds = map { $self->feed_row($at, $_, $feed{$_}) } sort keys %feed;
    my @areas = ($self->area(@feeds),
        $self->area(map {
            pack 'L6 q2', $self->string($_->[0]), $self->string($_->[1]),
                $self->string('case'), $self->string('because'), 0, $_->[2],
                map { $_ * 1e6 } @$_[3, 4]
        } sort { "@$a[0, 1]" cmp "@$b[0, 1]" } @standings),
        $self->area(map {
            pack 'L4 q2', (map { $self->string($_) } @$_[0 .. 2]), 0,
                map { $_ * 1e6 } @$_[3, 4]
        } sort { $a->[0] cmp $b->[0] } @talks));
    my @strings = (length $self->{body}, length $self->{strings});
    my $bytes = $self->{body} . $self->{strings};
    my @head = ('QDNavail', 1, 0x01020304, length $bytes);
    my @rest = (0, $at * 1e6, ++$self->{serial}, @areas, @strings);
    substr $bytes, 0, length pack(HEAD, ('') x 16),
        pack HEAD, @head, 0, @rest;
    substr $bytes, 0, length pack(HEAD, ('') x 16),
        pack HEAD, @head, crc32c($bytes), @rest;
    return $bytes;
}

# Let all children know this, and nothing else; at once if they know it.
sub write {
    my ($self, $at, @known) = @_;
    my $now = join "\n", @known ? ($at, map { "@$_" } @known) : '';
    my $path = "$self->{httpd}{dir}/state/availability";
    return if $now eq $self->{last};
    QDN::Httpd::spew("$path.perl", $self->bytes($at, @known));
    chmod 0644, "$path.perl";
    rename "$path.perl", $path or die "$path: $!\n";
    $self->{last} = $now;
    sleep SEEN;
    return;
}

1;
