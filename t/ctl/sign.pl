# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use Encode 'encode_utf8';
use FindBin;
use lib "$FindBin::Bin/../lib";
use QDN::Ctl;
use Test::More;

sub sign {
    my ($token, $args, $body) = @_;
    my $secrets = secrets_file("TWILIO_AUTH_TOKEN='$token'\n");
    return run_ctl(['sign', '--secrets', "dotenv:$secrets", @$args,
        defined $body ? ('--body', '-') : ()], $body);
}

# Every vector that Twilio's own libraries made or judged.
my ($accepted, $rejected, $printed) = (0, 0, 0);
my %tokens;
for my $v (vectors()) {
    my $body = $v->{method} eq 'GET' ? undef : encode_utf8($v->{body} // '');
    my @type = $v->{content_type} ? ('--content-type', $v->{content_type}) : ();
    my $run = sign($v->{auth_token}, ['--url', encode_utf8($v->{request_url}),
        '--method', $v->{method}, @type, '--verify', $v->{signature}], $body);

    $tokens{ $v->{auth_token} } = 1;
    if ($v->{expect} eq 'accept') {
        is $run->{status}, 0, "$v->{id} fits";
        $accepted++;
    }
    elsif ($v->{expect} eq 'reject') {
        is $run->{status}, 1, "$v->{id} does not fit";
        $rejected++;
        next;
    }
    else {
        like $run->{status}, qr/^[01]$/, "$v->{id} is left to the verifier";
        next;
    }
    next if $v->{signed_url} ne $v->{request_url};
    $run = sign($v->{auth_token}, ['--url', encode_utf8($v->{request_url}),
        '--method', $v->{method}, @type], $body);
    is $run->{out}, "$v->{signature}\n", "$v->{id} is signed alike";
    $printed++;
}
cmp_ok $accepted, '>', 30, 'vectors to accept';
cmp_ok $rejected, '>', 9, 'vectors to reject';
cmp_ok $printed, '>', 25, 'vectors to sign';

# The signature is of exactly that URL; verification tries the port.
my $token = '0f' x 16;
my $url = 'https://calls.example.com/qdn/twilio/voice';
my $with = 'https://calls.example.com:443/qdn/twilio/voice';
my $plain = sign($token, ['--url', $url])->{out};
chomp $plain;
like $plain, qr{^[A-Za-z0-9+/]{27}=$}, 'a signature is 28 characters';
isnt sign($token, ['--url', $with])->{out}, "$plain\n",
    'another URL, another signature';
is sign($token, ['--url', $with, '--verify', $plain])->{status}, 0,
    'verified with the port added';
is sign($token, ['--url', "$url?", '--verify', $plain])->{status}, 1,
    'not with a ? added';
is json_of(sign($token, ['-j', '--url', $url]))->{signature}, $plain,
    '-j: the signature';
ok json_of(sign($token, ['--url', $url, '--verify', $plain, '-j']))->{fits},
    '-j: it fits';
ok !json_of(sign($token, ['--url', "$url/", '--verify', $plain, '-j']))->{fits},
    '-j: it does not';
is sign($token, ['--url', $url, '--verify', ''])->{status}, 1,
    'nothing is no signature';

# Two tokens while one is rotated: both verify, the first one signs.
my $both = secrets_file("TWILIO_AUTH_TOKEN=@{['aa' x 16]}\n"
    . "TWILIO_AUTH_TOKEN_SECONDARY=$token\n");
is run_ctl(['sign', '--secrets', "dotenv:$both", '--url', $url, '--verify',
    $plain])->{status}, 0, 'the secondary token verifies';
isnt run_ctl(['sign', '--secrets', "dotenv:$both", '--url', $url])->{out},
    "$plain\n", 'but does not sign';

# A body that is no form counts through the URL.
my @json = ('--content-type', 'application/json');
my $doc = '{"a":1}';
my $sha = sha256_hex($doc);
my $run = sign($token, ['--url', $url, @json], $doc);
is $run->{status}, 2, 'a document cannot be signed without its digest';
like $run->{err}, qr/\Q$url?bodySHA256=$sha\E$/, 'and the URL is proposed';
like sign($token, ['--url', "$url?a=b", @json], $doc)->{err},
    qr/\Q$url?a=b&bodySHA256=$sha\E$/, 'also one with a query';
is sign($token, ['--url', "$url?bodySHA256=$sha", @json], $doc)->{out},
    sign($token, ['--url', "$url?bodySHA256=$sha"])->{out},
    'with it the URL alone is signed';
is sign($token, ['--url', "$url?bodySHA256=$sha", @json], "$doc ")->{status},
    2, 'another document is not signed';
my $fits = sign($token, ['--url', "$url?bodySHA256=$sha"])->{out};
chomp $fits;
is sign($token, ['--url', "$url?bodySHA256=$sha", @json, '--verify', $fits],
    $doc)->{status}, 0, 'it is verified';
$run = sign($token, ['--url', "$url?bodySHA256=$sha", @json, '--verify', $fits],
    "$doc ");
is $run->{status}, 1, 'and another document is not';
like $run->{out}, qr/does not fit: .*bodySHA256/, 'with the reason';
is sign($token, ['--url', $url, @json, '--verify', $plain], $doc)->{status}, 1,
    'nor one without a digest';

# Wrong use, each in one sentence.
my $empty = secrets_file("TWILIO_AUTH_TOKEN=\n");
for (
    ['--url URL is missing', []],
    ['neither POST nor GET', ['--url', $url, '--method', 'PUT']],
    ['GET has no body', ['--url', $url, '--method', 'GET', '--body', '-']],
    ['has a fragment', ['--url', "$url#rc=2"]],
    ['does not begin with https', ['--url', 'calls.example.com/voice']],
    ['cannot be read', ['--url', $url, '--body', '/no/such/file']],
    ['is no form', ['--url', $url, '--body', '-'], 'a=%zz'],
    )
{
    my ($says, $args, $body) = @$_;
    my $secrets = secrets_file("TWILIO_AUTH_TOKEN=$token\n");
    $run = run_ctl(['sign', '--secrets', "dotenv:$secrets", @$args], $body);
    is $run->{status}, 2, "$says: status 2";
    is $run->{out}, '', "$says: nothing on standard output";
    like $run->{err}, qr/\Aqdnctl: .*\Q$says\E.*\n\z/, "$says: one sentence";
}
like run_ctl(['sign', '--secrets', "dotenv:$empty", '--url', $url])->{err},
    qr/has no TWILIO_AUTH_TOKEN/, 'an empty token signs nothing';

seen_nothing_of($token, 'aa' x 16, grep { length > 8 } keys %tokens);
done_testing;
