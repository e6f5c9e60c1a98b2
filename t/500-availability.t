# SPDX-License-Identifier: Apache-2.0
# What every child knows of who is available: the newest snapshot within a
# second, also while the daemon hangs or the file is damaged, and who talks,
# whichever child was told.

use QDN::Test;
use QDN::Fault qw(daemons workers);
use QDN::Snapshot;

use Time::HiRes qw(sleep time);

# Feeds that nobody asks; a snapshot that cannot be read.
allow_log(qw(QDN0570 QDN0602));
expect_log('QDN0590');

my $config = <<'CONF';
<QDNOperator ana>
    QDNPhone p +16195550101
    QDNCalendar google:ana@example.com
</QDNOperator>
<QDNOperator ben>
    QDNPhone p +16195550102
</QDNOperator>
<QDNOperator cleo>
    QDNPhone p +16195550103
    QDNOnACall ring
</QDNOperator>
<QDNLine +16195550100>
    QDNHop ana/p
    QDNHop ben/p
</QDNLine>
<QDNLine +16195550110>
    QDNHop cleo/p
    QDNHop ben/p
</QDNLine>
CONF
my $httpd = httpd(config => $config, file => QDN::Snapshot->module);
$httpd->start;
my $snapshot = QDN::Snapshot->new($httpd);
my $file = "$httpd->{dir}/state/availability";
my $FREE = ['google:ana@example.com', 'free'];
my $BUSY = ['google:ana@example.com', 'busy -30m +2h'];

# A new call: (CallSid, its TwiML).
sub call {
    my ($to) = @_;
    my $sid = call_sid;
    my $answer = $httpd->webhook('voice', { CallSid => $sid,
        To => $to // '+16195550100', Called => $to // '+16195550100' });
    return ($sid, $answer->{status} == 200 ? $answer->{content} : '');
}

# Who is rung: "ana", "ben", "cleo".
sub rung {
    my ($sid, $twiml) = call(@_);
    return { 1 => 'ana', 2 => 'ben', 3 => 'cleo' }
        ->{ $twiml =~ /\+1619555010(\d)<\/Number>/ ? $1 : 0 } // $twiml;
}

# Whoever answers: many calls, so that each child has its share.
sub all_ring {
    my ($who, $label, @to) = @_;
    my %seen;
    $seen{ rung(@to) }++ for 1 .. 40;
    return is join(' ', sort keys %seen), $who, $label;
}

# Why: "ana calendar-busy, ben available".
sub reasons {
    my ($sid) = @_;
    my @rows;
    $httpd->await(sub {
        @rows = grep { $_->{kind} =~ /^hop\.(?:skipped|dialled)$/ }
            $httpd->events($sid);
        return grep { $_->{kind} eq 'hop.dialled' } @rows;
    });
    return join ', ', map { "$_->{operator} $_->{reason}" }
        sort { $a->{hop} <=> $b->{hop} } @rows;
}

# -- before anything is known, and then --

my ($sid) = call();
is reasons($sid), 'ana unknown-assumed-available',
    'nothing is known: she is rung all the same';
$snapshot->write(time, $BUSY);
all_ring('ben', 'every child has the snapshot within a second');
($sid) = call();
is reasons($sid), 'ana calendar-busy, ben available', 'and says why';
my ($detail) = map { $_->{detail} } grep { $_->{operator} eq 'ana' }
    $httpd->events($sid);
like $detail, qr/"by":"calendar","feed":"google:ana\@example.com"/,
    'with what decided';
like $detail, qr/"age":\d+.*"until":\d+/, 'how old that is, and until when';

# -- the file is damaged, of another version, or gone --

my $bytes = QDN::Httpd::slurp($file);
my %bad = (
    damaged   => $bytes =~ s/google/goog1e/r ^ ("\0" x 90 . "\1"),
    cut       => substr($bytes, 0, length($bytes) - 9),
    empty     => '',
    'newer'   => substr($bytes, 0, 8) . pack('L', 2) . substr($bytes, 12),
);
for my $what (sort keys %bad) {
    QDN::Httpd::spew("$file.bad", $bad{$what});
    rename "$file.bad", $file or die "$file: $!\n";
    sleep 0.7;
    all_ring('ben', "$what: what was known before stays in force");
}
unlink $file;
sleep 0.7;
all_ring('ben', 'gone: likewise');
ok $httpd->graceful, 'new children, which find no snapshot';
all_ring('ana', 'assume that she is available');

# -- the daemon hangs, the snapshot serves --

$snapshot->write(time, $BUSY, ['ben', 'away']);
my ($daemon) = daemons($httpd);
kill STOP => $daemon;
my $began = time;
my ($hung, $twiml) = call();
cmp_ok time - $began, '<', 1, 'a call is answered while the daemon hangs';
like $twiml, qr/<Record/, 'nobody is there: voicemail at once';
kill CONT => $daemon;
ok $httpd->await(sub {
    my %why = map { $_->{operator} => $_->{reason} }
        grep { $_->{kind} eq 'hop.skipped' } $httpd->events($hung);
    return "@why{qw(ana ben)}" eq 'calendar-busy status-away'
        if keys %why == 2;
    return 0;
}), 'for these reasons';

# -- who talks --

# Steps of the callee's leg.
sub accepted {
    my ($sid, $twiml) = @_;
    my ($screen) = $twiml =~ /<Number[^>]* url="([^"]+)"/ or die $twiml;
    my %leg = (CallSid => call_sid, ParentCallSid => $sid,
        CallStatus => 'in-progress');
    my $asks = $httpd->webhook($screen =~ s/&amp;/&/gr, { %leg });
    my ($accept) = $asks->{content} =~ /action="([^"]+)"/
        or die $asks->{content};
    return $httpd->webhook($accept =~ s/&amp;/&/gr, { %leg, Digits => 1 })
        ->{status};
}

$snapshot->write(time, $FREE);
my @first = call();
is accepted(@first), 200, 'ana takes a call';
all_ring('ben', 'no other call rings her, whichever child it comes to');
($sid) = call();
is reasons($sid), 'ana on-a-call, ben available', 'since she talks';
ok $httpd->graceful, 'a restart';
$snapshot->{last} = '';
$snapshot->write(time, $FREE);
all_ring('ben', 'does not make anybody forget it');
$httpd->webhook('voice/status', { CallSid => $first[0],
    CallStatus => 'completed' });
all_ring('ana', 'the call has ended');

is accepted(call('+16195550110')), 200, 'cleo takes a call';
all_ring('cleo', 'QDNOnACall ring: the next one rings her, too',
    '+16195550110');

# -- a snapshot a moment, and calls meanwhile --

my ($worker) = workers($httpd);
my ($calls, $odd, $slowest) = (0, 0, 0);
my $end = time + 3;
while (time < $end) {
    QDN::Httpd::spew("$file.new2",
        $snapshot->bytes(int time, $calls % 2 ? $BUSY : $FREE));
    rename "$file.new2", $file;
    my $then = time;
    $odd++ if rung() !~ /^(?:ana|ben)$/;
    $slowest = time - $then if time - $then > $slowest;
    $calls++;
}
is $odd, 0, "each of $calls calls was answered";
cmp_ok $slowest, '<', 1, 'and none waited';
ok((grep { $_ == $worker } workers($httpd)), 'by children that live on');

done_testing;
