# SPDX-License-Identifier: Apache-2.0
# qdn-health: every check made red or amber for real, and green again; what
# whom is told; how it answers while the daemon hangs.

use QDN::Test;
use QDN::Fault qw(daemons);
use QDN::Mishap;
use QDN::Postgres;
use QDN::Twilio qw(ACCOUNT TOKEN);
use Errno qw(ENOSPC);
use JSON::PP;
use MIME::Base64 qw(encode_base64);
use POSIX qw(strftime);
use Time::HiRes qw(sleep time);

use constant PROBE => 25;    # seconds until the disk is looked at again

my @checks = qw(secrets journal drain database availability webhooks rotation
    disk daemon);
my $mishap   = QDN::Mishap->new;
my $postgres = QDN::Postgres->new->start;
my $httpd    = httpd(mishap => $mishap, database => 'pgsql',
    dsn => $postgres->{dsn}, config => <<'CONF'
<Location "/qdn/health-known">
    SetHandler qdn-health
    AuthType Basic
    AuthName "office"
    AuthUserFile "@DIR@/people"
    Require valid-user
</Location>
QDNAdmin boss
QDNHolidays @DIR@/holidays.ics
CONF
    . QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf"));
my $holidays = "$httpd->{dir}/holidays.ics";

# Passwords: "x", as crypt(3) has it.
QDN::Httpd::spew("$httpd->{dir}/people",
    join '', map { "$_:" . crypt('x', '$1$abcdefgh$') . "\n" }
        qw(boss stranger));

sub secrets {
    my ($created) = @_;
    $httpd->write_secrets("TWILIO_ACCOUNT_SID=" . ACCOUNT . "\n"
        . "TWILIO_AUTH_TOKEN=" . TOKEN . "\n"
        . "TWILIO_API_KEY=SK" . '1' x 32 . "\n"
        . "TWILIO_API_SECRET=" . 'a1' x 16 . "\n"
        . ($created ? "TWILIO_API_KEY_CREATED=$created\n" : ''));
    return;
}

sub days_ago { return strftime '%Y-%m-%d', gmtime time - $_[0] * 86400 }

# -- asking --

sub anybody {
    my ($method) = @_;
    return $httpd->request($method // 'GET', '/qdn/health');
}

sub ask_as {
    my ($who) = @_;
    return $httpd->request('GET', '/qdn/health-known', { headers => {
        Authorization => 'Basic ' . encode_base64("$who:x", '') } });
}

sub report { return decode_json(ask_as('boss')->{content}) }

sub check {
    my ($name) = @_;
    return (grep { $_->{name} eq $name } @{ report()->{checks} })[0] || {};
}

# The check gets that colour, with a sentence that fits; and all who tell of
# health tell the same.
sub turns_ok {
    my ($name, $colour, $what, $patience) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $is = {};
    ok($httpd->await(sub {
        $is = check($name);
        ($is->{colour} // '') eq $colour && $is->{what} =~ $what;
    }, $patience // 10), "$name: $colour") or diag explain $is;
    if ($colour eq 'green') {
        is $is->{do}, undef, "$name: nothing is to be done";
    }
    else {
        like $is->{do}, qr/^The [a-z ]+: ./, "$name: who must do what";
        like +($httpd->qdnctl('doctor', '--state', "$httpd->{dir}/state"))[1],
            qr/^    \Q$is->{do}\E$/m, "$name: doctor says so, too";
        is $httpd->daemon('health')->{health}, $colour, "$name: doctor agrees"
            unless $colour eq 'amber' && report()->{health} eq 'red';
    }
    my $code = report()->{health} eq 'red' ? 503 : 200;
    ok($httpd->await(sub { anybody()->{status} == $code }),
        "$name: monitors are told $code");
    return;
}

# -- all is well --

QDN::Httpd::spew($holidays, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    . "PRODID:x\r\nEND:VCALENDAR\r\n");
secrets();
$httpd->start;
ok $httpd->await(sub { anybody()->{status} == 200 }), 'healthy';
my $reply = anybody();
is $reply->{content}, '{"status":"pass"}', 'anybody learns the verdict alone';
is $reply->{headers}{'content-type'}, 'application/health+json',
    'as health+json';
is $reply->{headers}{'cache-control'}, 'no-store', 'and nobody keeps it';
my $head = anybody('HEAD');
is "$head->{status} " . ($head->{content} // ''), '200 ', 'HEAD works';
is anybody('POST')->{status}, 405, 'POST does not';
is ask_as('stranger')->{content}, '{"status":"pass"}',
    'a login without a role learns no more';
ok $httpd->await(sub {
    my $report = report();
    $report->{status} eq 'pass' && $report->{checks}[1]{what} =~ /tried \d+ s/;
}), 'an admin is told everything' or diag explain report();
my $report = report();
is_deeply [map { $_->{name} } @{ $report->{checks} }], \@checks,
    'all checks, in their order';
is_deeply [grep { $_->{colour} ne 'green' } @{ $report->{checks} }], [],
    'all green';
ok $httpd->await(sub { report()->{feeds}[0]{state} eq 'good' }),
    'sources are told of';
is_deeply [sort map { $_->{name} } @{ $report->{credentials} }],
    [qw(TWILIO_API_KEY TWILIO_AUTH_TOKEN)], 'and credentials';
unlike encode_json($report), qr/@{[TOKEN]}|a1a1a1/, 'but no secret';

# -- journal and disk --

$mishap->set(write => ENOSPC, room => 50 << 20);
turns_ok('journal', 'red', qr/No space left/, PROBE);
turns_ok('disk', 'red', qr/Only 50 MiB/);
$mishap->set(write => ENOSPC, room => 500 << 20);
turns_ok('disk', 'amber', qr/Only 500 MiB/);
$mishap->end;
turns_ok('journal', 'green', qr/can be written/);
turns_ok('disk', 'green', qr/are free/);
$mishap->set(hang => 1);
turns_ok('journal', 'red', qr/does not answer/, PROBE);
$mishap->end;
turns_ok('journal', 'green', qr/can be written/);

# -- database --

$postgres->stop;
$httpd->webhook('voice', { CallSid => call_sid });
turns_ok('database', 'amber', qr/does not take rows|does not answer/, 20);
$postgres->start;
turns_ok('database', 'green', qr/The database answers/, 20);
turns_ok('drain', 'green', qr/is in the database/);
like check('webhooks')->{what}, qr/came on \d{4}-/, 'the last webhook is told';
allow_log(qw(QDN0311 QDN0551 QDN0602 QDN0901));

# -- availability --

unlink $holidays;
$httpd->graceful;
turns_ok('availability', 'amber', qr/holidays/, 20);
QDN::Httpd::spew($holidays, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    . "PRODID:x\r\nEND:VCALENDAR\r\n");
$httpd->graceful;
turns_ok('availability', 'green', qr/answers/, 20);

# -- secrets and their age --

chmod 0644, "$httpd->{dir}/secrets.env";
$httpd->graceful;
turns_ok('secrets', 'red', qr/could not be read again/);
expect_log('QDN0611');
secrets(days_ago(100));
$httpd->graceful;
turns_ok('secrets', 'green', qr/credentials are loaded/);
turns_ok('rotation', 'amber', qr/TWILIO_API_KEY is older/);
my ($key) = grep { $_->{name} eq 'TWILIO_API_KEY' }
    @{ report()->{credentials} };
like $key->{age_days}, qr/^(99|100)$/, 'its age is told';
like $key->{rotate_in_days}, qr/^-/, 'and that it is overdue';
secrets(days_ago(10));
$httpd->graceful;
turns_ok('rotation', 'green', qr/older than 90 days/);

# -- the daemon --

my ($daemon) = daemons($httpd);
kill 'STOP', $daemon;
ok $httpd->await(sub { anybody()->{status} == 503 }, 5),
    'a daemon that hangs is soon noticed';
my $began = time;
anybody() for 1 .. 100;
cmp_ok time - $began, '<', 5, 'a flood of questions waits for nobody';
$began = time;
$reply = ask_as('boss');
cmp_ok time - $began, '<', 1.5, 'who has a right waits for less than a second';
is $reply->{status}, 503, 'and is told 503';
$report = decode_json($reply->{content});
is $report->{status}, 'fail', 'that it fails';
like $report->{checks}[0]{what}, qr/daemon of mod_qdn does not answer/, 'and why';
kill 'CONT', $daemon;
ok $httpd->await(sub { anybody()->{status} == 200 }), 'and is well again';
turns_ok('daemon', 'green', qr/has been running since/);

# -- what is remembered for a quarter of an hour --

is $httpd->webhook('voice', { CallSid => call_sid }, signature => 'x')
    ->{status}, 403, 'a webhook with a bad signature';
turns_ok('webhooks', 'amber', qr/No webhook with a good signature came since/);
$httpd->webhook('voice', { CallSid => call_sid });
ok $httpd->await(sub { check('webhooks')->{what} !~ /came since/ }),
    'after a good one it was somebody else';
expect_log('QDN0514');
QDN::Httpd::spew("$httpd->{dir}/state/journal/other-1-0.00000000.jsonl",
    "{\"not\":\"an event\"}\n", 0600);
turns_ok('drain', 'amber', qr/put aside|torn/i);
allow_log(qw(QDN0312 QDN0313 QDN0314));

done_testing;
