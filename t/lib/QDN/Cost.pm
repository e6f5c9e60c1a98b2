# SPDX-License-Identifier: Apache-2.0
package QDN::Cost;

# What processes cost, as /proc tells.

use strict;
use warnings;

use Exporter 'import';
use POSIX qw(sysconf _SC_CLK_TCK);

our @EXPORT_OK = qw(cpu_of family pss_of);

# The process with all its descendants.
sub family {
    my ($first) = @_;
    my %children;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $file, '<', $stat or next;
        my ($pid, $parent) = <$file> =~ /^(\d+) \(.*\) \S (\d+)/s or next;
        push @{ $children{$parent} }, $pid;
    }
    my @family = ($first);
    push @family, @{ $children{$_} || [] } for @family;
    return @family;
}

# Microseconds of CPU that the processes, and children they have waited for,
# have used since they began.
sub cpu_of {
    my $ticks = 0;
    for my $pid (@_) {
        open my $file, '<', "/proc/$pid/stat" or next;
        my @fields = split ' ', <$file> =~ s/^.*\)//sr;
        $ticks += $_ for @fields[11 .. 14];
    }
    return $ticks * 1e6 / sysconf(_SC_CLK_TCK);
}

# MiB that the processes occupy, shared pages divided among their users.
sub pss_of {
    my $kib = 0;
    for my $pid (@_) {
        open my $file, '<', "/proc/$pid/smaps_rollup" or next;
        while (<$file>) {
            $kib += $1 if /^Pss:\s+(\d+) kB/;
        }
    }
    return $kib / 1024;
}

1;
