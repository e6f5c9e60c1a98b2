# SPDX-License-Identifier: Apache-2.0
package QDN::Fault;

# The processes of an httpd, told apart and hurt.

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes qw(sleep time);

use QDN::Httpd;

our @EXPORT_OK = qw(alive allow_writing daemons forbid_writing gone_within
    segments workers);

sub name_of {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/comm" or return '';
    my $name = <$file> // '';
    chomp $name;
    return $name;
}

# Pids of its daemons: one, or something is wrong.
sub daemons { return grep { name_of($_) eq 'qdn-daemon' } $_[0]->children }

# Pids of its children that answer requests.
sub workers {
    my ($httpd) = @_;
    my $name = name_of($httpd->{pid});
    return grep { name_of($_) eq $name } $httpd->children;
}

# Is there such a process, and no zombie?
sub alive {
    my ($pid) = @_;
    open my $file, '<', "/proc/$pid/stat" or return 0;
    return (<$file> // '') !~ /\) [ZX] /;
}

# Seconds until all of these have ended, undef if one has not in time.
sub gone_within {
    my ($seconds, @pids) = @_;
    my $began = time;
    while (grep { alive($_) } @pids) {
        return undef if time - $began > $seconds;
        sleep 0.01;
    }
    return time - $began;
}

# Let these processes write to no file any more, as if the disk were full: the
# kernel refuses with EFBIG. That needs no rights and no file system; but what
# they say in the error log is lost, too.
sub forbid_writing { return limit_files(0, @_) }
sub allow_writing  { return limit_files('unlimited', @_) }

sub limit_files {
    my ($bytes, @pids) = @_;
    for my $pid (@pids) {
        my ($status, $text) = QDN::Httpd::run('prlimit', '--pid', $pid,
            "--fsize=$bytes:unlimited");
        die "prlimit: $text" if $status;
    }
    return;
}

# Names of journal segments, all or those of one writer.
sub segments {
    my ($httpd, $pid) = @_;
    my $which = defined $pid ? "*-$pid-*" : '*';
    return map { m{([^/]+)$} }
        glob "$httpd->{dir}/state/journal/$which.jsonl";
}

1;
