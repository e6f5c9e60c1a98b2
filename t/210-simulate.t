# SPDX-License-Identifier: Apache-2.0
# qdnctl simulate against a running httpd: every case, plainly and in the
# oddest way; what it makes of mistakes; how it finds the server.

use QDN::Test;
use QDN::Case;
use QDN::Snapshot;
use QDN::Twilio qw(TOKEN);

use JSON::PP;

my @cases = grep { !$_->{later} } QDN::Case->all("$QDN::Httpd::T/cases");
cmp_ok(scalar @cases, '>=', 112, 'the cases are there');
allow_log(qw(QDN0643 QDN0602 QDN0521 QDN0531 QDN0570));

my %seen;
my $httpd = httpd(defines => ['QDN_TEST_CLOCK'],
    file => QDN::Snapshot->module, config => join "\n",
    'QDNJournalSync off', grep { !$seen{$_}++ } map { $_->blocks } @cases);
$httpd->start;
my $snapshot = QDN::Snapshot->new($httpd);

sub save_plan {
    my ($server) = @_;
    my ($status, $json) = $server->configtest('-D', 'DUMP_QDN');
    $json =~ s/^[^{]*//;
    $json =~ s/^Syntax OK\n//m;
    QDN::Httpd::spew("$server->{dir}/plan.json", $json);
    return;
}
save_plan($httpd);

# (exit status, what -j printed as a hash, or its text)
sub simulate {
    my ($server, @arguments) = @_;
    my ($status, $text) = $server->qdnctl('-j', 'simulate',
        '--url', $server->{public},
        '--secrets', "dotenv:$server->{dir}/secrets.env",
        '--plan', "$server->{dir}/plan.json", @arguments);
    my ($json) = $text =~ /^(\{.*\})$/ms;
    return ($status, eval { JSON::PP->new->utf8->decode($json) } || {}, $text);
}

my @there = ('--base-url', "http://127.0.0.1:$httpd->{port}/qdn/twilio");
my @ways = (
    [plain => ()],
    ['everything-odd' => qw(--deliver-twice --status-first --sparse
        --screen-hangup no-answer --silent-record action)],
);
for my $way (@ways) {
    my ($name, @options) = @$way;
    my @played = map {
        $snapshot->write($_->{at}, @{ $_->{known} });
        [$_, simulate($httpd, @there, '--case', $_->{path}, @options)]
    } grep { ($_->{call}{skip} // '') !~ /\b$name\b/ } @cases;
    for my $played (@played) {
        my ($case, $status, $seen, $text) = @$played;
        my $sid = $seen->{call_sid} // '';
        my @kept = ('no call at all');
        $httpd->await(sub {
            @kept = $case->event_differences($httpd->events($sid));
            !@kept;
        }, 5) if $sid;
        my ($row) = $sid
            ? $httpd->sql("SELECT * FROM qdn_call WHERE call_sid = '$sid'")
            : ();
        my @wrong = (@kept, $case->row_differences($row,
            $name ne 'plain' ? (ring_seconds => 1) : ()));
        ok($status == 0 && !@wrong, "$case->{name} ($name)")
            or diag("exit $status\n$text", join "\n", @wrong);
    }
}

# A call that is not as its case says.
my ($first) = grep { $_->{name} eq 'first-answers' } @cases;
my $lie = QDN::Httpd::slurp($first->{path});
$lie =~ s/^dial = .*/dial = 25s +18585550102/m;
$lie =~ s/^include \S+/$first->{config}/m;
QDN::Httpd::spew("$httpd->{dir}/lie.case", $lie);
my ($status, $seen) = simulate($httpd, @there,
    '--case', "$httpd->{dir}/lie.case");
is($status, 1, 'a case that does not come true is found out');
like($seen->{differences}[0], qr/dial 1: expected 25s \+18585550102/,
    'and it says what was rung instead');

# What cannot be played at all.
my @call = ('--line', '+16195550100', '--from', '+12025550123');
for my $usage (
    [['--person', 'sergio/pager=accept', @call] => qr/nobody.*sergio.pager/],
    [['--person', 'sergio/primary=sings', @call] => qr/"sings".*accepted are/],
    [['--person', 'sergio/primary', @call] => qr/OPERATOR.LABEL=SCRIPT/],
    [['--caller', 'hangs-up@lunch+3s', @call] => qr/no moment of a call/],
    [['--at', 'noon', @call] => qr/2026-03-02T10:00:00-08:00/],
    [['--bridged', 'perhaps', @call] => qr/given or absent/],
    [['--line', '+16195550100'] => qr/who calls/],
    [['--from', '+12025550123'] => qr/which line/],
    [['--case', 'no-such.case'] => qr/no-such\.case/])
{
    my ($arguments, $says) = @$usage;
    my ($exit, undef, $text) = simulate($httpd, @there, @$arguments);
    is($exit, 2, "@$arguments is wrong usage");
    like($text, $says, 'and it says why');
}

# Scripts on the command line, and a transcript for people.
my ($ok, $text) = $httpd->qdnctl('simulate', '--url', $httpd->{public},
    @there, '--secrets', "dotenv:$httpd->{dir}/secrets.env",
    '--plan', "$httpd->{dir}/plan.json", @call,
    '--person', 'sergio/primary=no-answer',
    '--person', 'sergio/backup=accept@6s,talk=20s');
is($ok, 0, 'a call from the command line');
plays($text, [qr/hop1 +rings sergio.primary for 20 s/,
    qr/sergio.primary +no-answer/, qr/hop2 +rings sergio.backup/,
    qr/26\.0 s +sergio.backup +picks up/, qr/presses 1/, qr/is connected/,
    qr/outcome: answered by sergio.backup, 20 s of talk/],
    'is told scene by scene');

# A wrong token: Twilio would play its error message.
expect_log('QDN0514');
QDN::Httpd::spew("$httpd->{dir}/wrong.env", 'TWILIO_ACCOUNT_SID='
    . QDN::Twilio::ACCOUNT . "\nTWILIO_AUTH_TOKEN=" . ('0' x 32) . "\n", 0600);
($status, $seen) = simulate($httpd, @there, @call,
    '--secrets', "dotenv:$httpd->{dir}/wrong.env");
is($status, 1, 'a server that refuses the signature is an error');
is($seen->{errors}[0]{code}, 11200, 'of Twilio\'s number');
is($seen->{outcome}, 'failed', 'and the caller hears an application error');

# Nobody listens.
($status, $seen) = simulate($httpd, @call, '--base-url',
    'http://127.0.0.1:9/qdn/twilio');
is($status, 1, 'a server that is not there is an error');
is($seen->{errors}[0]{code}, 11200, 'of Twilio\'s number too');

# --connect: the URL as Twilio knows it, the connection somewhere else.
my $local = httpd(public => 'http://localhost/qdn/twilio')->start;
save_plan($local);
($status, $seen) = simulate($local, '--connect', "127.0.0.1:$local->{port}",
    @call, '--person', 'sergio/primary=accept');
is($status, 0, '--connect finds the server');
is($seen->{answered_by}, 'sergio/primary', 'and the call is answered');

done_testing;
