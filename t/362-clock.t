# SPDX-License-Identifier: Apache-2.0
# The wall clock jumps, by seconds, hours and years, forwards and back, while
# calls come in: nobody waits for it, and every event is in SQL once.

use QDN::Test;
use QDN::Fault qw(daemons);
use QDN::Mishap;
use QDN::Traffic;
use Time::HiRes qw(sleep time);

use constant HOUR => 3600;
use constant YEAR => 365 * 24 * HOUR;

my $mishap = QDN::Mishap->new;
# Nothing is purged here, whatever year it is.
my $httpd = httpd(mishap => $mishap, config => "QDNRetention off\n"
        . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"))->start;
my ($daemon) = daemons($httpd);

my $call = QDN::Traffic->new($httpd);
my $patient = $call->call;
ok $patient->begin, 'a call begins at the right time';

for my $step (['a second back', -1], ['a minute on', 60], ['an hour back',
    -+HOUR], ['an hour on', +HOUR], ['a year back', -+YEAR],
    ['ten years on', 10 * YEAR]) {
    my ($label, $seconds) = @$step;
    my $traffic = QDN::Traffic->new($httpd);
    my $old = $traffic->call;
    ok $old->begin, "$label: a call is on";
    $mishap->set(clock => $seconds);
    # Where more than QDNBudget seems to have passed, voicemail is next.
    my $reply = $httpd->webhook($old->{url}, { CallSid => $old->{sid},
        DialCallStatus => 'no-answer', DialBridged => 'false',
        CallStatus => 'in-progress' });
    plays $reply->{content}, [$seconds > 110 ? qr/<Record/ : qr/<Dial/],
        "$label: it goes on";
    delete $traffic->{calls}{ $old->{sid} };
    $traffic->during(sub { sleep 0.5 });
    my $tick = $traffic->call;
    ok $tick->begin, "$label: a call begins";
    my ($first) = $httpd->events($tick->{sid}, 2);
    cmp_ok abs($first->{at} / 1e6 - time - $seconds), '<', 5,
        "$label: its events tell the time that the clock tells";
    $mishap->end;
    $traffic->served_ok("$label: no call waits", worst => 1);
    $traffic->kept_once_ok("$label: every event once");
}

# Its hops are then dialled before it began.
my $going = QDN::Traffic->new($httpd);
my $odd = $going->call;
ok $odd->begin, 'a call begins';
$mishap->set(clock => -+HOUR);
ok $odd->no_answer, 'its second hop is dialled an hour earlier';
$mishap->set(clock => -2 * HOUR);
ok $odd->no_answer && $odd->no_answer && $odd->message,
    'the third, and voicemail, an hour before that';
$mishap->end;
$going->kept_once_ok('the call is whole, and its row counts three hops');

ok $patient->no_answer && $patient->no_answer && $patient->no_answer
    && $patient->message, 'the call that began before all that goes on';
$call->kept_once_ok('and is whole');

# -- a restart at the wrong time, and back --

$mishap->set(clock => -+YEAR);
for my $when ('a year ago', 'now') {
    my $restarted = QDN::Traffic->new($httpd)->during(sub {
        sleep 0.2;
        ok $httpd->graceful, "a graceful restart $when";
        sleep 0.2;
    });
    # httpd may start the new children only when it looks, once a second.
    $restarted->served_ok("$when: no webhook is lost", worst => 2);
    $restarted->kept_once_ok("$when: every event once");
    $mishap->end;
}

my $health = $httpd->daemon('health');
is $health->{counters}{'journal.late'}, 0, 'nothing was late';
is $health->{counters}{'journal.lost'}, 0, 'nothing was lost';
ok $httpd->await(sub {
    $httpd->daemon('health')->{health} eq 'green' }), 'health is green'
    or diag explain $httpd->daemon('health')->{reasons};
unlike $httpd->log_text, qr/QDN0653/, 'no daemon was taken for a dead one';

done_testing;
