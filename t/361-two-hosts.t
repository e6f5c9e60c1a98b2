# SPDX-License-Identifier: Apache-2.0
# Two hosts that share nothing but the database: a call may change over at any
# step, and of a webhook that reached both the one that Twilio went on with is
# in force.

use QDN::Test;

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");

# A rule makes the second host decide otherwise, as other availability would.
my @common = (database => $ENV{QDN_TEST_DATABASE} || 'sqlite3');
my $x = httpd(@common, config => "Define QDN_TEST_HOST host-x\n$house");
$x->start;    # before the other looks for a free port
my $y = httpd(@common, config => "Define QDN_TEST_HOST host-y\n"
        . $house =~ s/^(\s*QDNHop\b)/    QDNRule voicemail "true"\n$1/mr,
    $x->{dsn} ? (dsn => $x->{dsn}) : ());
# Two files would be two databases: on SQLite the hosts share x's.
$y->reconfigure("DBDriver sqlite3\nDBDMin 0\n"
        . "DBDParams $x->{dir}/state/qdn.sqlite\n$y->{config}")
    if $x->{database} eq 'sqlite3';
$y->start;

sub url_in {
    my ($reply, $attribute) = @_;
    my ($url) = $reply->{content} =~ /\b$attribute="([^"]+)"/
        or return fail("a $attribute in $reply->{content}");
    return $url =~ s/&amp;/&/gr;
}

sub call_row {
    my ($sid) = @_;
    return ($x->sql("SELECT * FROM qdn_call WHERE call_sid = '$sid'"))[0];
}

# -- a call changes over --

my $sid = call_sid;
my $first = $x->webhook('voice', { CallSid => $sid });
my %unanswered = (CallSid => $sid, CallStatus => 'in-progress',
    DialCallStatus => 'no-answer', DialBridged => 'false');
my $next = $y->webhook(url_in($first, 'action'), \%unanswered);
is $next->{status}, 200, 'the other host takes the next step';
plays $next->{content}, [qr/<Dial /, qr/8585550102/], 'and rings the second';
$x->webhook('voice/status', { CallSid => $sid, CallStatus => 'completed' });
my @events = $x->events($sid, 5);
ok !(grep { $_->{kind} eq 'decision.superseded' } @events),
    'taking turns supersedes nothing';
my %hosts = map { $_->{host} => 1 } @events;
is join(' ', sort keys %hosts), 'host-x host-y', 'both hosts have their events';

# -- one webhook, two hosts --

# Each of them in turn is the one that Twilio goes on with.
for my $case ([$x, $y], [$y, $x]) {
    my ($winner, $loser) = @$case;
    my ($win, $lose) = map { $_ == $x ? 'host-x' : 'host-y' } @$case;
    $sid = call_sid;
    my $lost = $loser->webhook('voice', { CallSid => $sid });
    my $won  = $winner->webhook('voice', { CallSid => $sid });
    is "$lost->{status} $won->{status}", '200 200', "$lose, then $win, answer";
    isnt $lost->{content}, $won->{content}, 'differently';
    my ($end, $params) = $win eq 'host-x'
        ? (url_in($won, 'action'), { %unanswered, CallSid => $sid,
            CallStatus => 'completed', DialCallStatus => 'canceled' })
        : (url_in($won, 'action'), { CallSid => $sid, RecordingSid =>
            'RE' . substr($sid, 2), RecordingDuration => 7, CallStatus =>
            'completed', RecordingUrl => 'https://api.twilio.com/x' });
    is $loser->webhook($end, $params)->{status}, 200,
        "$lose takes the step that follows on the answer of $win";

    eventually {
        grep { $_->{kind} eq 'decision.superseded' } $x->events($sid)
    } 'the other decision is marked';
    @events = $x->events($sid, 5);
    my @marks = grep { $_->{kind} eq 'decision.superseded' } @events;
    is scalar @marks, 1, 'once';
    my %decision = map { $_->{host} =>
            JSON::PP->new->decode($_->{detail})->{decision} }
        grep { $_->{kind} =~ /^(?:hop\.dialled|voicemail\.offered)$/ } @events;
    is_deeply(JSON::PP->new->decode($marks[0]{detail}),
        { decision => $decision{$lose}, by => $decision{$win} },
        'and says which, and by which');
    eventually { (call_row($sid) || {})->{ended_at} } 'the call is over';
    my $row = call_row($sid);
    is "$row->{outcome} $row->{hops}",
        $win eq 'host-x' ? 'abandoned 1' : 'voicemail 0',
        'what was superseded does not count';
}
is $x->sql("SELECT id FROM qdn_event GROUP BY id HAVING COUNT(*) > 1"), 0,
    'no id is there twice';

done_testing;
