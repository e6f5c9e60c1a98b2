# SPDX-License-Identifier: Apache-2.0
# qdnctl explain, sweep and replay ask the daemon of a running httpd: what
# would happen to a call, when nobody would be rung, what became of a call.

use QDN::Test;
use JSON::PP;

my $config = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");

# House with hours for both people, and rules.
sub house {
    my ($hours, @line) = @_;
    my $text = $config;
    $text =~ s{(<QDNOperator (\w+)>\n)}
        {$1 . ($hours->{$2} ? "    QDNHours \"$hours->{$2}\"\n" : '')}ge;
    $text =~ s{(<QDNOperator ana>\n)}{$1    QDNTimezone America/Los_Angeles\n};
    $text =~ s{(</QDNLine>)}{join '', map { "    $_\n" } @line, $1}e;
    return $text;
}

my $httpd = httpd(config => house({ sergio => 'Mo-Fr 08:00-18:00',
    ana => 'Mo-Fr 08:00-18:00, Sa 10:00-14:00' },
    q{QDNRule reject "qdn('From') == '+16195550109'"},
    q{QDNRule voicemail "qdn('CallerKind') == 'withheld'"}))->start;
my @state = ('--state', "$httpd->{dir}/state", $httpd->{dsn}
    ? ('--dbd', "$httpd->{database}:$httpd->{dsn}") : ());
my @line = (@state, '--line', '+16195550100');
eventually { $httpd->daemon('ping') } 'the daemon answers';

# (exit status, -j as a hash, text without -j)
sub ctl {
    my ($command, @arguments) = @_;
    my ($status, $json) = $httpd->qdnctl('-j', $command, @arguments);
    my ($same, $text) = $httpd->qdnctl($command, @arguments);
    is $same, $status, "$command @arguments ends alike with -j";
    return ($status, eval { JSON::PP->new->utf8->decode($json) } || {}, $text);
}

# What would happen, on one line.
sub story {
    my ($said) = @_;
    return join '; ', map {
        my $scene = $_;
        join ' ', $scene->{act}, (map { "-$_->{operator}/$_->{phone}:"
            . $_->{reason} } @{ $scene->{skipped} }),
            (map { "+$_->{operator}/$_->{phone}" } @{ $scene->{rung} }),
            $scene->{reason} || ();
    } @{ $said->{scenes} };
}

my $all = 'dial +sergio/primary; dial +sergio/backup; dial +ana/mobile; '
    . 'voicemail';
my $closed = join ' ', map { "-$_:outside-hours" }
    qw(sergio/primary sergio/backup ana/mobile);

for (
    ['2026-11-20T12:00', [], $all],
    ['2026-11-20T12:00:00-08:00', [], $all],
    ['2026-11-20T18:00', [], "voicemail $closed"],
    ['2026-11-21T12:00', [], 'dial -sergio/primary:outside-hours '
        . '-sergio/backup:outside-hours +ana/mobile; voicemail'],
    ['2026-11-20T12:00', ['--from', '+16195550109'], 'reject rule'],
    ['2026-11-20T12:00', ['--from', 'anonymous'], 'voicemail rule'],
    ['2026-11-20T12:00', ['--forwarded-from', '+16195550101'], 'busy loop'],
    ) {
    my ($at, $more, $want) = @$_;
    my ($status, $said, $text) = ctl('explain', @line, '--at', $at, @$more);
    is $status, 0, "explain at $at @$more";
    is story($said), $want, "and so it would go" or diag $text;
}

{
    my (undef, $said, $text) = ctl('explain', @line, '--at',
        '2026-11-20T18:30', '--from', '+16195550109');
    is $said->{rule}{number}, 1, 'the rule that matched is named';
    like $said->{rule}{origin}, qr/httpd\.conf:\d+\z/, 'with its place';
    is_deeply [map { "$_->{operator} $_->{reason} " . ($_->{until_local} // '') }
        @{ $said->{inputs} }], ['sergio outside-hours 2026-11-23 08:00 PST',
        'ana outside-hours 2026-11-21 10:00 PST'],
        'every input, and until when it holds';
    like $text, qr/^Queen of San Diego \(\+16195550100\)$/m,
        'people read the name';
    like $text, qr/^2026-11-20 18:30 PST, by plan \w{12}$/m, 'and the moment';
    like $text, qr/^rule 1 /m, 'and the rule';
    like $text, qr/^ana +outside-hours +2026-11-21 10:00 PST/m,
        'and who is not there';
}

is((ctl('explain', @line, '--at', 'noon'))[0], 2, '--at noon is no time');
is((ctl('explain', @state, '--line', '+16195550142'))[0], 2, 'no such line');
is $httpd->daemon('health')->{counters}{'calls'} // 0, 0, 'nothing is counted';

# -- sweep --

{
    my ($status, $said, $text) = ctl('sweep', @state, '--days', 14);
    is $status, 1, 'sweep finds nights';
    ok $said->{complete}, 'it looked at all of it';
    my @spans = @{ $said->{spans} };
    my ($longest) = sort { $b->{to} - $b->{from} <=> $a->{to} - $a->{from} }
        @spans;
    like $longest->{from_local}, qr/ 14:00 P[SD]T\z/,
        'the longest begins on Saturday when Ana goes';
    like $longest->{to_local}, qr/ 08:00 P[SD]T\z/, 'and ends on Monday';
    is $longest->{causes}[2]{reason}, 'outside-hours', 'with the cause';
    like $text, qr{^  ana/mobile is skipped: outside the hours of the person}m,
        'people read it';
}
is((ctl('sweep', @state, '--days', 99))[0], 2, 'too many days');
is((ctl('sweep', @state, '--line', '+16195550142'))[0], 2, 'no such line');

# -- what is read from elsewhere, with its age --

my ($year, $month, $day) = (gmtime)[5, 4, 3];
my $christmas = $year + 1900 + ($month == 11 && $day >= 23) . '1225';
QDN::Httpd::spew("$httpd->{dir}/holidays.ics", join "\r\n",
    qw(BEGIN:VCALENDAR VERSION:2.0 PRODID:-//example//holidays//EN
        BEGIN:VEVENT UID:christmas@example.com DTSTAMP:20200101T000000Z
        DTSTART;VALUE=DATE:20201225 SUMMARY:Christmas RRULE:FREQ=YEARLY
        END:VEVENT END:VCALENDAR), '');
{
    my $open = house({ sergio => '00:00-24:00; PH off', ana => '24/7' });
    $open =~ s{(QDNHours "00:00[^\n]*\n)}
        {$1    QDNHolidays \@DIR\@/holidays.ics\n};
    $httpd->reconfigure($open);
}
ok $httpd->restart('USR1'), 'Sergio keeps holidays';
my @then = ('--at', $christmas =~ s/(....)(..)(..)/$1-$2-$3T12:00/r);
eventually { my ($status, $json) = $httpd->qdnctl('-j', 'explain', @line,
    @then); $json =~ /"holiday"/ } 'on that day he is not rung';
{
    my (undef, $said, $text) = ctl('explain', @line, @then);
    my ($sergio) = @{ $said->{inputs} };
    is $sergio->{reason}, 'holiday', 'because it is a holiday';
    is $sergio->{feeds}[0]{kind}, 'holidays', 'which somebody said';
    ok $sergio->{feeds}[0]{holds}, 'not too long ago';
    like $sergio->{feeds}[0]{age}, qr/\A\d+\z/, 'and so many seconds';
    like $text, qr/^sergio +holiday .*holidays\.ics, \d+ s old/m,
        'people read it';
}

# -- replay --

# Somebody is always there, so that the call is the same at any hour.
$httpd->reconfigure(house({}));
ok $httpd->restart('USR1'), 'everybody is there always';
eventually { ($httpd->daemon('plan') // {})->{operators}[0]
    && !$httpd->daemon('plan')->{operators}[0]{hours} } 'by the new plan';
is((ctl('sweep', @state))[0], 0, 'sweep finds nothing');

my $call = call_sid();
$httpd->webhook('voice', { From => '+16195550190', To => '+16195550100',
    CallSid => $call, CallStatus => 'ringing' });
eventually { my ($status, $text) = $httpd->qdnctl('calls', @state, $call);
    $status == 0 && $text =~ /rung/ } 'a call is in SQL';

{
    my ($status, $said, $text) = ctl('replay', @state, $call);
    is $said->{steps}[0]{who}, 'sergio/primary', 'replay knows whom it rang';
    ok $said->{steps}[0]{same}, 'today it would be rung as well';
    is $status, 0, 'and as long as it rings, that is all' or diag $text;
}
$httpd->reconfigure(house({},
    q{QDNRule busy "qdn('From') == '+16195550190'"}));
ok $httpd->restart('USR1'), 'the caller is refused from now on';
eventually { my ($status, $json) = $httpd->qdnctl('-j', 'explain', @line,
    '--from', '+16195550190'); $json =~ /"busy"/ } 'by the new plan';
{
    my ($status, $said, $text) = ctl('replay', @state, $call);
    is $status, 1, 'replay finds a difference';
    my %then = map { ($_->{who} => $_) } @{ $said->{steps} };
    is $then{'sergio/primary'}{then}{kind}, 'hop.dialled', 'rung then';
    is $then{'sergio/primary'}{today}, undef, 'not today';
    is $then{'the caller'}{today}{kind}, 'call.rejected', 'who is refused';
    like $text, qr{^sergio/primary +hop 1: sergio was rung}m, 'people read it';
}
is((ctl('replay', @state, call_sid()))[0], 2, 'there is no such call');

# What was known counts, also of somebody who was rung whatever is known.
{
    my $always = house({ sergio => 'off' });
    $always =~ s/(sergio\/primary ring=20)/$1 when=always/;
    $httpd->reconfigure($always);
}
ok $httpd->restart('USR1'), 'Sergio is away, but rung always';
eventually { my ($status, $json) = $httpd->qdnctl('-j', 'explain', @line);
    $json =~ /"always"/ } 'by the new plan';
my $late = call_sid();
$httpd->webhook('voice', { From => '+16195550190', To => '+16195550100',
    CallSid => $late, CallStatus => 'ringing' });
eventually { my ($status, $text) = $httpd->qdnctl('calls', @state, $late);
    $status == 0 && $text =~ /rung/ } 'a call is in SQL';
$httpd->reconfigure(house({}));
ok $httpd->restart('USR1'), 'nothing is known of Sergio today';
eventually { my ($status, $json) = $httpd->qdnctl('-j', 'explain', @line);
    $json !~ /"always"/ } 'by the new plan';
{
    my (undef, $said) = ctl('replay', @state, $late);
    my %step = map { ($_->{who} => $_) } @{ $said->{steps} };
    is $step{'sergio/primary'}{then}{reason}, 'always', 'rung always then';
    is $step{'sergio/primary'}{today}{reason}, 'outside-hours',
        'today, with what was known then, he would not be';
}

# A plan that is the same decides the same, however the call went.
{
    my $same = house({},
        q{QDNRule challenge "qdn('From') == '+16195550191'"});
    $same =~ s/(sergio\/primary ring=20)/$1 when=always/;
    $httpd->reconfigure($same);
}
ok $httpd->restart('USR1'), 'whom a rule names is asked for a key';
eventually { my ($status, $json) = $httpd->qdnctl('-j', 'explain', @line,
    '--from', '+16195550191'); $json =~ /"challenge"/ } 'by the new plan';

# A call, each step by the action of the last answer; its parameters may
# depend on that. The call's SID, when SQL says the last.
sub goes {
    my ($from, $last, @steps) = @_;
    my %call = (From => $from, CallSid => call_sid());
    my $answer = $httpd->webhook('voice', { %call })->{content};
    for my $step (@steps) {
        my ($url) = $answer =~ /action="([^"]+)"/ or die $answer;
        $answer = $httpd->webhook($url =~ s/&amp;/&/gr,
            { %call, $step->($answer) })->{content};
    }
    eventually { my ($status, $text) = $httpd->qdnctl('calls', @state,
        $call{CallSid}); $status == 0 && $text =~ $last } 'a call is in SQL';
    return $call{CallSid};
}

sub unanswered {
    return (DialCallStatus => 'no-answer', DialBridged => 'false');
}

sub right { return (Digits => $_[0] =~ /press (\d)/) }

sub wrong { return (Digits => $_[0] =~ /press 3/ ? 4 : 3) }

for (
    ['always, then his other phone', 2,
        goes('+16195550190', qr{sergio/backup}, \&unanswered)],
    ['from his own phone', 2, goes('+16195550101', qr{sergio/backup})],
    ['the right key', 2, goes('+16195550191', qr/rung/, \&right)],
    ['the second key', 2, goes('+16195550191', qr/rung/, \&wrong, \&right)],
    ['no right key', 1,
        goes('+16195550191', qr/did not press/, \&wrong, \&wrong)],
    ['no key as yet', 1, goes('+16195550191', qr/key/)],
    ) {
    my ($how, $steps, $sid) = @$_;
    my ($status, $said, $text) = ctl('replay', @state, $sid);
    is $status, 0, "$how: the same today" or diag $text;
    is scalar @{ $said->{steps} }, $steps, 'step by step';
}

finish($httpd);
for (['explain', @line], ['sweep', @state], ['replay', @state, $call]) {
    my ($status, $text) = $httpd->qdnctl(@$_);
    is $status, 2, "$_->[0] without httpd";
    like $text, qr/httpd is down/, 'says so';
}

done_testing;
