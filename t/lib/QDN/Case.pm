# SPDX-License-Identifier: Apache-2.0
package QDN::Case;

# A case of t/cases (its README describes the format), and whether a call
# went as it says.

use strict;
use warnings;

use File::Basename qw(basename dirname);
use Time::Local qw(timegm);

use QDN::Httpd;

# Every case, by name.
sub all {
    my ($class, $dir) = @_;
    return map { $class->read($_) } sort glob "$dir/*.case";
}

sub read {
    my ($class, $path) = @_;
    my $self = bless {
        path => $path, name => basename($path, '.case'), dials => [],
        people => {}, events => [], twiml => [], expect => {}, call => {},
        config => '', later => '', about => '', known => [],
    }, $class;
    my $section = '';
    for my $line (split /\n/, QDN::Httpd::slurp($path)) {
        $line =~ s/^\s+|\s+$//g;
        if ($line =~ /^\[(\w+)\]$/) {
            $section = $1;
        }
        elsif ($section eq 'config' || $section eq 'later') {
            $self->{$section} .= $line =~ /^include (\S+)$/
                ? QDN::Httpd::slurp(dirname($path) . "/$1") : "$line\n";
        }
        elsif ($line ne '' && $line !~ /^#/) {
            $self->take($section, $line);
        }
    }
    $self->{at} = moment($self->{call}{at});
    return $self;
}

sub take {
    my ($self, $section, $line) = @_;
    if ($section eq 'events') {
        push @{ $self->{events} }, join ' ', split ' ', $line;
    }
    elsif ($section eq 'twiml') {
        push @{ $self->{twiml} }, $line;
    }
    elsif ($section eq 'availability') {
        push @{ $self->{known} }, [split / = /, $line, 2];
    }
    elsif ($section eq 'about') {
        $self->{about} .= "$line ";
    }
    else {
        my ($key, $value) = $line =~ /^(\S+)\s*=\s*(.*)$/
            or die "$self->{path}: $line\n";
        if ($key eq 'dial') {
            push @{ $self->{dials} }, $value if $value ne 'nobody';
        }
        else {
            $self->{$section}{$key} = $value;
        }
    }
    return;
}

sub moment {
    my ($text) = @_;
    my ($y, $mo, $d, $h, $mi, $s, $sign, $oh, $om) = $text =~
        /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)([+-])(\d+):(\d+)$/
        or die "moment $text\n";
    return timegm($s, $mi, $h, $d, $mo - 1, $y)
        - ($oh * 60 + $om) * 60 * ($sign eq '-' ? -1 : 1);
}

# The configuration's blocks, as text.
sub blocks {
    my ($self) = @_;
    return $self->{config} =~ m{^(<QDN(?:Operator|Line|Cascade).*?^</QDN\w+>\n)}gms;
}

# operator/label of a number: of who has a script, if several share it.
sub who {
    my ($self, $number) = @_;
    my @names;
    for my $block ($self->blocks) {
        my ($operator) = $block =~ /^<QDNOperator (\S+)>/ or next;
        while ($block =~ /^\s*QDNPhone\s+(\S+)\s+(\S+)/gm) {
            push @names, "$operator/$1" if $2 eq $number;
        }
    }
    my ($scripted) = grep { $self->{people}{$_} } @names;
    return $scripted // $names[0] // $number;
}

# -- what differs, as sentences --

sub same {
    my ($what, $want, $got) = @_;
    return if !defined $want;
    $got //= '';
    return $want eq $got ? () : "$what: expected '$want', it is '$got'";
}

# seen: what QDN::Player returned.
sub differences {
    my ($self, $seen) = @_;
    my $expect = $self->{expect};
    my @dials = map { join ' ', "$_->[0]s", @$_[1 .. $#$_] } @{ $seen->{dials} };
    return (
        @{ $seen->{errors} },
        same('dials', join('; ', @{ $self->{dials} }), join('; ', @dials)),
        (map { same($_, $expect->{$_}, $seen->{$_}) }
            qw(outcome answered_by call_status message)),
        (map { $self->fact($_, $seen) } @{ $self->{twiml} }));
}

sub found {
    my ($tree, $name, $attributes, $words) = @_;
    my ($element, $value, $children, $text) = @$tree;
    return 1 if $element eq $name && (!defined $words
            || index($text, $words) >= 0)
        && !grep { ($value->{$_} // '') ne $attributes->{$_} }
        keys %$attributes;
    return !!grep { found($_, $name, $attributes, $words) } @$children;
}

sub fact {
    my ($self, $line, $seen) = @_;
    my ($facts, $words) = split / ~ /, $line, 2;
    my ($step, @words) = split ' ', $facts;
    my $no = $words[0] eq 'no' && shift @words;
    my $name = shift @words;
    my %attributes = map { split /=/, $_, 2 } @words;
    my $turn = $step =~ s/#(\d+)$// ? $1 : 0;
    my @documents = grep { $step eq '*' || $_->[0] eq $step }
        @{ $seen->{documents} };
    @documents = $documents[$turn - 1] || () if $turn;
    return "$line: there was no such document" if !@documents;
    my $there = grep { found($_->[1], $name, \%attributes, $words) } @documents;
    return !!$there == !$no ? () : "$line: it is not so";
}

# What an event's row says, as a case writes it.
sub text_of {
    my ($row) = @_;
    return join ' ', grep { defined && length && $_ ne '0' }
        @$row{qw(kind hop)},
        (length($row->{operator} // '')
            ? "$row->{operator}/$row->{phone}" : ()), $row->{reason};
}

# rows: of qdn_event, any order. Events of one moment have no order in SQL.
# That a call came in and that it ended is said by several webhooks, perhaps
# through several children's journals, and kept once: whose it is does not
# matter, so neither do its moment and its reason.
sub event_differences {
    my ($self, @rows) = @_;
    my (%at, %once);
    my @want = @{ $self->{events} };
    for my $row (@rows) {
        my $text = text_of($row);
        if ($row->{kind} =~ /^call\.(?:received|ended)$/) {
            push @{ $once{ $row->{kind} } }, $text;
        }
        elsif ($row->{kind} !~ /^leg\./ || $self->{expect}{legs}) {
            push @{ $at{ $row->{at} } }, $text;
        }
    }
    for my $kind (qw(call.received call.ended)) {
        my @is = @{ $once{$kind} || [] };
        my @should = grep { /^\Q$kind\E/ } @want;
        @want = grep { !/^\Q$kind\E/ } @want;
        return "kept is '@is', expected '@should'" if @is != @should;
    }
    for my $moment (sort { $a <=> $b } keys %at) {
        my @now = sort @{ $at{$moment} };
        my @then = sort splice @want, 0, scalar @now;
        return "kept is '@now', expected '@then'" if "@now" ne "@then";
    }
    return map { "not kept: $_" } @want;
}

# row: of qdn_call, or undef.
sub row_differences {
    my ($self, $row, %skip) = @_;
    my $expect = $self->{expect};
    return 'no row of qdn_call' if !$row;
    my %got = (%$row, talk_seconds => $row->{talk_seconds} // -1);
    my %want = (%$expect, line => $self->{call}{to});
    @want{qw(outcome line)} = ($expect->{row}, undef) if $expect->{row};
    return map { same("row: $_", $want{$_}, $got{$_}) }
        grep { !$skip{$_} }
        qw(line outcome answered_by hops ring_seconds talk_seconds);
}

1;
