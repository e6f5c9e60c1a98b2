# SPDX-License-Identifier: Apache-2.0
# Who changed what is chained and proved, and told by the error log; a number
# is forgotten on request, with httpd running and without.

use QDN::Test;
use JSON::PP;
use Time::HiRes qw(sleep);

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
my $person = '+16195550199';
my $httpd = httpd(config => $house)->start;
my $state = "$httpd->{dir}/state";
my @where = ('--state', $state);
push @where, '--dbd', "$httpd->{database}:$httpd->{dsn}"
    if $httpd->{database} ne 'sqlite3';

sub ctl { my ($command, @more) = @_; return $httpd->qdnctl($command, @where, @more) }

sub json {
    my ($command, @more) = @_;
    my ($code, $text) = $httpd->qdnctl('-j', $command, @where, @more);
    return ($code, eval { JSON::PP->new->utf8->decode($text) } // {});
}

sub verified {
    my ($label, @more) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($code, $verdict) = json('audit', '--verify', @more);
    ok($code == 0 && $verdict->{ok}, $label)
        || diag(explain($verdict->{flaws}));
    return $verdict;
}

sub tamper {
    my ($sql) = @_;
    my ($status, $text) = QDN::Httpd::run($httpd->client($sql));
    die "$sql: $text" if $status;
    return;
}

sub entries {
    return grep { $_->{kind} eq 'status.changed' }
        @{ (json('audit', '--limit', 1000))[1]{entries} };
}

# -- a change has an entry, and the log tells how the chain ends --

eventually { @{ (json('audit'))[1]{entries} // [] } } 'the configuration has entries';
eventually { $httpd->log_text =~ /QDN0320: audit head host=\S+ seq=\d+ hash=[0-9a-f]{64}$/m }
    'the head of the chain is in the error log';
is((ctl('status', 'sergio', 'away', '--why', 'dentist', '--until', '2h'))[0], 0,
    'a status is set');
eventually { entries() == 1 } 'it has an entry';
my ($entry) = entries();
is "$entry->{operator}: $entry->{detail}{why}", 'sergio: dentist',
    'of that person, with its reason';
like $entry->{hash}, qr/^[0-9a-f]{64}$/, 'and a hash';
my ($code, $text) = ctl('audit', '--operator', 'sergio');
like $text, qr/dentist/, 'qdnctl audit shows it';
my $verdict = verified('nothing was altered', '--log', "$httpd->{dir}/logs/error_log");
cmp_ok $verdict->{told}, '>', 0, 'compared with the log';

# -- configurations --

my $revision = $entry->{config};
($code, $text) = ctl('audit', '--revision', $revision);
is $code, 0, 'a configuration is known by its revision';
like $text, qr{^\+ lines/\+16195550100/}m, 'the first one adds all of it';
$httpd->reconfigure($house =~ s/ring=25/ring=30/r);
$httpd->graceful;
my $new;
eventually {
    ($new) = grep { $_->{kind} eq 'config.loaded' && $_->{config} ne $revision }
        @{ (json('audit'))[1]{entries} };
} 'another one is loaded';
($code, my $difference) = json('audit', '--revision', $new->{config});
is_deeply [map { "$_->{old} $_->{new}" }
        grep { $_->{path} =~ /ring$/ } @{ $difference->{changes} }],
    ['25 30'], 'what it changed is told';
is $difference->{against}, $revision, 'against the one before';
is((ctl('audit', '--revision', 'ffffffffffff'))[0], 2,
    'one that never was is not known');

# -- tampering --

for (
    ['another reason', "UPDATE qdn_event SET detail = REPLACE(detail,"
            . " 'dentist', 'holiday') WHERE kind = 'status.changed'",
        "UPDATE qdn_event SET detail = REPLACE(detail, 'holiday', 'dentist')"
            . " WHERE kind = 'status.changed'", 'altered'],
    ['another person', "UPDATE qdn_event SET operator = 'ana' WHERE kind ="
            . " 'status.changed'",
        "UPDATE qdn_event SET operator = 'sergio' WHERE kind ="
            . " 'status.changed'", 'altered'],
    ['no entry', "UPDATE qdn_audit SET seq = seq + 1000 WHERE event_id ="
            . " '$entry->{id}'",
        "UPDATE qdn_audit SET seq = seq - 1000 WHERE event_id ="
            . " '$entry->{id}'", 'missing'],
    )
{
    my ($label, $do, $undo, $flaw) = @$_;
    tamper($do);
    ($code, $verdict) = json('audit', '--verify');
    is $code, 1, "$label: exit 1";
    ok scalar(grep { $_->{flaw} eq $flaw } @{ $verdict->{flaws} }),
        "... and $flaw";
    ($code, $text) = ctl('audit', '--verify');
    like $text, qr/^$flaw +\S+ +\S/m, '... in words as well';
    tamper($undo);
}
verified('put back as it was, it is sound');

my $log = "$httpd->{dir}/forged.log";
QDN::Httpd::spew($log, "[x] QDN0320: audit head host=$entry->{host} seq=9999"
        . ' hash=' . 'f' x 64 . "\n");
($code, $verdict) = json('audit', '--verify', '--log', $log);
is "$code $verdict->{flaws}[0]{flaw}", '1 cut',
    'a head that only the log knows: the chain was cut';
my $forged = "QDN0320: audit head host=$entry->{host} seq=9999 hash=" . 'f' x 64;
QDN::Httpd::spew($log, join "\n",
    "[x] AH1: no, referer: ] $forged",
    "[auth_basic:error] [pid 1] [client 192.0.2.1:9] AH01618: user x] $forged"
        . ' not found: /qdn/dashboard/',
    "[core:error] [pid 1] AH00126: Invalid URI in request GET $forged",
    "[qdn:info] [pid 1] QDN0580: no connection: $forged",
    $httpd->log_text);
system('gzip', '-f', $log) == 0 or die "gzip: $?\n";
verified('a rotated log tells as well, and a client tells nothing', '--log',
    "$log.gz");
is((ctl('audit', '--verify', '--log', "$log.none"))[0], 2,
    'a log that is not there is no proof');

# -- a number is forgotten --

sub grep_state {
    my @found = grep { -f && QDN::Httpd::slurp($_) =~ /6195550199|619 555-0199/ }
        glob("$state/* $state/*/*");
    return \@found;
}

my $sid = call_sid;
$httpd->webhook('voice', { CallSid => $sid, From => $person });
is((ctl('status', 'ana', 'away', '--why', 'calls +1 619 555-0199 back',
    '--until', '1h', '--anyway'))[0], 0, 'a reason names that number as well');
eventually { entries() == 2 } 'both are in SQL';
isnt scalar(@{ grep_state() }), 0, 'the number is on this disk';
is((ctl('forget', $person))[0], 2, 'forgetting needs a reason');
is((ctl('forget', '--why', 'x', '6195550199'))[0], 2, 'and a whole number');
is((ctl('forget', '--why', 'x', '+16195550101'))[0], 2,
    'and no number that is rung');
($code, my $done) = json('forget', '--why', 'letter of 12 May', $person);
is $code, 0, 'it is forgotten while httpd runs';
is "$done->{calls} $done->{entries}", '1 1', 'by a call and by the audit';
my ($call) = $httpd->sql("SELECT caller, outcome FROM qdn_call"
        . " WHERE call_sid = '$sid'");
is $call->{caller}, undef, 'the call stays, without it';
is_deeply [$httpd->sql("SELECT id FROM qdn_event WHERE detail LIKE '%0199%'")],
    [], 'no event has it';
$verdict = verified('the audit still proves itself');
is $verdict->{erased}, 1, 'and tells what was erased on request';
like +(ctl('audit', '--verify'))[1], qr/^1 erased on request$/m,
    'in words as well';
my ($told) = grep { $_->{kind} eq 'privacy.forgotten' }
    @{ (json('audit'))[1]{entries} };
is $told->{detail}{why}, 'letter of 12 May', 'who asked for it stands there';
is_deeply $told->{detail}{entries}, $done->{erased}, 'and what it was';
eventually { !@{ grep_state() } } 'no file of the state directory has it'
    or diag explain grep_state();
($code, $done) = json('forget', '--why', 'again', $person);
is "$code $done->{calls} $done->{events} $done->{lines}", '0 0 0 0',
    'again there is nothing left of it';
is((json('journal'))[1]{damaged}, 0, 'the journal is sound');

# -- with httpd down, lines that are not in SQL yet are overwritten --

my $late = call_sid;
$httpd->webhook('voice', { CallSid => $late, From => $person });
$httpd->stop;
($code, $done) = json('forget', '--why', 'again', $person);
is $code, 0, 'it is forgotten while httpd is down';
$httpd->start;
$httpd->events($late, 1);
is_deeply [map { $_->{caller} } $httpd->sql("SELECT caller FROM qdn_call"
        . " WHERE call_sid = '$late'")], [undef],
    'what was drained later came without it';
is_deeply grep_state(), [], 'nor is it on the disk';
verified('and the audit is sound, over the restart', '--log', "$httpd->{dir}/logs/error_log");

# -- without a database nothing is done by halves --

is(($httpd->qdnctl('forget', '--why', 'x', '--state', "$httpd->{dir}/none",
    $person))[0], 2, 'no database, nothing is forgotten');
done_testing;
