# SPDX-License-Identifier: Apache-2.0
# Rules with httpd's real expressions: parameters of the call, the line's own
# clock at the request's moment, callers who are known or on a list that is
# read again when it changes, calls today, what SHAKEN says.

use QDN::Test;
use QDN::Twilio qw(ACCOUNT TOKEN call_sid form sign);
use Time::Local qw(timegm);

# The test clock; what configtest warns of.
allow_log(qw(QDN0643 QDN0602));

# 22:30 on Monday, 2 March 2026, in Los Angeles; Tuesday in UTC.
my $monday = timegm(0, 30, 6, 3, 2, 2026);
my $summer = timegm(0, 30, 5, 3, 6, 2026);    # 22:30 on Thursday, 2 July

my $stranger = '+12025550123';
my $sergio   = '+16195550101';
my $passed   = 'TN-Validation-Passed';

# [expression, is it true?, what differs from a stranger's call on Monday]
my @rows = (
    [q{qdn('LocalHour') -eq 22}, 1],
    [q{qdn('LocalHour') -eq 22}, 1, at => $summer],
    [q{qdn('LocalHour') -eq 22}, 0, at => $monday + 1800],
    [q{qdn('LocalHour') -ge 20 || qdn('LocalHour') -lt 7}, 1],
    [q{qdn('LocalHour') -lt 7}, 1, at => $monday + 7200],
    [q{qdn('LocalMinute') -eq 30}, 1],
    [q{qdn('LocalMinute') -ge 31}, 1, at => $monday + 60],
    [q{qdn('LocalWeekday') == 'Mo'}, 1],
    [q{qdn('LocalWeekday') in { 'Sa', 'Su' }}, 0],
    [q{qdn('LocalWeekday') in { 'Sa', 'Su' }}, 1, at => $monday - 86400],
    [q{qdn('LocalDate') == '2026-03-02'}, 1],
    [q{qdn('LocalDate') == '2026-03-02'}, 0, at => $monday + 5400],
    [q{qdn('LocalDate') =~ /-07-0[1-4]$/}, 1, at => $summer],
    [q{qdn('KnownCaller') == 'yes'}, 1, From => $sergio],
    [q{qdn('KnownCaller') == 'yes'}, 0],
    [q{qdn('KnownCaller') == 'no'}, 1, From => 'anonymous'],
    [q{qdn('KnownCaller') == 'yes'}, 1, From => '+12025550140'],
    [q{qdn('List:vip') == 'yes'}, 1, From => '+12025550141'],
    [q{qdn('List:vip') == 'yes'}, 1, From => '+12025550142'],
    [q{qdn('List:vip') == 'yes'}, 0, From => '+12025550140'],
    [q{qdn('List:vip') == 'no'}, 1, From => 'anonymous'],
    [q{qdn('StirLevel') == 'A'}, 1, StirVerstat => "$passed-A"],
    [q{qdn('StirLevel') == 'B'}, 1, StirVerstat => "$passed-B-Passthrough"],
    [q{qdn('StirLevel') == 'failed'}, 1,
        StirVerstat => 'TN-Validation-Failed-B'],
    [q{qdn('StirLevel') == 'none'}, 1],
    [q{qdn('StirLevel') == 'none'}, 1, StirVerstat => 'No-TN-Validation'],
    [q{qdn('CallerKind') == 'withheld'}, 1, From => 'Restricted'],
    [q{qdn('CallerKind') == 'sip'}, 1, From => 'sip:a@example.com'],
    [q{qdn('FromState') == 'CA' && qdn('From') =~ /^[+]1202/}, 1,
        FromState => 'CA'],
    [q{qdn('LineName') == 'The 3rd line'}, 0],
    [q{qdn('Line') =~ /^[+]1970555/}, 1],
    [q{qdn('NoSuchThing') == ''}, 1],
);

# One line for each row, whose second rule it is.
my @asked = map {
    my ($expression, $yes, %call) = @{ $rows[$_] };
    [$expression, $yes, \%call, sprintf '+197055501%02d', $_]
} 0 .. $#rows;
my $config = join '', map {
    qq(<QDNLine $_->[3]>\nQDNHop sergio/primary ana/mobile\n)
        . qq(QDNRule reject "false"\nQDNRule busy "$_->[0]"\n</QDNLine>\n)
} @asked;

my $httpd = httpd(defines => ['QDN_TEST_CLOCK'], config => <<"CONF" . $config);
QDNTimezone America/Los_Angeles
QDNNumbers vip "\@DIR\@/vip.txt"
QDNNumbers known "\@DIR\@/known.txt"
<QDNOperator sergio>
    QDNPhone primary $sergio
</QDNOperator>
<QDNOperator ana>
    QDNPhone mobile +16195550103
</QDNOperator>
<QDNLine +16195550100>
    QDNRule busy "qdn('CallsToday') -gt 3"
    QDNHop sergio/primary
</QDNLine>
<QDNLine +16195550109>
    QDNRule busy "qdn('List:vip') == 'yes'"
    QDNHop sergio/primary
</QDNLine>
CONF
my ($vip, $known) = map { "$httpd->{dir}/$_.txt" } qw(vip known);
QDN::Httpd::spew($vip, "# good people\n+12025550142 # Ben\n\n+12025550141\n");
QDN::Httpd::spew($known, "+12025550140\n");
$httpd->start;

# One call; is it refused with the busy signal?
sub busy {
    my ($to, %call) = @_;
    my $at = delete $call{at} // $monday;
    my $sid = delete $call{sid} // call_sid();
    my %form = (AccountSid => ACCOUNT, CallSid => $sid, To => $to,
        From => $stranger, CallStatus => 'ringing', %call);
    my $reply = $httpd->request('POST', '/qdn/twilio/voice', {
        content => form(\%form),
        headers => {
            'Content-Type' => 'application/x-www-form-urlencoded',
            'QDN-Test-Clock' => $at * 1_000_000,
            'X-Twilio-Signature' =>
                sign(TOKEN, "$httpd->{public}/voice", \%form),
        } });
    return $reply->{content} =~ /<Reject reason="busy"/ ? 1
        : $reply->{content} =~ /<Dial|<Record|<Say/ ? 0
        : "$reply->{status} $reply->{content}";
}

# The lists count as known from a moment near now; so these calls are now.
eventually { busy('+16195550109', From => '+12025550141', at => time) eq 1 }
    'the daemon has read the lists';
for my $row (@asked) {
    my ($expression, $yes, $call, $to) = @$row;
    my %call = %$call;
    $call{at} //= time if $expression =~ /List|Known/;
    is(busy($to, %call), $yes, "$expression: "
            . join(' ', $yes ? 'true' : 'false', map { "$_=$call->{$_}" }
            sort keys %$call));
}

# -- the first match is kept, with its number --

my $sid = call_sid();
busy($asked[0][3], sid => $sid);
my $rejected;
eventually {
    ($rejected) = grep { $_->{kind} eq 'call.rejected' } $httpd->events($sid);
} 'the refusal is kept';
is($rejected->{reason}, 'rule', '... with its reason');
like($rejected->{detail}, qr/"rule":2\b/, '... and the number of the rule');

# -- calls today --

my $caller = '+12025550150';
is_deeply([map { busy('+16195550100', From => $caller) } 1 .. 5],
    [0, 0, 0, 1, 1], 'the fourth call of a day is refused, and the fifth');
is(busy('+16195550100', From => '+12025550151'), 0, 'nobody else is');
is(busy('+16195550100', From => $caller, at => $monday + 5400), 0,
    'after midnight of the line it is another day');
my $again = call_sid();
is_deeply([map { busy('+16195550100', sid => $again,
        From => '+12025550152') } 1 .. 6], [(0) x 6],
    'a webhook that comes again is no other call');

# -- a list that changes --

QDN::Httpd::spew("$vip.new", "+12025550143\n");
rename "$vip.new", $vip or die "rename: $!\n";
eventually { busy('+16195550109', From => '+12025550143', at => time) eq 1 }
    'who was added to the list is on it, without a restart';
is(busy('+16195550109', From => '+12025550141', at => time), 0,
    '... and who was taken off is not');

done_testing;
