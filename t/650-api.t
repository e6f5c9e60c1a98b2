# SPDX-License-Identifier: Apache-2.0
# The dashboard's API: every answer is as mod_qdn/dash/openapi.json describes
# it; who may see and change what; whose page may ask for a change; a daemon
# that hangs costs nobody a call.

use QDN::Test;
use QDN::Call;
use QDN::Dashboard;
use QDN::Fault qw(daemons);
use JSON::PP;
use Time::HiRes qw(sleep time);

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
my $httpd = httpd(config => $house . QDN::Dashboard::config() . <<'CONF');
<QDNLine +16195550109>
    QDNName "=1+2"
    QDNHop  sergio/primary
    QDNHop  ana/mobile
</QDNLine>
<Location "/monitor">
    SetHandler qdn-health
    AuthType Basic
    AuthName "Calls"
    AuthUserFile "@DIR@/people"
    Require valid-user
</Location>
<Location "/open">
    SetHandler qdn-dashboard
</Location>
<LocationMatch "^/lost">
    SetHandler qdn-dashboard
</LocationMatch>
AddOutputFilterByType DEFLATE application/json text/html
<VirtualHost *:*>
    DocumentRoot "@DIR@/htdocs"
    <Location "/a b/c">
        SetHandler qdn-dashboard
        AuthType Basic
        AuthName "Calls"
        AuthUserFile "@DIR@/people"
        Require valid-user
    </Location>
</VirtualHost>
CONF
my $page = QDN::Dashboard->new($httpd);
my ($url, $caller) = ('/qdn/dashboard', '+12025550123');
$httpd->start;
my $paths = $page->document->{paths};
expect_log('QDN0740');
allow_log('QDN0565');

# -- calls to ask about --

QDN::Call->new($httpd, sub {})->begin for 1 .. 3;
my $failover = QDN::Call->new($httpd, sub {});
$failover->begin && $failover->no_answer;
is $httpd->webhook('voice', { CallSid => call_sid, To => '+16195550109',
    From => '' })->{status}, 200, 'a call of somebody unknown';
$page->put('boss', 'ana', { state => 'away', why => 'dentist', until => '2h' });
eventually { @{ $page->ask('boss', 'GET', 'calls')->{json}{calls} } == 5
    && @{ $page->ask('boss', 'GET', 'audit')->{json}{entries} } >= 3 }
    'calls and changes can be asked for';
my $calls = $page->ask('boss', 'GET', 'calls')->{json}{calls};
my ($revision) = map { $_->{revision} } $page->ask('boss', 'GET', 'now')->{json};

# -- who sees what --

is $page->ask(undef, 'GET', 'me')->{status}, 401, 'no login: httpd asks for it';
my $nobody = $page->send(undef, 'GET', '/open/api/me');
is $nobody->{status}, 403, 'nobody to be known: refused';
like $nobody->{content}, qr/Require valid-user/, 'and told what is missing';
is $page->send('boss', 'GET', '/lost/api/me')->{status}, 500,
    'a handler that does not know where it begins';
my $stranger = $page->ask('stranger', 'GET', 'me');
is $stranger->{status}, 403, 'somebody without a role: refused';
like $stranger->{json}{remedy}, qr/QDNViewer.*QDNAdmin.*QDNLogin/,
    'and told of what names people';
is $page->send('stranger', 'GET', "$url/")->{status}, 403, 'also the page itself';
my %me = (boss => ['admin', 0], ana => ['operator', 0, 'ana'],
    desk => ['viewer', 1]);
for my $user (sort keys %me) {
    my ($role, $masked, @operators) = @{ $me{$user} };
    my $me = $page->ask($user, 'GET', 'me')->{json};
    is_deeply [@$me{qw(user role operators)}, !!$me->{masked}],
        [$user, $role, \@operators, !!$masked], "$user is $role";
}

# Every path of the description, with what its parts stand for.
my %part = (operator => 'ana', call_sid => $calls->[-1]{call_sid},
    revision => $revision);
sub filled {
    my ($path) = @_;
    $path =~ s/\{(\w+)\}/$part{$1}/g;
    return substr $path, 1;
}
for my $path (sort keys %$paths) {
    for my $user (qw(boss ana desk)) {
        my $answer = $page->ask($user, 'GET', filled($path)
            . ($path eq '/reports' ? '?from=20261101&to=20301130' : ''));
        next if $path =~ /revisions/ && $answer->{status} == 404;
        is $answer->{status}, 200, "$user sees $path";
        unlike $answer->{content}, qr/\Q$caller\E|6195550101|\+1 202 555 0123/,
            "$user sees no number in $path" if $user eq 'desk';
        like $answer->{headers}{'cache-control'}, qr/^no-(store|cache)$/,
            'which no cache keeps';
    }
    my $head = $page->ask('boss', 'HEAD', filled($path)
        . ($path eq '/reports' ? '?from=20261101&to=20301130' : ''));
    is $head->{content} // '', '', "HEAD of $path has no body";
    for my $method (qw(POST DELETE PATCH)) {
        my $refused = $page->ask('boss', $method, filled($path));
        is $refused->{status}, 405, "$method is refused for $path";
        is $refused->{headers}{allow},
            $paths->{$path}{put} ? 'GET, HEAD, PUT' : 'GET, HEAD', 'and why';
    }
}
is $page->send('boss', 'GET', "$url/api/$_")->{status}, 404, "no api/$_"
    for '', 'calls/', 'calls/CA1', 'operators/ana', 'operators/ana/status/x',
        'operators/a%2Fb/status', 'me/', 'audit/verify/x', 'revisions/XYZ';

# -- parameters --

for my $path (sort keys %$paths) {
    for my $param (@{ $paths->{$path}{get}{parameters} || [] }) {
        my $value = $param->{example};
        $value =~ s/\+/%2B/g;
        my $more = $path ne '/reports' ? ''
            : $param->{name} eq 'from' ? '&to=20301130' : '&from=20260101';
        my $answer = $page->ask('boss', 'GET',
            filled($path) . "?$param->{name}=$value$more");
        isnt $answer->{status}, 400, "$path?$param->{name}=$value" unless
            $path eq '/reports';
        for my $bad ("$param->{name}=%01", "$param->{name}=",
            $param->{name}, "$param->{name}=$value&$param->{name}=$value") {
            is $page->ask('boss', 'GET', filled($path) . "?$bad")->{status},
                400, "$path?$bad is refused";
        }
    }
    my $unknown = $page->ask('boss', 'GET', filled($path) . '?frobnicate=1');
    is $unknown->{status}, 400, "$path knows no ?frobnicate";
    like $unknown->{json}{detail}, qr/'frobnicate'/, 'and says its name';
}
my $found = $page->ask('boss', 'GET', 'calls?failover=1')->{json}{calls};
is_deeply [map { $_->{call_sid} } @$found], [$failover->{sid}],
    'a filter holds';
my $first = $page->ask('boss', 'GET', 'calls?limit=2')->{json};
my $second = $page->ask('boss', 'GET', "calls?limit=2&before=$first->{next}");
is_deeply [map { $_->{call_sid} } @{ $first->{calls} },
    @{ $second->{json}{calls} }], [map { $_->{call_sid} } @$calls[0 .. 3]],
    'pages follow each other';

# -- numbers that viewers do not see --

for my $query ('number=202', 'number=%2B1', 'q=0123', 'q=ana+1') {
    my $refused = $page->ask('desk', 'GET', "calls?$query");
    is $refused->{status}, 403, "a viewer cannot search: $query";
    is $page->ask('ana', 'GET', "calls?$query")->{status}, 200, 'others can';
}
is $page->ask('desk', 'GET', 'calls?q=ana')->{status}, 200, 'but names';
my $seen = $page->ask('desk', 'GET', 'calls')->{json}{calls}[-1];
is $seen->{caller}, "+1202\x{2026}\x{2026}23", 'a number without its middle';
is $seen->{line}, '+16195550100', 'that of a line is whole';

# -- exports --

my $csv = $page->ask('boss', 'GET', 'calls.csv');
like $csv->{headers}{'content-disposition'},
    qr/^attachment; filename="calls-\d{4}-\d\d-\d\d\.csv"$/, 'a file';
my @rows = split /\r\n/, $csv->{content}, -1;
is pop @rows, '', 'CSV ends with a line end';
is scalar @rows, 6, 'titles and five calls';
like $rows[0], qr/^\xef\xbb\xbfNumber,Name of the number,Caller,Began,/,
    'titles in plain words';
like $rows[1], qr/^\+1 619 555 0109,'=1\+2,,\d{4}-\d\d-\d\d \d\d:\d\d UTC,/,
    'a formula is made harmless, times name their zone';
like $rows[5], qr/^\+1 619 555 0100,Queen of San Diego,\+1 202 555 0123,/,
    'numbers can be read';
like $rows[5], qr/ P[SD]T,/, 'in the zone of the line';
my $json = $page->ask('boss', 'GET', 'calls.json?failover=1')->{json};
is scalar @{ $json->{calls} }, 1, 'JSON, with a filter';
is scalar(@{ $page->ask('boss', 'GET', 'calls.json')->{json}{calls} }), 5,
    'all of them';
is $page->ask('boss', 'GET', 'calls.csv?outcome=failed')->{content} =~
    tr/\n//, 1, 'nothing found: titles alone';

# More than the daemon gives at a time.
QDN::Call->new($httpd, sub {})->begin for 1 .. 520;
eventually { ($page->send('boss', 'GET', "$url/api/calls.csv")->{content}
    =~ tr/\n//) == 526 } 'pages make one file';
my %sids = map { $_->{call_sid} => 1 }
    @{ $page->ask('boss', 'GET', 'calls.json')->{json}{calls} };
is scalar keys %sids, 525, 'and no call is left out or told twice';

# -- conditional requests --

for my $path ("$url/", "$url/app.js", "$url/api/lines", "$url/api/operators",
    "$url/api/now", "$url/api/calls", "$url/api/openapi.json") {
    for my $coding ('identity', 'gzip') {
        my %headers = ('Accept-Encoding' => $coding);
        my $answer = $page->send('ana', 'GET', $path, headers => \%headers);
        my $etag = $answer->{headers}{etag};
        like $etag, qr/^"[0-9a-f]{32}(-gzip)?"$/, "$path has an ETag, $coding";
        sleep 0.01;
        for my $tag ($etag, qq("x", $etag), "W/$etag") {
            my $same = $page->send('ana', 'GET', $path, headers =>
                { %headers, 'If-None-Match' => $tag });
            is $same->{status}, 304, "it is known: $tag";
            is $same->{content} // '', '', 'and not sent again';
        }
        is $page->send('ana', 'GET', $path, headers =>
            { %headers, 'If-None-Match' => '"x"' })->{status}, 200,
            'another is sent';
    }
    my $policy = $page->send('ana', 'GET', $path)->{headers};
    like $policy->{'content-security-policy'},
        qr/^default-src 'none';.* frame-ancestors 'none'$/, 'a strict CSP';
    unlike $policy->{'content-security-policy'}, qr/unsafe/, 'without holes';
    is $policy->{'x-content-type-options'}, 'nosniff', 'nosniff';
}
isnt $page->send('desk', 'GET', "$url/api/calls")->{headers}{etag},
    $page->send('ana', 'GET', "$url/api/calls")->{headers}{etag},
    'whoever sees something else has another ETag';
my $moved = $page->send('ana', 'GET', "$url?a=b");
is "$moved->{status} $moved->{headers}{location}", "301 $url/?a=b",
    'without its slash the page is elsewhere';
is $page->send('ana', 'GET', "$url/none.js")->{status}, 404, 'no such file';
is $page->send('ana', 'GET', '/a%20b/c/api/me')->{status}, 200,
    'also inside a virtual host, at an odd path';
is $page->send('ana', 'GET', '/a%20b/c')->{headers}{location}, '/a%20b/c/',
    'which has its slash, too';
is $page->send('ana', 'POST', "$url/")->{status}, 405, 'a page takes no POST';

# -- changes --

my $away = { state => 'away', why => 'lunch', until => '2h' };
my %status = (stranger => 403, desk => 403, sergio => 403, ana => 200,
    boss => 200);
for my $user (sort keys %status) {
    is $page->put($user, 'ana', $away)->{status}, $status{$user},
        "$user changes ana: $status{$user}";
}
is $page->put('boss', 'nobody', $away)->{status}, 404, 'nobody is not there';
my $before = $page->ask('ana', 'GET', 'operators/ana/status');
is $before->{json}{standing}{who}, 'boss', 'who has set it';

my @foreign = (
    { 'Sec-Fetch-Site' => 'cross-site' }, { 'Sec-Fetch-Site' => 'same-site' },
    { 'Sec-Fetch-Site' => 'none' },
    { Origin => 'http://evil.example.com' }, { Origin => 'null' },
    { Origin => 'https://127.0.0.1:' . $httpd->{port} },
    { Origin => 'http://127.0.0.1' }, {},
    { 'Sec-Fetch-Site' => 'cross-site',
        Origin => 'http://127.0.0.1:' . $httpd->{port} });
for my $headers (@foreign) {
    my $text = join ', ', map { "$_: $headers->{$_}" } sort keys %$headers;
    my $refused = $page->ask('ana', 'PUT', 'operators/ana/status', headers =>
        { 'Content-Type' => 'application/json', %$headers },
        content => '{"state":"auto"}');
    is $refused->{status}, 403, "another site's page: $text";
}
for my $type ('application/x-www-form-urlencoded', 'text/plain',
    'multipart/form-data; boundary=x', 'application/jsonp', '') {
    is $page->put('ana', 'ana', '{"state":"auto"}', 'Content-Type' => $type)
        ->{status}, 415, "what a form can send: $type";
}
is_deeply $page->ask('ana', 'GET', 'operators/ana/status')->{json}{standing},
    $before->{json}{standing}, 'nothing of that has changed anything';
is $page->ask('ana', 'PUT', 'operators/ana/status', content => encode_json($away),
    headers => { 'Content-Type' => 'application/json; charset=utf-8',
        Origin => "http://127.0.0.1:$httpd->{port}" })->{status}, 200,
    'a program says Origin';

my @malformed = ('', '[]', '"x"', '{', '{"state":"away"', '{}x',
    '{"state":"gone","why":"x"}', '{"state":"away"}',
    '{"state":"away","why":""}', '{"state":"away","why":7}',
    '{"state":"away","why":"x","until":"soon"}',
    '{"state":"away","why":"x","until":1.5}',
    '{"state":"away","why":"x","anyway":"yes"}',
    '{"state":"away","why":"x","anyway":null}',
    '{"state":"away","state":"auto","why":"x"}',
    '{"state":"auto","operator":"sergio"}', '{"state":"auto","who":"boss"}',
    '{"why":"x"}', '{"state":"away","why":"\\u12"}', "{\"state\":\"auto\"}\0",
    encode_json({ state => 'away', why => 'x' x 401 }),
    encode_json({ state => 'away', why => "\x{1}" x 400, until => '1' x 3000 }));
for my $body (@malformed) {
    is $page->put('boss', 'ana', $body)->{status}, 400,
        'malformed: ' . substr $body =~ s/[^ -~]/?/gr, 0, 50;
}
is $page->put('boss', 'ana', { state => 'away', why => 'x' x 9000 })->{status},
    413, 'too long';

my $stale = $before->{headers}{etag};
my $fresh = $page->ask('ana', 'GET', 'operators/ana/status')->{headers}{etag};
isnt $fresh, $stale, 'a change changes the ETag';
is $page->put('ana', 'ana', $away, 'If-Match' => $stale)->{status}, 412,
    'a stale If-Match';
is $page->put('ana', 'ana', $away, 'If-Match' => $fresh)->{status}, 200,
    'a fresh one';
is $page->put('ana', 'ana', $away, 'If-Match' => '*')->{status}, 200, 'any';

my $empty = $page->put('boss', 'sergio', $away);
is $empty->{status}, 409, 'a number would be left with nobody';
is_deeply [sort map { $_->{line} } @{ $empty->{json}{empty} }],
    ['+16195550100', '+16195550109'], 'it is told which';
my $anyway = $page->put('boss', 'sergio', { %$away, anyway => JSON::PP::true });
is $anyway->{status}, 200, 'anyway';
is $page->put('boss', 'sergio', $anyway->{json}{undo})->{status}, 200, 'undone';
is $page->ask('boss', 'GET', 'operators/sergio/status')->{json}{standing},
    undef, 'as it was before';
my $undo = $page->put('ana', 'ana', { state => 'available', why => 'back' });
$page->put('ana', 'ana', $undo->{json}{undo});
is $page->ask('ana', 'GET', 'operators/ana/status')->{json}{standing}{why},
    'lunch', 'also what stood there';

# -- a daemon that hangs --

# In processes of their own: [path, status, seconds, content].
sub together {
    my (@asked) = @_;
    my @pipes = map {
        my $code = $_;
        my $pid = open(my $pipe, '-|') // die "fork: $!\n";
        if (!$pid) {
            my $began = time;
            my $answer = $code->();
            print encode_json([$answer->{status}, time - $began,
                $answer->{content}]);
            close STDOUT;
            POSIX::_exit(0);
        }
        $pipe;
    } @asked;
    return map { local $/; decode_json(scalar readline $_) } @pipes;
}

is_deeply [map { $_->[0] } together(
    (sub { $page->send('ana', 'GET', '/monitor') }) x 60)], [(200) x 60],
    'a crowd of monitors is no trouble';
my ($daemon) = daemons($httpd);
kill 'STOP', $daemon;
my @answers = together(
    (sub { $page->send('ana', 'GET', "$url/api/now") }) x 12,
    (sub { sleep 1; $httpd->webhook('voice', { CallSid => call_sid }) }) x 4);
kill 'CONT', $daemon;
my @called = splice @answers, 12;
is_deeply [map { $_->[0] } @answers], [(503) x 12], 'whoever asks is told so';
cmp_ok +(sort { $b <=> $a } map { $_->[1] } @answers)[0], '<', 4,
    'within three seconds and a bit';
ok +(grep { $_->[1] < 1 && $_->[2] =~ /Too many people/ } @answers) >= 4,
    'four of a child wait, the others are told at once';
ok +(grep { $_->[2] =~ /does not answer in time/ } @answers) >= 4, 'why';
is_deeply [map { $_->[0] } @called], [(200) x 4], 'callers are answered';
cmp_ok +(sort { $b <=> $a } map { $_->[1] } @called)[0], '<', 2,
    'and do not wait';
eventually { $page->send('ana', 'GET', "$url/api/now")->{status} == 200 }
    'it goes on where it has stopped';
is $page->ask('ana', 'GET', 'now')->{status}, 200, 'as before';

# -- where each child is one worker --

my $prefork = httpd(mpm => 'prefork', config => $house
    . QDN::Dashboard::config());
my $office = QDN::Dashboard->new($prefork);
$prefork->start;
eventually { $office->send('ana', 'GET', "$url/api/now")->{status} == 200 }
    'prefork: the daemon answers';
($daemon) = daemons($prefork);
kill 'STOP', $daemon;
@answers = together(
    (sub { $office->send('ana', 'GET', "$url/api/now") }) x 20,
    (sub { sleep 1; $prefork->webhook('voice', { CallSid => call_sid }) }) x 4);
kill 'CONT', $daemon;
@called = splice @answers, 20;
is scalar(grep { $_->[2] =~ /does not answer in time/ } @answers), 4,
    'prefork: four of all children wait';
is_deeply [map { $_->[0] } @called], [(200) x 4], 'callers are answered';
cmp_ok +(sort { $b <=> $a } map { $_->[1] } @called)[0], '<', 2,
    'and do not wait';

done_testing;
