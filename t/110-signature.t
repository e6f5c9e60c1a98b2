# SPDX-License-Identifier: Apache-2.0
# Signatures made by Twilio's own libraries, sent to a running module as they
# would arrive; and tokens that are exchanged while calls come in.

use QDN::Test;
use QDN::Twilio qw(ACCOUNT TOKEN);
use QDN::Wire;

use JSON::PP;

expect_log(qw(QDN0514 QDN0515 QDN0516 QDN0611 QDN0612 QDN0101));
allow_log('QDN0901');

my $house = QDN::Httpd::slurp("$QDN::Httpd::T/lib/house.conf");
my $file  = QDN::Httpd::slurp("$QDN::Httpd::T/data/signature-vectors.json");
my @all   = @{ JSON::PP->new->utf8->decode($file)->{vectors} };
is(scalar @all, 52, 'all vectors are read');

# The account that some vectors name; the others name none.
my $sid = 'AC' . 'a' x 32;

# No server of ours can be asked these: QDNPublicURL refuses their address.
my %impossible = (
    'scheme-mismatch'           => qr/is not encrypted/,
    'userinfo-kept-in-url'      => qr/has a user name/,
    'bare-host-signed-no-slash' => qr/need a path of their own/,
    'bare-host-signed-slash'    => qr/has no path/,
    'path-dots'                 => qr/has a path with other characters/,
);

# Official libraries disagree about this one, so either is right.
my @optional = qw(repeated-utf16-order);

# ("https://example.com/hook", "/hook", "?a=1"): QDNPublicURL, prefix, rest.
# The whole path is the prefix, so that each vector's own target is sent.
sub address {
    my ($url) = @_;
    my ($base, $query) = $url =~ /^([^?]*)(.*)/s;
    my $slash = $base =~ s{(?<=[^/])(/)\z}{} ? $1 : '';
    $base .= $slash, $slash = '' if $base =~ m{^\w+://[^/]+\z};
    my ($path) = $base =~ m{^\w+://[^/]*(.*)};
    return ($base, $path, "$slash$query");
}

sub location {
    my ($base, $path) = @_;
    return qq(<Location "$path">\n    SetHandler qdn-twilio\n)
        . "    QDNPublicURL $base\n</Location>\n";
}

# -- which addresses can be ours --

my %wrong;
my @possible;
{
    my $asked = httpd(config => '');
    my %says;
    for my $vector (@all) {
        my ($base, $path) = address($vector->{request_url});
        if (!defined $says{$base}) {
            $asked->reconfigure($house . location($base, $path || '/'));
            my ($status, $text) = $asked->configtest;
            $says{$base} = $status ? $text : '';
        }
        push @possible, $vector unless $says{$base};
        $wrong{ $vector->{id} } = $says{$base} if $says{$base};
    }
}
is_deeply([sort keys %wrong], [sort keys %impossible],
    'only the listed ones cannot be asked');
like($wrong{$_}, $impossible{$_}, "$_ for its reason")
    for sort keys %impossible;

# -- every other vector --

# As few servers as possible: of one token, with each path once.
my @servers;
for my $vector (@possible) {
    my ($base, $path) = address($vector->{request_url});
    my $token = $vector->{auth_token};
    my ($server) = grep { $_->{token} eq $token
        && ($_->{bases}{$path} // $base) eq $base } @servers;
    push @servers, $server = { token => $token } unless $server;
    $server->{bases}{$path} = $base;
    push @{ $server->{vectors} }, $vector;
}

sub tags {
    my ($httpd) = @_;
    return join ' ', $httpd->fresh_log =~ /\[qdn:warn\] .*?(QDN\d{4}): /g;
}

my $asked = 0;
for my $server (@servers) {
    my $bases = $server->{bases};
    my $httpd = httpd(public => 'https://calls.example.com/qdn/twilio',
        secrets => "TWILIO_ACCOUNT_SID=$sid\n"
            . "TWILIO_AUTH_TOKEN=$server->{token}\n",
        config => join '', $house,
            map { location($bases->{$_}, $_) } sort keys %$bases)->start;
    $httpd->fresh_log;
    for my $vector (@{ $server->{vectors} }) {
        my (undef, $path, $rest) = address($vector->{request_url});
        my $type = $vector->{content_type};
        my $body = $vector->{body};
        utf8::encode($body);
        my $post = $vector->{method} eq 'POST';
        my $got  = QDN::Wire->new($httpd)->ask($vector->{method},
            "$path$rest", ['X-Twilio-Signature', $vector->{signature},
                defined $type ? ('Content-Type', $type) : ()],
            $post ? $body : undef);
        my $seen = "$got->{status} " . tags($httpd);
        # Who has signed is seen first, whose call it is and what comes after.
        my $accepted = "$vector->{request_url}&$body" =~ /AccountSid=$sid/
            ? '404 QDN0516' : '403 QDN0515';
        my %right = (accept => $accepted, reject => '403 QDN0514',
            optional => $seen eq $accepted ? $accepted : '403 QDN0514');
        is($seen, $right{ $vector->{expect} },
            "$vector->{expect}: $vector->{id}");
        $asked++;
    }
    finish($httpd);
}
is($asked, @all - keys %impossible, 'every vector that can be was asked');
is_deeply([map { $_->{id} } grep { $_->{expect} eq 'optional' } @possible],
    \@optional, 'optional are only those listed');

# -- tokens are exchanged --

my $next  = 'fedcba9876543210' x 2;
my $third = '0011223344556677' x 2;
my $httpd = httpd()->start;

sub secrets {
    my ($first, $second) = @_;
    return "TWILIO_ACCOUNT_SID=" . ACCOUNT . "\nTWILIO_AUTH_TOKEN=$first\n"
        . ($second ? "TWILIO_AUTH_TOKEN_SECONDARY=$second\n" : '');
}

# Which of the tokens are accepted, in the order $next, TOKEN, $third, ''?
sub accepted {
    return join ' ', map {
        $httpd->webhook('voice', { CallSid => call_sid }, token => $_)
            ->{status} == 200 ? 'yes' : 'no'
    } $next, TOKEN, $third, '';
}

sub health {
    my $health = $httpd->await(sub { $httpd->daemon('health') }) || {};
    return "$health->{health} $health->{secrets}";
}

# [what happens to the file, its text, its mode, accepted, health]: never
# green, since those that are refused stay known over restarts.
my @days = (
    ['both are given', secrets(TOKEN, $next), 0600, 'yes yes no no',
        'amber ok'],
    ['the second is promoted', secrets($next, TOKEN), 0600, 'yes yes no no',
        'amber ok'],
    ['the first is gone', secrets($next), 0600, 'yes no no no', 'amber ok'],
    ['the file is readable by others', secrets($third), 0644,
        'yes no no no', 'red kept'],
    ['the file is gone', undef, 0600, 'yes no no no', 'red kept'],
    ['the file is empty', '', 0600, 'yes no no no', 'red kept'],
    ['the file is no dotenv', "TWILIO_AUTH_TOKEN\n", 0600, 'yes no no no',
        'red kept'],
    ['the file lacks the token', "TWILIO_ACCOUNT_SID=" . ACCOUNT . "\n", 0600,
        'yes no no no', 'red kept'],
    ['the token is empty', secrets(''), 0600, 'yes no no no', 'red kept'],
    ['the file is repaired', secrets($third), 0600, 'no no yes no',
        'amber ok'],
);
is(accepted(), 'no yes no no', 'at first one token is accepted');
for my $day (@days) {
    my ($what, $text, $mode, $accepted, $health) = @$day;
    $httpd->write_secrets($text // '', $mode);
    unlink "$httpd->{dir}/secrets.env" unless defined $text;
    $httpd->fresh_log;
    ok($httpd->graceful, "$what: httpd goes on");
    is(health(), $health, "$what: health is $health");
    is(accepted(), $accepted, "$what: accepted is $accepted");
    my $log = $httpd->fresh_log;
    my $kept = $health =~ /kept/;
    is(scalar(() = $log =~ /QDN0611: .*httpd\.conf:\d+: .*stay in force/g),
        $kept ? 1 : 0, "$what: the log says so");
    unlike($log, qr/$next|$third|@{[TOKEN]}/, "$what: and tells no secret");
}
unlike($httpd->log_text, qr/$next|$third|@{[TOKEN]}/, 'no token in the log');

# -- two sources of one account, of which only one can be read again --

$httpd->stop;
$httpd = httpd(config => $house
    =~ s{^<QDNLine \+16195550100>\n}{$&QDNSecrets dotenv:\@DIR\@/line.env\n}mr);
QDN::Httpd::spew("$httpd->{dir}/line.env", secrets(TOKEN), 0600);
$httpd->start;
is(accepted(), 'no yes no no', 'two sources agree: their token is accepted');
unlink "$httpd->{dir}/line.env" or die "line.env: $!\n";
$httpd->write_secrets(secrets($next));
$httpd->fresh_log;
ok($httpd->graceful, 'one changes, the other is gone: httpd goes on');
is(health(), 'red missing', 'health says that secrets are missing');
is(accepted(), 'no no no no', 'calls of their line are refused');
my $log = $httpd->fresh_log;
like($log, qr/QDN0611: .*different tokens .* calls that need them are refused/,
    'the log says so');
unlike($log, qr/$next|@{[TOKEN]}/, 'and tells no secret');

# -- a calendar's key is gone while the token is exchanged --

$httpd->stop;
$httpd = httpd(config => $house =~ s{^(<QDNOperator ana>\n)}
    {$1    QDNCalendar google:ana\@example.com\n}mr);
sub with_key { return secrets($_[0]) . "GOOGLE_SERVICE_ACCOUNT_FILE=/no/key\n" }
$httpd->write_secrets(with_key(TOKEN));
my ($status, $told) = $httpd->configtest;
is($status, 0, 'a calendar that has lost its key: configtest passes');
like($told, qr{/no/key}, 'and warns');
$httpd->start;
is(accepted(), 'no yes no no', 'httpd starts, the token is accepted');
$httpd->write_secrets(with_key($next));
ok($httpd->graceful, 'the token is exchanged');
is(accepted(), 'yes no no no', 'the new one is accepted');

done_testing;
