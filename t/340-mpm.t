# SPDX-License-Identifier: Apache-2.0
# Event, worker and prefork: calls, restarts, a killed child, and a stop while
# a request waits for a journal that cannot be written.

use QDN::Test;
use QDN::Fault qw(daemons forbid_writing gone_within segments workers);
use QDN::Traffic;
use QDN::Twilio qw(ACCOUNT TOKEN form sign);
use IO::Socket::INET;
use Time::HiRes qw(sleep time);

allow_log('QDN0622');    # a body that a hard restart cut

# Of a child that is ended while nothing can be written: the journal's error,
# a request that waited too long, and what was lost.
allow_log(qw(QDN0301 QDN0303 QDN0304 QDN0501));

# A signed webhook as bytes: all but the end of its body, and that end.
sub halves {
    my ($httpd) = @_;
    my %params = (AccountSid => ACCOUNT, CallSid => call_sid,
        From => '+12025550123', To => '+16195550100',
        CallStatus => 'ringing');
    my $body = form(\%params);
    my $head = "POST /qdn/twilio/voice HTTP/1.0\r\n"
        . "X-Twilio-Signature: "
        . sign(TOKEN, "$httpd->{public}/voice", \%params) . "\r\n"
        . "Content-Type: application/x-www-form-urlencoded\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n";
    return ($head . substr($body, 0, -5), substr($body, -5));
}

# A request that is under way, and what its reply will be.
sub under_way {
    my ($httpd) = @_;
    my ($begin, $end) = halves($httpd);
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $httpd->{port}) or die "connect: $!\n";
    print $socket $begin;
    $socket->flush;
    sleep 0.1;
    return sub {
        print $socket $end;
        $socket->flush;
        local $/;
        return <$socket> // '';
    };
}

for my $mpm ('event', 'worker', 'prefork') {
    my $httpd = httpd(mpm => $mpm)->start;
    my $traffic = QDN::Traffic->new($httpd);
    $traffic->during(sub {
        sleep 0.4;
        ok $httpd->graceful, "$mpm: graceful restart under load";
        sleep 0.3;
    });
    $traffic->served_ok("$mpm: no webhook noticed");

    my @old = workers($httpd);
    my $hard = QDN::Traffic->new($httpd);
    $hard->during(sub {
        sleep 0.2;
        ok $httpd->restart, "$mpm: hard restart under load";
        sleep 0.2;
        my ($pid) = grep { segments($httpd, $_) } workers($httpd)
            or die "no child has a journal\n";
        allow_killed($pid);
        kill 'KILL', $pid;
        sleep 0.3;
    });
    ok defined gone_within(3, @old), "$mpm: no child of before is left";
    $hard->served_ok("$mpm: calls go on after it, and after kill -9",
        failed => 200);
    $traffic->kept_once_ok("$mpm: every event once");
    $hard->kept_once_ok("$mpm: also over hard restart and kill -9");

    # A request whose body is on its way.
    my $reply = under_way($httpd);
    ok $httpd->graceful, "$mpm: graceful restart while a body is on its way";
    like $reply->(), qr{^HTTP/1\.1 200 .*<Dial}s,
        "$mpm: the child of before still answers it";
    if ($mpm ne 'event') {    # which waits ten seconds, by itself
        $reply = under_way($httpd);
        my $began = time;
        ok $httpd->restart, "$mpm: hard restart while a body is on its way";
        cmp_ok time - $began, '<', 3, "$mpm: it is not waited for";
    }

    # Requests in the middle of the journal, for at most QDNJournalWait (2 s);
    # the journal then tries for a second more. Prefork's clean-up runs in a
    # signal handler on top of a request.
    my $waiting = QDN::Traffic->new($httpd, callers => 4);
    forbid_writing(workers($httpd));
    $waiting->start;
    sleep 0.5;
    my $took = $httpd->stop;
    ok defined $took && $took < 2 + 1 + 1,
        "$mpm: stops while requests wait for the journal"
        or diag($took // 'it had to be killed');
    $httpd->start;
    $waiting->stop;
    $waiting->served_ok("$mpm: they are answered by the next httpd",
        least => 4, failed => 400);
    $waiting->kept_once_ok("$mpm: and kept once");
    is scalar daemons($httpd), 1, "$mpm: one daemon";
}

done_testing;
