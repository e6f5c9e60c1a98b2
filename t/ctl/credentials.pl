# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;
use Digest::SHA 'sha256_hex';
use FindBin;
use lib "$FindBin::Bin/../lib";
use QDN::Ctl;
use Test::More;

my %value = (
    TWILIO_ACCOUNT_SID => 'AC' . 'a1' x 16,
    TWILIO_AUTH_TOKEN => 'b2' x 16,
    TWILIO_AUTH_TOKEN_SECONDARY => 'c3' x 16,
    TWILIO_API_KEY => 'SK' . 'd4' x 16,
    TWILIO_API_SECRET => 'eE5' x 10 . 'fF',
    TWILIO_API_KEY_CREATED => '2026-01-31',
    CALDAV_PASSWORD => 'correct horse battery',
);
my @names = sort keys %value;

sub text_of { join '', map {"$_='$value{$_}'\n"} @_ }

my $whole = secrets_file(text_of(@names));
my $spec = "dotenv:$whole";

my $run = run_ctl(['credentials', '--secrets', $spec]);
is $run->{status}, 0, 'a whole source is well';
is $run->{err}, '', 'and nothing is complained about';
like $run->{out}, qr/^\Q$_\E +\S+ +\Q@{[substr sha256_hex($value{$_}), 0, 8]}\E +ok$/m,
    "$_ is shown by its fingerprint" for @names;

$run = run_ctl(['-j', 'credentials', '--secrets', $spec]);
my $json = json_of($run);
is $run->{status}, 0, '-j: the same status';
is $json->{source}, $spec, '-j: the source';
ok $json->{ok}, '-j: ok';
is_deeply $json->{missing}, [], '-j: nothing is missing';
is_deeply [map { $_->{name} } @{ $json->{credentials} }], \@names,
    '-j: every name, in the order of the file';
is_deeply { map { $_->{name} => $_->{kind} } @{ $json->{credentials} } },
    {
    TWILIO_ACCOUNT_SID => 'account',
    TWILIO_AUTH_TOKEN => 'auth-token',
    TWILIO_AUTH_TOKEN_SECONDARY => 'auth-token',
    TWILIO_API_KEY => 'api-key',
    TWILIO_API_SECRET => 'api-secret',
    TWILIO_API_KEY_CREATED => 'date',
    CALDAV_PASSWORD => 'other',
    },
    '-j: the kinds';
is_deeply [map { $_->{fingerprint} } @{ $json->{credentials} }],
    [map { substr sha256_hex($value{$_}), 0, 8 } @names],
    '-j: the fingerprints';

is_deeply json_of(run_ctl(['credentials', '--secrets', $spec, '-j'])), $json,
    '-j may stand at the end';
is_deeply json_of(run_ctl(['credentials', "--secrets=exec:/bin/cat $whole",
    '--json']))->{credentials}, $json->{credentials},
    'a command gives the same';

# Something to look at: exit status 1.
my $part = secrets_file(text_of(qw(TWILIO_ACCOUNT_SID TWILIO_AUTH_TOKEN)));
$run = run_ctl(['credentials', '--secrets', "dotenv:$part"]);
is $run->{status}, 1, 'without an API key: status 1';
like $run->{out}, qr/^TWILIO_API_KEY is missing$/m, 'and it is named';
is_deeply json_of(run_ctl(['-j', 'credentials', '--secrets',
    "dotenv:$part"]))->{missing},
    [qw(TWILIO_API_KEY TWILIO_API_SECRET)], '-j: what is missing';

my $odd = secrets_file(text_of(grep { !/AUTH_TOKEN$/ } @names)
    . "TWILIO_AUTH_TOKEN=$value{TWILIO_ACCOUNT_SID}\n");
$run = run_ctl(['-j', 'credentials', '--secrets', "dotenv:$odd"]);
is $run->{status}, 1, 'a token that is none: status 1';
my ($token) = grep { $_->{name} eq 'TWILIO_AUTH_TOKEN' }
    @{ json_of($run)->{credentials} };
ok !$token->{ok}, 'and it is marked';
like $token->{fault}, qr/32 lower-case hex/, 'with what it should be';

# Impossible: exit status 2, a sentence, and under -j the same as JSON.
my $open = secrets_file(text_of(@names), 0644);
my $bad = secrets_file("A=1\nTWILIO_AUTH_TOKEN=\"$value{TWILIO_AUTH_TOKEN}\n");
my $noisy = script_file(
    "echo $value{TWILIO_AUTH_TOKEN} >&2; echo $value{TWILIO_API_SECRET}; exit 7");
for (
    ['is missing', []],
    ['invalid option', ['--secrets', $spec, '--show']],
    ['one argument too many', ['--secrets', $spec, 'TWILIO_AUTH_TOKEN']],
    ['no source of secrets', ['--secrets', $whole]],
    ['no source of secrets', ['--secrets', '']],
    ['chmod 600', ['--secrets', "dotenv:$open"]],
    ['cannot be opened', ['--secrets', "dotenv:$whole.no"]],
    ['line 2: ', ['--secrets', "dotenv:$bad"]],
    ['ended with status 7', ['--secrets',
        "exec:$noisy $value{CALDAV_PASSWORD}"]],
    )
{
    my ($says, $args) = @$_;
    my $plain = run_ctl(['-v', '-v', '-v', '-v', 'credentials', @$args]);
    my $j = run_ctl(['-j', 'credentials', @$args]);
    is $plain->{status}, 2, "$says: status 2";
    is $plain->{out}, '', "$says: nothing on standard output";
    like $plain->{err}, qr/\Aqdnctl: .*\Q$says\E.*\n\z/s, "$says: one sentence";
    is $j->{status}, 2, "$says: -j: status 2";
    like json_of($j)->{error}, qr/\Q$says\E/, "$says: -j: as JSON";
}

# Lines that both libraries pass over are said, unless -q.
my $typo = secrets_file(text_of(@names) . "TOKEN $value{TWILIO_AUTH_TOKEN}\n");
$run = run_ctl(['credentials', '--secrets', "dotenv:$typo"]);
is $run->{status}, 0, 'a line that is no assignment does not matter';
like $run->{err}, qr/QDN0101: .*line 8 /, 'but is told';
is run_ctl(['-q', 'credentials', '--secrets', "dotenv:$typo"])->{err}, '',
    'unless -q';

seen_nothing_of(grep { !/^2026/ } values %value);
done_testing;
