# SPDX-License-Identifier: Apache-2.0
# What is refused at the webhooks' door, in which order and with which words,
# while httpd is told in every way it knows to say something else.

use QDN::Test;
use QDN::Twilio qw(ACCOUNT TOKEN form sign);
use QDN::Wire;

use File::Path qw(make_path);

my $public = 'https://calls.example.com/qdn/twilio';
my $full   = 64 * 1024;
my $dial   = qr/\A<\?xml .*<Dial /s;

# [status, tag, counter, body]
my %reply = (
    200       => [200, undef, 'webhook.accepted', $dial],
    target    => [403, 'QDN0620', 'refused.target', "not a webhook address\n"],
    slow      => [408, 'QDN0621', 'refused.timeout', "body too slow\n"],
    broken    => [400, 'QDN0622', 'refused.malformed', "unreadable body\n"],
    method    => [405, 'QDN0511', 'refused.method', "method not allowed\n"],
    size      => [413, 'QDN0512', 'refused.size', "body too large\n"],
    type      => [415, 'QDN0513', 'refused.content-type',
        "unsupported content type\n"],
    signature => [403, 'QDN0514', 'refused.signature', "bad signature\n"],
    account   => [403, 'QDN0515', 'refused.account', "unknown account\n"],
    step      => [404, 'QDN0516', 'refused.step', "no such step\n"],
    malformed => [400, 'QDN0517', 'refused.malformed',
        "malformed parameters\n"],
);
expect_log(grep { defined } map { $_->[1] } values %reply);

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
my $httpd = httpd(config => $house . <<'CONF');
<Directory "@DIR@/htdocs">
    Require all granted
</Directory>
<Location "/small">
    SetHandler qdn-twilio
    QDNPublicURL https://calls.example.com/small
    LimitRequestBody 1000
</Location>
<Location "/wide">
    SetHandler qdn-twilio
</Location>
<Location "/wide/hooks">
    QDNPublicURL https://calls.example.com/wide/hooks
</Location>
MaxKeepAliveRequests 0
SetOutputFilter DEFLATE
ErrorDocument 400 "httpd's words"
ErrorDocument 403 "httpd's words"
ErrorDocument 404 /sorry
ErrorDocument 405 "httpd's words"
ErrorDocument 408 "httpd's words"
ErrorDocument 413 "httpd's words"
ErrorDocument 415 /sorry
CONF
make_path("$httpd->{dir}/htdocs/qdn/twilio/voice");
QDN::Httpd::spew("$httpd->{dir}/htdocs/$_", 'A file of DocumentRoot. ' x 20)
    for qw(control qdn/twilio/voice/index.html qdn/twilio/sms);
QDN::Httpd::spew("$httpd->{dir}/htdocs/sorry", "httpd's words");
$httpd->start;
my $wire = QDN::Wire->new($httpd);

# -- a request that Twilio could have sent, and what came of it --

# request(%how): params are added to the call's, undef takes one away; form
# is the body instead; step or target say where to; type, headers, signature
# (undef: none) and chunked how; signed_url what is signed.
sub request {
    my (%how) = @_;
    my $method = $how{method} // 'POST';
    my %params = (AccountSid => ACCOUNT, CallSid => call_sid(),
        From => '+12025550123', To => '+16195550100',
        CallStatus => 'ringing', %{ $how{params} || {} });
    delete @params{ grep { !defined $params{$_} } keys %params };
    my $form = $how{form} // form(\%params);
    my $step = $how{step} // 'voice';
    my $bare = $method =~ /^(?:GET|HEAD)$/;
    $step .= ($step =~ /\?/ ? '&' : '?') . $form if $bare;
    my $target = $how{target} // "/qdn/twilio" . ($step && "/$step");
    my $url = $how{signed_url} // $public . ($step && "/$step");
    my $type = exists $how{type} ? $how{type}
        : 'application/x-www-form-urlencoded; charset=UTF-8';
    my $fields = $bare || ($type // '') !~ /form/i || defined $how{form}
        ? [] : \%params;
    my $signature = exists $how{signature} ? $how{signature}
        : sign($how{token} // TOKEN, $url, $how{signed} // $fields);

    my @headers = ('Accept-Encoding', 'gzip', @{ $how{headers} || [] });
    push @headers, 'X-Twilio-Signature', $signature if defined $signature;
    push @headers, 'Content-Type', $type if defined $type && !$bare;
    if ($how{chunked}) {
        push @headers, 'Transfer-Encoding', 'chunked';
        $form = join '', map { sprintf "%x\r\n%s\r\n", length, $_ }
            unpack('(a5000)*', $form), '';
    }
    return ($method, $target, \@headers, $bare ? undef : $form);
}

my $counters;
sub counted {
    my $now = $httpd->daemon('health')->{counters};
    my %grew = map { $_ => $now->{$_} - $counters->{$_} }
        grep { /^(?:refused|webhook|line)/ && $now->{$_} != $counters->{$_} }
        keys %$now;
    $counters = $now;
    return \%grew;
}
eventually { $counters = ($httpd->daemon('health') || {})->{counters} }
    'the daemon counts';
$httpd->fresh_log;

# Everything that was seen, and everything that should have been.
sub judge {
    my ($title, $why, $got, $method) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($status, $tag, $counter, $body) = @{ $reply{$why} };
    my $head = ($method // '') eq 'HEAD';
    my $h = $got->{headers};
    my @tags = $httpd->fresh_log
        =~ /\[qdn:(?:warn|error|crit)\] .*?(QDN\d{4}): /g;
    my $content = $got->{content};
    $content = 'right' if $head ? $content eq ''
        : ref $body ? $content =~ $body : $content eq $body;
    $content =~ s/[^ -~\n]/?/g;
    is_deeply({
            status => $got->{status}, body => $content, tags => \@tags,
            type => $h->{'content-type'}, cache => $h->{'cache-control'},
            coded => $h->{'content-encoding'}, allow => $h->{allow},
            counted => counted(),
        }, {
            status => $status, body => 'right', tags => [$tag // ()],
            type => $status == 200 ? 'text/xml' : 'text/plain; charset=utf-8',
            cache => 'no-store', coded => undef,
            allow => $status == 405 ? 'GET, POST' : undef,
            counted => { $counter => 1 },
        }, "$why: $title");
    return;
}

# httpd itself hangs up after these; every other refusal keeps the connection.
my %hangs_up = map { $_ => 1 } 400, 408, 413;

sub check {
    my ($title, $why, %how) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @request = request(%how);
    my $got = $wire->ask(@request);
    judge($title, $why, $got, $request[0]);
    ok($wire->is_open, "$why: $title: the connection is still good")
        unless $hangs_up{ $got->{status} };
    return;
}

# -- each refusal --

my $token = '1.16195550100.00112233445566778899aabbccddeeff.0123456789ab.1.0.1.'
    . '1768400000.0.01234567';
my $leg = '1.16195550100.CA' . '0' x 32 . '.0.' . 'ab' x 16
    . '.1.0.sergio.primary.0.0';
my $other = 'AC' . '1' x 32;
check('what Twilio sends', 200);
for my $method (qw(HEAD PUT DELETE PATCH OPTIONS TRACE PROPFIND BREW get)) {
    check($method, 'method', method => $method);
}
check('PUT of 200 KB', 'method', method => 'PUT', form => 'x' x 200_000);

check('a byte more than 64 KiB', 'size', form => 'x' x ($full + 1));
check('a megabyte', 'size', form => 'x' x 1_000_000);
check('in chunks', 'size', form => 'x' x ($full + 1), chunked => 1);
{
    my $room = $full - length form({ AccountSid => ACCOUNT,
        CallSid => call_sid, From => '+12025550123', To => '+16195550100',
        CallStatus => 'ringing', Pad => '' });
    check('64 KiB exactly', 200, params => { Pad => 'x' x $room });
    check('64 KiB exactly, in chunks', 200, chunked => 1,
        params => { Pad => 'y' x $room });
}

check("type " . ($_ // 'missing'), 'type', type => $_)
    for undef, '', 'text/plain', 'application/json', 'multipart/form-data',
    'application/x-www-form-urlencodedx',
    'x application/x-www-form-urlencoded';
check("type $_", 200, type => $_)
    for 'application/x-www-form-urlencoded',
    'Application/X-WWW-Form-UrlEncoded ; charset=UTF-8';

check('none', 'signature', signature => undef);
check("'$_'", 'signature', signature => $_)
    for '', '=', 'x' x 28, sign(TOKEN, "$public/voice", []), 'x' x 4000;
check('of another token', 'signature', token => 'f' x 32);
check('of the empty token', 'signature', token => '');
check('of another step', 'signature', signed_url => "$public/voice/status");
check('given twice', 'signature',
    headers => ['X-Twilio-Signature', 'x' x 28]);
check('in small letters', 200, do {
    my %params = (AccountSid => ACCOUNT, CallSid => call_sid,
        To => '+16195550100');
    (params => { %params, From => undef, CallStatus => undef },
        signature => undef, headers =>
            ['x-twilio-signature', sign(TOKEN, "$public/voice", \%params)]);
});
check('a form that is none', 'signature', form => 'AccountSid=%zz');
check('a form with a NUL', 'signature', form => 'AccountSid=%00');
check('bodySHA256 of another body', 'signature', type => 'application/json',
    step => 'voice?bodySHA256=' . '0' x 64);

check('of somebody else', 'account', params => { AccountSid => $other });
check('with our token, none named', 'account',
    params => { AccountSid => undef });
check('ours in small letters', 'account',
    params => { AccountSid => lc ACCOUNT });

check("'$_'", 'step', step => $_)
    for '', qw(voice/ voice/xyz Voice /voice ./voice ../twilio/voice %76oice
    voice;x health);

check($_->[0], 'malformed', @$_[1 .. $#$_])
    for ['no CallSid', params => { CallSid => undef }],
    ['no call', params => { CallSid => 'SM' . '0' x 32 }],
    ['a SID too long', params => { CallSid => 'CA' . '0' x 33 }],
    ['a name in it', params => { CallSid => "CA'; DROP TABLE qdn_event --" }],
    ['next without its token', step => 'voice/next'],
    ['next with half of it', step => 'voice/next?s=' . substr $token, 0, 40],
    ["next with a leg's", step => "voice/next?s=$leg"],
    ["a leg with the caller's", step => "voice/screen?l=$token"],
    ['a leg of another call', step => "voice/leg?l=$leg",
        params => { ParentCallSid => call_sid }];
{
    my $twice = form([To => '+16195550100', AccountSid => ACCOUNT,
        CallSid => call_sid, To => '+16195550199']);
    my ($sid) = $twice =~ /(CA[^&]+)/;
    check('To given twice', 'malformed', form => $twice, signed => [
        To => '+16195550100', AccountSid => ACCOUNT, CallSid => $sid,
        To => '+16195550199']);
}

# -- the order: of several faults the first is named --

my @faults = (
    [method => method => 'PUT'],
    [size => pad => $full + 1],
    [type => type => 'text/plain'],
    [signature => token => 'f' x 32],
    [account => params => { AccountSid => $other }],
    [step => step => 'nothing'],
    [malformed => params => { CallSid => 'x' }],
);
for my $first (0 .. $#faults) {
    my %how;
    for my $fault (@faults[$first .. $#faults]) {
        my (undef, $key, $value) = @$fault;
        $how{$key} = $key eq 'params' ? { %{ $how{params} || {} }, %$value }
            : $value;
    }
    $how{params}{Pad} = 'x' x delete $how{pad} if $how{pad};
    check('the first of ' . (@faults - $first), $faults[$first][0], %how);
}

# -- GET --

check('GET', 200, method => 'GET');
check('GET of a withheld caller', 200, method => 'GET',
    params => { From => '' });
check('GET without signature', 'signature', method => 'GET',
    signature => undef);
check('GET, signed as if it were a form', 'signature', method => 'GET',
    signed => [AccountSid => ACCOUNT]);
check('GET of no step', 'step', method => 'GET', step => 'voice/xyz');
check('GET of a step without its token', 'malformed', method => 'GET',
    step => 'voice/next');
check('GET of another account', 'account', method => 'GET',
    params => { AccountSid => $other });

# -- callers who do not say who they are --

check(sprintf("caller '%.20s'", $_), 200, params => { From => $_ })
    for '', qw(anonymous Restricted UNAVAILABLE unknown blocked private
    +266696687 +7378742833 +86282452253 +2562533 +8656696 12 sip:a@b.example
    client:jo), "\x{e9}", 'x' x 2000;

# -- the target as it was sent --

for my $target ('http://calls.example.com/qdn/twilio/voice',
    'https://elsewhere.example.com:99/qdn/twilio/voice') {
    check("absolute form $target", 200, target => $target);
}
check('a handler for more than the prefix', 200, target => '/wide/hooks/voice',
    signed_url => 'https://calls.example.com/wide/hooks/voice');
# Each is signed with our token for just this URL, so that only the way it is
# written speaks against it. Ours: httpd would have taken it for a webhook.
my @tricks = map { [$_, 'ours'] } qw(
    //qdn/twilio/voice /qdn//twilio/voice ///qdn/twilio/voice
    /./qdn/twilio/voice /qdn/./twilio/voice /x/../qdn/twilio/voice
    /qdn/x/../twilio/voice /x/%2e%2e/qdn/twilio/voice
    /%71dn/twilio/voice /qdn/%74wilio/voice /qdn/twili%6f/voice
    http://calls.example.com//qdn/twilio/voice
    http://calls.example.com/x/../qdn/twilio/voice http:/qdn/twilio/voice
    /wide /wide/voice /wide/hooksx/voice /wide/hooks.x /wide/../wide/hooks/x);
push @tricks, map { [$_] } qw(
    /qdn/twiliox /qdn/twilio.xml /qdn/twilio;a=1/voice
    /qdn/twilio%2Fvoice /qdn%2Ftwilio/voice /qdn/twilio%2F..%2Ftwilio/voice
    /qdn/twilio%00/voice /qdn/twilio%3Fvoice /qdn/%2574wilio/voice
    /QDN/twilio/voice /qdn/Twilio/voice /qdn/twilio%20/voice
    /qdn/twilio\\voice);
for my $trick (@tricks) {
    my ($target, $ours) = @$trick;
    my $url = $target =~ /^http:/ ? $target =~ s/^http:/https:/r
        : "https://calls.example.com$target";
    if ($ours) {
        check("$_ $target", 'target', method => $_, target => $target,
            signed_url => $url) for qw(POST GET);
        next;
    }
    my $got = $wire->ask(request(method => 'GET', target => $target,
        signed_url => $url));
    like($got->{status}, qr/^40[034]$/, "$target is nothing");
    unlike($got->{content}, qr/A file|<Dial/, "$target is no file");
    is_deeply(counted(), {}, "$target is no webhook");
}

# -- the body's way here --

{
    my $got = $wire->ask('GET', '/control', ['Accept-Encoding', 'gzip']);
    is($got->{headers}{'content-encoding'}, 'gzip', 'httpd does compress');

    for my $chunked (0, 1) {
        $httpd->fresh_log;
        my $small = QDN::Wire->new($httpd);
        $got = $small->ask(request(target => '/small/voice',
            params => { Pad => 'x' x 2000 }, chunked => $chunked));
        is($got->{status}, 413, 'LimitRequestBody: httpd has replied');
        unlike($got->{content} . $got->{rest}, qr/HTTP|qdn|body too/,
            '... and nobody replied again');
        is_deeply(counted(), {}, '... nor counted');
        unlike($httpd->fresh_log, qr/QDN/, '... nor logged');
    }
}
{
    $wire->send(join "\r\n", 'POST /qdn/twilio/voice HTTP/1.1', 'Host: a',
        'Content-Type: application/x-www-form-urlencoded',
        'Content-Length: 100', '', 'half');
    $wire->socket->shutdown(1);
    judge('a body that breaks off', 'broken', $wire->reply);
    $wire = QDN::Wire->new($httpd);
}
{
    # One client stalls, another sends a byte a second.
    my @slow = map { QDN::Wire->new($httpd) } 0, 1;
    my $began = time;
    $_->send(join "\r\n", 'POST /qdn/twilio/voice HTTP/1.1', 'Host: a',
        'Content-Type: application/x-www-form-urlencoded',
        'Content-Length: 1000', '', 'half') for @slow;
    my $dripping = fork // die "fork: $!\n";
    if (!$dripping) {
        while (sleep 1) { $slow[1]->send('x') }
    }
    my @got = map { $_->reply } @slow;
    kill 'KILL', $dripping;
    waitpid $dripping, 0;
    my $took = time - $began;
    ok($took >= 9 && $took <= 15, "both were waited for about 10 s: $took");
    is($_->{status}, 408, 'slow: 408') for @got;
    is($_->{content}, $reply{slow}[3], 'slow: our own words') for @got;
    is_deeply(counted(), { 'refused.timeout' => 2 }, 'slow: both counted');
    like($httpd->fresh_log, qr/QDN0621: .*QDN0621: /s, 'slow: both logged');
}

{
    my $strict = httpd(config => "$house\nRequestReadTimeout body=1\n")->start;
    my $slow = QDN::Wire->new($strict);
    $slow->send(join "\r\n", 'POST /qdn/twilio/voice HTTP/1.1', 'Host: a',
        'Content-Type: application/x-www-form-urlencoded',
        'Content-Length: 1000', '', 'half');
    my $got = $slow->reply;
    is("$got->{status} $got->{content}", "408 $reply{slow}[3]",
        'RequestReadTimeout is said in our words too');
    finish($strict);
}

# -- nobody was rung but by those who may --

{
    my $last = call_sid;
    check('a call after all that', 200, params => { CallSid => $last });
    cmp_ok(scalar($httpd->events($last, 2)), '>=', 2, 'its events are there');
    my $accepted = $counters->{'webhook.accepted'};
    my ($calls) = $httpd->sql(
        "SELECT count(DISTINCT call_sid) AS n FROM qdn_event");
    is($calls->{n}, $accepted, 'no other call has left anything');
    is($counters->{'webhook.repeated'}, 0, 'each was decided');
}

done_testing;
