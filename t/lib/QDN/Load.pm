# SPDX-License-Identifier: Apache-2.0
package QDN::Load;

# Load for build/bench: voice webhooks of t/bench/voice.form, signed
# beforehand and each of another call, sent by wrk.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha1_base64);
use JSON::PP;

use QDN::Httpd;
use QDN::Twilio qw(TOKEN);

use constant SID => '@SID@';

# new(dir => DIRECTORY, public => QDNPublicURL, calls => N): sign N webhooks.
sub new {
    my ($class, %want) = @_;
    my $self = bless { %want, form => "$want{dir}/form",
        signed => "$want{dir}/signed" }, $class;
    my @pairs = map { chomp; split /=/, $_, 2 }
        split /^/, QDN::Httpd::slurp("$QDN::Httpd::T/bench/voice.form");
    $self->{fields} = @pairs / 2;
    my $form = QDN::Twilio::form(\@pairs) =~ s/%40SID%40/SID/er;
    $self->{bytes} = length($form) - length(SID) + 34;
    QDN::Httpd::spew($self->{form}, $form);
    $self->sign_all(@pairs);
    return $self;
}

# Only the CallSid differs, so that the text to be signed is made once.
sub sign_all {
    my ($self, %field) = @_;
    my ($before, $after) = split /@{[ quotemeta SID ]}/, join '',
        "$self->{public}/voice", map { $_ . $field{$_} } sort keys %field;
    open my $out, '>', $self->{signed} or die "$self->{signed}: $!\n";
    for my $n (1 .. $self->{calls}) {
        my $sid = sprintf 'CA%032x', $n;
        print $out $sid, hmac_sha1_base64("$before$sid$after", TOKEN), '=';
    }
    close $out or die "$self->{signed}: $!\n";
    return;
}

# Send for so many seconds over so many connections, from the calls FIRST on,
# COUNT at most. What wrk measured, times in microseconds.
sub send {
    my ($self, $httpd, $connections, $seconds, $first, $count) = @_;
    my $threads = $connections > 1 ? 2 : 1;
    die "only $self->{calls} calls are signed\n"
        if $first + $count > $self->{calls};
    my ($status, $text) = QDN::Httpd::run('wrk', "-t$threads",
        "-c$connections", "-d${seconds}s", '-s',
        "$QDN::Httpd::T/bench/webhooks.lua",
        "http://127.0.0.1:$httpd->{port}/qdn/twilio/voice", '--',
        $self->{signed}, $self->{form}, $first, $count, $threads);
    my ($json) = $text =~ /^(\{.*\})$/m;
    die "wrk: $text" if $status || !$json;
    my $result = JSON::PP->new->decode($json);
    die "the server refused $result->{refused} webhooks:\n",
        substr $httpd->log_text, -2000 if $result->{refused};
    warn "more calls were sent than are signed: some were copies\n"
        if $result->{rounds} > 1 && !$httpd->{bare};
    $result->{rate} = $result->{requests} / $result->{seconds};
    return $result;
}

1;
