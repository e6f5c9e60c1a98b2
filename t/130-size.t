# SPDX-License-Identifier: Apache-2.0
# Ten thousand lines with five hops each: how long configtest and a start take
# beside the same httpd without them, and whether the last line answers as
# fast as the first. What is bounded is processor time, since it is the same
# on a machine that is busy with other things; the clock's is told.

use QDN::Test;

use POSIX ();
use Time::HiRes qw(time);

use constant LINES => 10_000;
use constant HOPS  => 5;

# Numbers kept for fiction: 100 of each area code, without N11.
my @numbers = map { my $area = $_; map { "+1${area}55501" . $_ } '00' .. '99' }
    grep { !/11$/ } 200 .. 999;
my $frame = qq(Include "\@DIR\@/lines.conf"\n);

# Ten lines each ring the five phones of one operator.
sub line { return $numbers[$_[0]] }
sub phone { return $numbers[LINES + HOPS * int($_[0] / 10) + $_[1]] }

sub plan_text {
    my @text;
    for my $n (0 .. LINES - 1) {
        my $o = int($n / 10);
        push @text, "<QDNOperator o$o>",
            (map { "    QDNPhone p$_ " . phone($n, $_) } 1 .. HOPS),
            '</QDNOperator>' if $n % 10 == 0;
        push @text, '<QDNLine ' . line($n) . '>',
            qq(    QDNName "Business number $n"),
            '    QDNTimezone America/Los_Angeles',
            (map { "    QDNHop o$o/p$_ ring=20" } 1 .. HOPS), '</QDNLine>';
    }
    return join "\n", @text, '';
}

# Two servers that differ in nothing else.
my %httpd = map { $_ => httpd(config => $frame) } qw(without with);
QDN::Httpd::spew("$httpd{without}{dir}/lines.conf", "<QDNOperator o>\n"
    . "QDNPhone p +16195550101\n</QDNOperator>\n<QDNLine +16195550100>\n"
    . "QDNHop o/p\n</QDNLine>\n");
QDN::Httpd::spew("$httpd{with}{dir}/lines.conf", plan_text());

sub median { return (sort { $a <=> $b } @_)[@_ / 2] }

sub timed {
    my ($code) = @_;
    my $began = time;
    $code->();
    return time - $began;
}

# Seconds of processor time of an httpd that runs, and of those that ended.
sub used {
    my ($pid) = @_;
    my @fields = split / /, QDN::Httpd::slurp("/proc/$pid/stat") =~ s/.*\) //r;
    return ($fields[11] + $fields[12]) / POSIX::sysconf(&POSIX::_SC_CLK_TCK);
}

sub ended { my @times = times; return $times[2] + $times[3] }

# Three runs each, in turns. run returns processor time.
sub compare {
    my ($what, $run) = @_;
    my (%used, %took);
    for my $httpd (@httpd{qw(without with) x 3}) {
        my $lines = $httpd == $httpd{with} ? 'with' : 'without';
        push @{ $took{$lines} },
            timed(sub { push @{ $used{$lines} }, $run->($httpd) });
    }
    my ($bare, $full, $bare_took, $full_took) =
        map { median(@$_) } @used{qw(without with)}, @took{qw(without with)};
    diag(sprintf '%s: %.2f s of processor time, %.2f s without the lines; '
        . '%.2f s and %.2f s by the clock',
        $what, $full, $bare, $full_took, $bare_took);
    cmp_ok($full, '<', 0.5, "$what takes under half a second");
    return;
}

compare('configtest', sub {
    my ($httpd) = @_;
    my $before = ended();
    my ($status, $text) = $httpd->configtest;
    is("$status $text", "0 Syntax OK\n", 'configtest says nothing');
    return ended() - $before;
});

compare('a start', sub {
    my ($httpd) = @_;
    $httpd->start;
    my $used = used($httpd->{pid});
    ok(defined $httpd->stop, 'httpd stops');
    return $used;
});

# -- who is called makes no difference --

my $httpd = $httpd{with}->start;
sub call {
    my ($n) = @_;
    return timed(sub {
        my $got = $httpd->webhook('voice', { CallSid => call_sid,
            To => line($n), From => 'anonymous' });
        my $rung = phone($n, 1);
        $got->{content} =~ />\Q$rung\E</
            or die "line $n: $got->{status} $got->{content}";
    });
}
my @which = (0, LINES / 2, LINES - 1);
my %took;
for (1 .. 100) {
    push @{ $took{$_} }, call($_) for @which;
}
my @median = map { median(@{ $took{$_} }) * 1000 } @which;
diag(sprintf 'a call: %.2f ms to the first line, %.2f in the middle, '
    . '%.2f to the last', @median);
cmp_ok($median[$_], '<', 2 * $median[0], "line $which[$_] is found as fast")
    for 1, 2;
like($httpd->log_text, qr/QDN0642: .* @{[LINES]} lines, 1000 operators/,
    'all of them are there');

done_testing;
