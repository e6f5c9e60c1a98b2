# SPDX-License-Identifier: Apache-2.0
package QDN::Call;

# One call to the line of lib/house.conf, step by step, that knows which
# events must be in SQL for each step that was answered.

use strict;
use warnings;

use Time::HiRes qw(time);

use QDN::Twilio qw(call_sid);

my @phones = ('sergio/primary', 'sergio/backup', 'ana/mobile');

# told is called after each request: (CallSid, status, seconds, events...).
# An event is "kind hop operator/label"; hop 0 and "-" stand for none.
sub new {
    my ($class, $httpd, $told) = @_;
    return bless { httpd => $httpd, told => $told, sid => call_sid, hop => 0 },
        $class;
}

# Post one step. True if it was answered with the verb that must come; the
# call is then where that answer has brought it, else where it was.
sub step {
    my ($self, $url, $params, $verb, @events) = @_;
    my $began = time;
    my $reply = $self->{httpd}->webhook($url,
        { CallSid => $self->{sid}, %$params });
    my $seconds = time - $began;
    my $status = $reply->{status};
    $status = 'odd' if $status == 200 && $reply->{content} !~ /<$verb\b/;
    $self->{told}->($self->{sid}, $status, $seconds, @events);
    return 0 if $status ne '200';
    ($self->{url}) = $reply->{content} =~ /\baction="([^"]+)"/;
    $self->{url} =~ s/&amp;/&/g if defined $self->{url};
    return 1;
}

sub phone {
    my ($self, $hop) = @_;
    return "$hop $phones[$hop - 1]";
}

sub begin {
    my ($self) = @_;
    $self->step('voice', {}, 'Dial',
        'call.received 0 -', 'hop.dialled ' . $self->phone(1)) or return 0;
    return $self->{hop} = 1;
}

# Nobody has answered the hop that rings: the next one, or voicemail.
sub no_answer {
    my ($self) = @_;
    my $hop  = $self->{hop};
    my $last = $hop == @phones;
    $self->step($self->{url},
        { DialCallStatus => 'no-answer', DialBridged => 'false',
            CallStatus => 'in-progress' },
        $last ? 'Record' : 'Dial',
        'hop.ended ' . $self->phone($hop),
        $last ? 'voicemail.offered 0 -'
        : 'hop.dialled ' . $self->phone($hop + 1)) or return 0;
    return $self->{hop} = $hop + 1;
}

# The caller hangs up while a hop rings.
sub hang_up {
    my ($self) = @_;
    $self->{outcome} = 'abandoned';
    return $self->step($self->{url},
        { DialCallStatus => 'canceled', DialBridged => 'false',
            CallStatus => 'completed' },
        'Response', 'hop.ended ' . $self->phone($self->{hop}),
        'call.ended 0 -');
}

# The caller has left a message.
sub message {
    my ($self) = @_;
    my $recording = $self->{sid} =~ s/^CA/RE/r;
    $self->{outcome} = 'voicemail';
    return $self->step($self->{url},
        { RecordingSid => $recording, RecordingDuration => 7,
            RecordingUrl => "https://api.example.com/Recordings/$recording",
            CallStatus => 'in-progress' },
        'Hangup', 'voicemail.recorded 0 -', 'call.ended 0 -');
}

1;
