# SPDX-License-Identifier: Apache-2.0
# qdnctl calls, journal and schema on a state directory without httpd.
use strict;
use warnings;
use Fcntl ':flock';
use File::Temp 'tempdir';
use FindBin;
use lib "$FindBin::Bin/../lib";
use QDN::Ctl;
use Test::More;

# Not the reader's own arithmetic: RFC 3720's polynomial, bit by bit.
sub crc32c {
    my $crc = 0xFFFFFFFF;
    for my $byte (unpack 'C*', $_[0]) {
        $crc ^= $byte;
        $crc = $crc & 1 ? ($crc >> 1) ^ 0x82F63B78 : $crc >> 1 for 1 .. 8;
    }
    return $crc ^ 0xFFFFFFFF;
}

sub line_of {
    my ($n) = @_;
    my $text = sprintf '{"id":"%032x","at":%d,"host":"h","kind":"%s",'
        . '"line":"+16195550100","call_sid":"CA%032x","hop":0,'
        . '"operator":null,"phone":null,"reason":"","detail":null,'
        . '"config":"0123456789ab"', $n, 1768400000000000 + $n,
        'call.received', $n;
    return sprintf "%s,\"crc\":\"%08x\"}\n", $text, crc32c($text);
}

is sprintf('%08x', crc32c('123456789')), 'e3069283', 'the CRC is CRC32C';

my $state = tempdir('qdn-state.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $segments = 0;

sub put {
    my ($path, @text) = @_;
    open my $out, '>:raw', $path or die "$path: $!\n";
    print {$out} @text;
    close $out or die "$path: $!\n";
}

sub segment {
    my $name = sprintf 'h-1-%016x.00000001.jsonl', ++$segments;
    put("$state/journal/$name", @_);
    return "$state/journal/$name";
}

# Run as -j and not: both must end alike. The JSON, with status and text.
sub both {
    my @args = @_;
    my $text = run_ctl([@args]);
    my $run = run_ctl(['-j', @args]);
    is $run->{status}, $text->{status}, "@args ends alike with -j";
    return { %{ json_of($run) }, status => $run->{status},
        text => $text->{out}, complaint => $text->{err} };
}

my $run = run_ctl(['journal', '--state', "$state/none"]);
is $run->{status}, 2, 'a journal that is not there cannot be shown';
like $run->{err}, qr/none.*--state/, 'the message names it and the remedy';
$run = run_ctl(['calls', '--state', $state]);
is $run->{status}, 2, 'no database, no calls';
ok !-e "$state/qdn.sqlite", 'and asking makes none';

mkdir "$state/$_" or die for qw(journal parked);
my $r = both('journal', '--state', $state);
is $r->{status}, 0, 'an empty journal is well';
is $r->{waiting}, 0, 'nothing waits in it';
like $r->{doubt}, qr/qdn\.sqlite/, 'it says that SQL was not asked';

my $good = segment(map { line_of($_) } 1 .. 3);
$r = both('journal', '--state', $state);
is $r->{status}, 0, 'whole lines are well';
is $r->{waiting}, 3, 'all of them wait';
is $r->{bytes}, -s $good, 'with all their bytes';
is $r->{oldest}, 1768400000000001, 'the oldest is told';

segment(line_of(4), substr line_of(5), 0, 40);
$r = both('journal', '--state', $state);
is $r->{status}, 0, 'a torn end is no damage';
is $r->{segments}[1]{torn}, 40, 'it is shown';
like $r->{text}, qr/torn end of 40 bytes/, 'also to people';

open my $writer, '>>', $good or die;
flock $writer, LOCK_EX or die;
$r = both('journal', '--state', $state);
ok $r->{segments}[0]{writer_alive}, 'a writer that holds its lock is alive';
ok !$r->{segments}[1]{writer_alive}, 'another is not';
close $writer;

(my $bad = line_of(6)) =~ s/6195550100/6195550101/;
my $damaged = segment(line_of(7), $bad, line_of(8));
$r = both('journal', '--state', $state);
is $r->{status}, 1, 'a changed digit is found';
is $r->{damaged}, 1, 'in one line';
is $r->{segments}[2]{first_damaged}, length line_of(7), 'at its offset';
is $r->{segments}[2]{lines}, 2, 'the lines around it are whole';
unlink $damaged;

put("$state/parked/h-1-0.00000001.5.jsonl", $bad);
$r = both('journal', '--state', $state);
is $r->{status}, 1, 'a line that was put aside is found';
is $r->{parked}, 1, 'and counted';
unlink glob "$state/parked/*";

put("$state/qdn.sqlite");
$r = both('schema', '--state', $state);
is $r->{status}, 1, 'no tables are another version';
is $r->{version}, 0, 'namely none';
$r = both('calls', '--state', $state);
is $r->{status}, 2, 'calls cannot be read then';
like $r->{complaint}, qr/schema apply/, 'and it says what to do';
is run_ctl(['schema', '--state', $state, 'apply'])->{status}, 0,
    'the tables are made';
$r = both('schema', '--state', $state, 'report');
is $r->{status}, 0, 'then they are there';
$r = both('calls', '--state', $state);
is_deeply $r->{calls}, [], 'with no calls';
is $r->{text}, "no calls\n", 'which people read too';
$r = both('calls', '--state', $state, 'CA' . '0' x 32);
is $r->{status}, 1, 'a call that is not there is told by the status';
$r = both('journal', '--state', $state);
is $r->{doubt}, undef, 'with tables the positions are known';

for my $driver (qw(sqlite3 pgsql mysql)) {
    open my $in, '<', "$ENV{QDN_SRCDIR}/conf/schema/$driver.sql" or die;
    local $/;
    is run_ctl(['schema', '--dbd', "$driver:", 'print'])->{out}, <$in>,
        "the schema of $driver is that of conf/schema";
}

my %refused = (
    'no driver' => ['calls', '--dbd', 'dbname=qdn'],
    'a strange driver' => ['calls', '--dbd', 'oracle:x'],
    'no limit' => ['calls', '--state', $state, '--limit', '0'],
    'too large a limit' => ['calls', '--state', $state, '--limit', '1001'],
    'a page after nothing' => ['calls', '--state', $state, '--before', 'CA0'],
    'a strange word' => ['schema', '--state', $state, 'drop'],
);
for my $what (sort keys %refused) {
    $run = run_ctl($refused{$what});
    is $run->{status}, 2, "$what is refused";
    like $run->{err}, qr/\Aqdnctl: .+\n\z/, 'in one sentence';
}

SKIP: {
    skip 'only root can become somebody else', 2 if $>;
    my $nobody = getpwnam 'nobody';
    chown $nobody, -1, $state, glob "$state/* $state/*/*";
    is run_ctl(['calls', '--state', $state])->{status}, 0,
        'root reads as the owner of the directory';
    is_deeply [grep { (stat)[4] != $nobody } glob "$state/* $state/*/*"], [],
        'and leaves no file of its own';
}

done_testing;
