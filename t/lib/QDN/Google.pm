# SPDX-License-Identifier: Apache-2.0
package QDN::Google;

# What of Google is asked for calendars: the token endpoint (/token) and
# freeBusy (/calendar/v3/freeBusy), as strict as the real ones. It verifies
# the assertion's signature with openssl(1), its claims and its times, ends
# tokens, and tells errors of single calendars inside of 200.
#
# told({...}): public_key (file, PEM), email, audience, client {id, secret,
# refresh_token}, life (seconds of a token), calendars {id: [[start, end]] or
# "reason of its error"}, revoke (true: tokens so far are not known any more),
# skew (seconds that Google's clock is ahead).

use strict;
use warnings;
use File::Temp;
use JSON::PP;
use MIME::Base64 qw(decode_base64);
use Time::Local qw(timegm);

my $SCOPE = 'https://www.googleapis.com/auth/calendar.freebusy';
my $RANGE_MAX = 90 * 86400;
my $MOMENT = qr/^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(Z|[+-]\d\d:\d\d)$/;

sub new {
    my ($class) = @_;
    return bless { life => 3599, calendars => {}, tokens => {}, given => 0,
        skew => 0 }, $class;
}

sub told {
    my ($self, $told) = @_;
    $self->{tokens} = {} if delete $told->{revoke};
    @$self{ keys %$told } = values %$told;
    return;
}

sub now { my ($self) = @_; return time + $self->{skew} }

# (status, value, headers), or nothing: that is no address of Google's.
sub answer {
    my ($self, $request) = @_;
    return $self->token($request) if $request->{path} eq '/token';
    return $self->free_busy($request)
        if $request->{path} eq '/calendar/v3/freeBusy';
    return;
}

# -- tokens --

sub base64url { my ($s) = @_; return decode_base64($s =~ tr{-_}{+/}r) }

sub signed {
    my ($self, $text, $signature) = @_;
    my $temp = File::Temp->newdir;
    for (['text', $text], ['signature', $signature]) {
        open my $file, '>:raw', "$temp/$_->[0]" or die $!;
        print {$file} $_->[1];
        close $file or die $!;
    }
    my $said = `openssl dgst -sha256 -verify '$self->{public_key}' -signature $temp/signature $temp/text 2>&1`;
    return $? == 0 && $said =~ /^Verified OK/;
}

# What is wrong with an assertion, '' if nothing is.
sub assertion_fault {
    my ($self, $assertion) = @_;
    return 'not three parts' if $assertion !~ /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;
    my ($header, $claims, $signature) = ($1, $2, $3);
    return 'signature' if !$self->signed("$header.$claims",
        base64url($signature));
    $header = eval { decode_json(base64url($header)) } or return 'header';
    $claims = eval { decode_json(base64url($claims)) } or return 'claims';
    return 'alg' if ($header->{alg} // '') ne 'RS256';
    return 'typ' if ($header->{typ} // '') ne 'JWT';
    return 'kid' if ($header->{kid} // '') ne ($self->{kid} // '');
    return 'iss' if ($claims->{iss} // '') ne $self->{email};
    return 'aud' if ($claims->{aud} // '') ne $self->{audience};
    return 'scope' if ($claims->{scope} // '') ne $SCOPE;
    my ($iat, $exp) = @$claims{qw(iat exp)};
    return 'times' if grep { !defined || !/^\d+$/ } $iat, $exp;
    return 'iat' if $iat > $self->now + 60;
    return 'exp' if $exp <= $self->now || $exp - $iat > 3600;
    return '';
}

sub form {
    my ($body) = @_;
    my %form;
    for (split /&/, $body) {
        my ($name, $value) = map { tr/+/ /; s/%([0-9A-Fa-f]{2})/chr hex $1/ger }
            split /=/, $_, 2;
        $form{$name} = $value;
    }
    return \%form;
}

sub no_token {
    my ($status, $error, $description) = @_;
    return ($status, { error => $error, error_description => $description });
}

sub token {
    my ($self, $request) = @_;
    return no_token(405, 'invalid_request', 'POST')
        if $request->{method} ne 'POST';
    my $form = form($request->{body});
    my $grant = $form->{grant_type} // '';
    if ($grant eq 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
        my $fault = $self->assertion_fault($form->{assertion} // '');
        return no_token(400, 'invalid_grant', "Invalid JWT: $fault") if $fault;
    }
    elsif ($grant eq 'refresh_token') {
        my $client = $self->{client} || {};
        return no_token(401, 'invalid_client', 'The client is not known')
            if ($form->{client_id} // '') ne ($client->{id} // '-')
            || ($form->{client_secret} // '') ne ($client->{secret} // '-');
        return no_token(400, 'invalid_grant', 'Token has been revoked')
            if ($form->{refresh_token} // '') ne $client->{refresh_token};
    }
    else {
        return no_token(400, 'unsupported_grant_type', $grant);
    }
    my $token = sprintf 'ya29.%06d.standin', ++$self->{given};
    $self->{tokens}{$token} = time + $self->{life};
    return (200, { access_token => $token, token_type => 'Bearer',
        expires_in => $self->{life} });
}

# -- freeBusy --

sub fault {
    my ($status, $reason, $message, $domain) = @_;
    return ($status, { error => { code => $status, message => $message,
        errors => [{ domain => $domain // 'global', reason => $reason,
            message => $message }] } });
}

sub moment {
    my ($text) = @_;
    my @part = ($text // '') =~ $MOMENT or return;
    my $offset = 0;
    $offset = ($1 eq '+' ? -1 : 1) * ($2 * 3600 + $3 * 60)
        if $part[6] =~ /^([+-])(\d\d):(\d\d)$/;
    return timegm(@part[5, 4, 3, 2], $part[1] - 1, $part[0]) + $offset;
}

sub calendar {
    my ($self, $id, $from, $to) = @_;
    my $calendar = $self->{calendars}{$id} // 'notFound';
    return { errors => [{ domain => 'global', reason => $calendar }],
        busy => [] } if !ref $calendar;
    return { busy => [map { { start => $_->[0], end => $_->[1] } }
        grep { moment($_->[1]) > $from && moment($_->[0]) < $to }
        @$calendar] };
}

sub free_busy {
    my ($self, $request) = @_;
    return fault(405, 'httpMethodNotAllowed', 'POST')
        if $request->{method} ne 'POST';
    my ($token) = ($request->{headers}{authorization} // '')
        =~ /^Bearer (\S+)$/;
    return fault(401, 'authError', 'Invalid Credentials')
        if !$token || ($self->{tokens}{$token} // 0) <= time;
    return fault(400, 'parseError', 'Parse Error')
        if ($request->{headers}{'content-type'} // '')
            !~ m{^application/json\b};
    my $asked = eval { decode_json($request->{body}) }
        or return fault(400, 'parseError', 'Parse Error');
    my ($from, $to) = map { moment($asked->{$_}) } qw(timeMin timeMax);
    return fault(400, 'invalid', 'Bad Request')
        if !defined $from || !defined $to || ref $asked->{items} ne 'ARRAY';
    return fault(400, 'timeRangeEmpty', 'The time range is empty.')
        if $from >= $to;
    return fault(400, 'timeRangeTooLong', 'The requested time range is too'
        . ' long.') if $to - $from > $RANGE_MAX;
    my @ids = map { $_->{id} } @{ $asked->{items} };
    return fault(400, 'required', 'Required') if grep { !defined } @ids;
    return fault(400, 'invalid', 'Invalid id') if grep { !/^[^\s@]+@\S+$/ } @ids;
    my %calendars = map { $_ => $self->calendar($_, $from, $to) } @ids;
    if (@ids > 50) {
        $_ = { errors => [{ domain => 'global',
            reason => 'tooManyCalendarsRequested' }] } for values %calendars;
    }
    return (200, { kind => 'calendar#freeBusy',
        timeMin => $asked->{timeMin}, timeMax => $asked->{timeMax},
        calendars => \%calendars });
}

1;
