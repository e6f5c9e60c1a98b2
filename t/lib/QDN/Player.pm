# SPDX-License-Identifier: Apache-2.0
package QDN::Player;

# A second Twilio, so that the first (qdnctl simulate) is not believed on its
# own word. It follows TwiML verb by verb with scripted people and shares no
# code with the module. It is simpler: time passes in `pass`, and a caller who
# hangs up is an exception that `pass` throws when the moment has come.

use strict;
use warnings;

use QDN::Twilio qw(ACCOUNT TOKEN call_sid);

use constant HANG_UP => "caller hangs up\n";
use constant LOST => "Twilio cannot reach the server\n";
use constant RINGS_LONGER => 5;    # than Dial's timeout says

# play(httpd => QDN::Httpd, case => QDN::Case, twice =>, status_first =>,
# before_next => sub (n)): plays the call and returns what was seen, a hash of
# call_sid, dials ([ring, numbers...]), outcome, answered_by, call_status,
# message, documents ([step, tree]) and errors.
sub play {
    my ($class, %want) = @_;
    my $case = $want{case};
    my $self = bless {
        %want,
        public    => $want{httpd}{public},
        call_sid  => scalar call_sid(),
        now       => $case->{at},
        status    => 'ringing',
        people    => { map { ($_ => person($case->{people}{$_})) }
            keys %{ $case->{people} } },
        caller    => caller_script($case->{call}{caller} // ''),
        dials     => [], documents => [], errors => [], later => [],
        message   => 0, outcome => 'unanswered', sids => 0, nexts => 0,
    }, $class;
    $self->{status_first} ||= ($case->{call}{status_first} // '') eq 'on';
    $self->{bridged_absent} = ($case->{call}{bridged_absent} // '') eq 'on';
    $self->moment('');
    my $done = eval { $self->follow($self->ask('voice'), {}); 1 };
    my $why = $@;
    if (($why // '') eq LOST && $case->{call}{fallback_url}) {
        my @error = (ErrorCode => 11200);
        $done = eval { $self->follow($self->ask(
            $case->{call}{fallback_url}, undef, @error), {}); 1 };
        $why = $@;
    }
    if ($done || $why eq "end\n") {
        $self->tell_status;
    }
    elsif ($why eq HANG_UP) {
        $self->caller_gone;
    }
    else {
        push @{ $self->{errors} }, $why;
    }
    $_->() for @{ $self->{later} };
    $self->{outcome} = 'voicemail' if $self->{message};
    $self->{outcome} = 'answered'  if $self->{answered_by};
    $self->{call_status} = $self->{status};
    return $self;
}

# -- people --

sub person {
    my ($script) = @_;
    my %p = (does => 'no-answer', keys => [], press => 2, talk => 30);
    my %key = (accept => 1, decline => 2, 'wrong-key' => 5);
    for my $word (split /,/, $script // '') {
        my ($what, $value) = split /[=@]/, $word;
        if ($what eq 'talk' || $what eq 'press') {
            $p{$what} = seconds($value);
            next;
        }
        $p{does} = $what =~ /^(?:no-answer|busy|failed|canceled)$/
            ? $what : 'picks-up';
        $p{after} = seconds($value) if defined $value;
        $p{leaves} = $what eq 'hangup';
        push @{ $p{keys} }, $key{$what} if $key{$what};
    }
    $p{after} //= $p{does} eq 'picks-up' ? 4 : 1;
    return \%p;
}

sub caller_script {
    my ($script) = @_;
    my %c = (message => 8, then => 'hangup', keys => [], press => 2);
    for my $word (split /,/, $script) {
        if ($word =~ /^hangs-up@(?:(\w+)\+)?(\w+)$/) {
            @c{qw(moment leaves)} = ($1 // '', seconds($2));
        }
        elsif ($word =~ /^talks=(\w+)$/)          { $c{talk}    = seconds($1) }
        elsif ($word =~ /^leaves-message=(\w+)$/) { $c{message} = seconds($1) }
        elsif ($word =~ /^then=(\w+)$/)           { $c{then}    = $1 }
        elsif ($word =~ /^presses=(asked|[0-9*#])$/) {
            push @{ $c{keys} }, $1;
        }
        elsif ($word eq 'silent')                 { $c{message} = 0 }
        else { die "what is a caller's $word?\n" }
    }
    return \%c;
}

sub seconds {
    my ($n, $unit) = $_[0] =~ /^(\d+)([smh]?)$/ or die "$_[0]: no seconds\n";
    return $n * { '' => 1, s => 1, m => 60, h => 3600 }->{$unit};
}

# -- time --

sub moment {
    my ($self, $name) = @_;
    my $c = $self->{caller};
    $self->{deadline} = $self->{now} + $c->{leaves}
        if defined $c->{moment} && $c->{moment} eq $name;
    return;
}

sub pass {
    my ($self, $seconds) = @_;
    my $end = $self->{now} + $seconds;
    if (defined $self->{deadline} && $self->{deadline} <= $end) {
        $self->{now} = delete $self->{deadline};
        die HANG_UP;
    }
    $self->{now} = $end;
    return;
}

# -- the wire --

sub sid {
    my ($self, $prefix) = @_;
    return $prefix . substr(call_sid(), 2);
}

# Send to a step or URL and return the answer's content. leg: of a callee.
sub send_to {
    my ($self, $url, $leg, %more) = @_;
    $url = "$self->{public}/$url" if $url !~ m{^https?://};
    $url =~ m{^\Q$self->{public}\E/} or die "$url cannot be reached\n";
    my $call = $self->{case}{call};
    my %form = (
        AccountSid => ACCOUNT, ApiVersion => '2010-04-01', $leg
        ? (CallSid => $leg->{sid}, ParentCallSid => $self->{call_sid},
            Direction => 'outbound-dial', From => $leg->{callerid},
            To => $leg->{number}, CallStatus => $leg->{status})
        : (CallSid => $self->{call_sid}, Direction => 'inbound',
            From => $call->{from}, To => $call->{to},
            CallStatus => $self->{status},
            $call->{forwarded_from}
            ? (ForwardedFrom => $call->{forwarded_from}) : (),
            $call->{stir} ? (StirVerstat => $call->{stir}) : ()),
        %more);
    my $path = $url =~ s{^\Q$self->{public}\E}{/qdn/twilio}r;
    my $lost = $call->{lost} // '';
    die LOST if $path =~ m{^/qdn/twilio/\Q$lost\E(?:\?|$)}
        && !$self->{lost}++;
    my @answers = map {
        $self->{httpd}->request('POST', $path, {
            content => QDN::Twilio::form(\%form),
            headers => {
                'Content-Type' => 'application/x-www-form-urlencoded',
                'X-Twilio-Signature' =>
                    QDN::Twilio::sign(TOKEN, $url, \%form),
                'QDN-Test-Clock' => $self->tick,
            } })
    } 1 .. ($self->{twice} ? 2 : 1);
    my ($answer, $again) = @answers;
    $answer->{status} == 200
        or die "$path answered $answer->{status}: $answer->{content}\n";
    die "$path answered in two ways:\n$answer->{content}\n$again->{content}\n"
        if $again && $again->{content} ne $answer->{content};
    die "$path answered $answer->{headers}{'content-type'}\n"
        if $answer->{headers}{'content-type'} !~ m{^(?:text|application)/xml};
    return $answer->{content};
}

# Microseconds, never the same twice, so that SQL keeps the order.
sub tick {
    my ($self) = @_;
    my $tick = $self->{now} * 1_000_000;
    $tick = $self->{tick} + 1000 if $tick <= ($self->{tick} // 0);
    return $self->{tick} = $tick;
}

sub ask {
    my ($self, $url, $leg, %more) = @_;
    my $tree = parse($self->send_to($url, $leg, %more));
    my $step = $url =~ s{^\Q$self->{public}\E/}{}r =~ s{\?.*}{}r;
    push @{ $self->{documents} }, [$step, $tree];
    return $tree;
}

sub tell_status {
    my ($self) = @_;
    return if $self->{told}++;
    $self->{status} = 'completed' if $self->{status} =~ /in-progress|ringing/;
    $self->send_to('voice/status', undef, CallDuration => 1,
        SequenceNumber => 0, CallbackSource => 'call-progress-events');
    return;
}

# -- XML: [name, {attributes}, [children], text]; anything odd is an error --

my %entity = (amp => '&', lt => '<', gt => '>', quot => '"', apos => "'");

sub plain {
    my ($text) = @_;
    $text =~ s/&(?:#(\d+)|(\w+));/defined $1 ? chr $1
        : $entity{$2} \/\/ die "entity $2\n"/ge;
    return $text;
}

sub parse {
    my ($xml) = @_;
    my @open = (['', {}, [], '']);
    $xml =~ s/\A<\?xml version="1.0" encoding="UTF-8"\?>\s*//;
    while ($xml =~ /\G(?:<(\/?)(\w+)((?:\s+[\w-]+="[^"<]*")*)\s*(\/?)>|([^<]+))/gc) {
        my ($close, $name, $attributes, $empty, $text) = ($1, $2, $3, $4, $5);
        if (defined $text) {
            $open[-1][3] .= plain($text);
            next;
        }
        if ($close) {
            my $ended = pop @open;
            die "</$name> closes <$ended->[0]>\n" if $ended->[0] ne $name;
            next;
        }
        my %value;
        $value{$1} = plain($2) while $attributes =~ /([\w-]+)="([^"]*)"/g;
        my $element = [$name, \%value, [], ''];
        push @{ $open[-1][2] }, $element;
        push @open, $element if !$empty;
    }
    my $root = $open[0][2][0];
    die "this is no TwiML: $xml\n"
        if (pos $xml // 0) < length $xml || @open != 1
        || @{ $open[0][2] } != 1 || $root->[0] ne 'Response';
    return $root;
}

# -- verbs --

# Follow a document. who: { leg => ... } of a callee. 'end' or 'hangup'.
sub follow {
    my ($self, $tree, $who) = @_;
    my $began = $self->{now};
    $self->pass(0);
    for my $verb (@{ $tree->[2] }) {
        my ($name, $attribute, $children, $text) = @$verb;
        die "<$name> for one who is called\n"
            if $who->{leg} && $name !~ /^(?:Say|Play|Gather|Hangup)$/;
        if ($name eq 'Say') {
            $self->speak($text, $who);
        }
        elsif ($name eq 'Hangup') {
            return 'hangup';
        }
        elsif ($name eq 'Gather') {
            my $next = $self->gather($verb, $who, $began) or next;
            return $self->follow($next, $who);
        }
        elsif ($name eq 'Redirect') {
            return $self->follow($self->ask($text), $who);
        }
        elsif ($name eq 'Reject') {
            $self->{status} = $attribute->{reason} eq 'busy'
                ? 'busy' : 'no-answer';
            $self->{outcome} = 'rejected';
            die "end\n";
        }
        elsif ($name eq 'Record') {
            my $next = $self->record($attribute) or next;
            return $self->follow($next, $who);
        }
        elsif ($name eq 'Dial') {
            return $self->follow($self->dial($verb), $who);
        }
        else {
            die "<$name> is not played\n";
        }
    }
    return 'end';
}

sub answered {
    my ($self) = @_;
    $self->{status} = 'in-progress';
    return;
}

sub speak {
    my ($self, $text, $who) = @_;
    if (!$who->{leg}) {
        $self->answered;
        $self->moment('greeting');
    }
    $self->pass(speech($text));
    return;
}

# Two and a half words a second.
sub speech {
    my @words = split ' ', $_[0];
    return int(@words * 0.4 + 1);
}

# The document that a key leads to, or nothing if none was pressed.
sub gather {
    my ($self, $verb, $who, $began) = @_;
    my ($name, $attribute, $children) = @$verb;
    my $length = $attribute->{timeout};
    $length += speech($_->[3]) for @$children;
    my $person = $who->{person} || $self->{caller};
    if (!$who->{leg}) {
        $self->answered;
        $self->moment('question');
    }
    my $press = $began + $person->{press} - $self->{now};
    if (!@{ $person->{keys} } || $press >= $length) {
        $self->pass($length);
        return if ($attribute->{actionOnEmptyResult} // '') ne 'true';
        return $self->ask($attribute->{action}, $who->{leg}, Digits => '');
    }
    $self->pass($press > 0 ? $press : 0);
    my $key = shift @{ $person->{keys} };
    ($key) = $children->[-1][3] =~ /(\d)\D*$/ if $key eq 'asked';
    return $self->ask($attribute->{action}, $who->{leg}, Digits => $key);
}

# A message; the document behind it, or nothing if there was none.
sub record {
    my ($self, $attribute) = @_;
    my $c = $self->{caller};
    $self->answered;
    $self->{recording} = [$self->{now}, $attribute];
    $self->moment('recording');
    my $said = $c->{message};
    if ($said > $attribute->{maxLength}) {
        $self->pass($said = $attribute->{maxLength});
    }
    elsif ($said && $c->{then} eq 'hangup') {
        $self->{deadline} //= $self->{now} + $said;
        $self->pass($said + 1);
    }
    else {
        $self->pass($said + ($c->{then} eq 'key' ? 0 : $attribute->{timeout}));
    }
    return $said ? $self->recorded($said,
        $c->{then} eq 'key' ? (Digits => '#') : ())
        : do { delete $self->{recording}; undef };
}

sub recorded {
    my ($self, $seconds, @digits) = @_;
    my $attribute = delete($self->{recording})->[1];
    my $sid = $self->sid('RE');
    my $url = "https://api.twilio.com/2010-04-01/Recordings/$sid";
    $self->{message} = $seconds;
    push @{ $self->{later} }, sub {
        $self->{now} += 2;
        $self->send_to($attribute->{recordingStatusCallback}, undef,
            RecordingSid => $sid, RecordingUrl => $url,
            RecordingStatus => 'completed', RecordingDuration => $seconds);
    } if $seconds;
    return $self->ask($attribute->{action}, undef, RecordingUrl => $url,
        RecordingDuration => $seconds, @digits);
}

# -- Dial --

sub tell_leg {
    my ($self, $leg, $event, @more) = @_;
    my ($url, $events) = @{ $leg->{noun} }{qw(statusCallback
        statusCallbackEvent)};
    return if !$url || ($events // 'completed') !~ /\b$event\b/;
    $self->send_to($url, $leg, SequenceNumber => $leg->{sequence}++, @more);
    return;
}

sub end_leg {
    my ($self, $leg, $status) = @_;
    return if $leg->{ended}++;
    $leg->{status} = $status;
    $self->tell_leg($leg, 'completed', CallDuration => $leg->{answered}
        ? $self->{now} - $leg->{answered} : 0);
    return;
}

sub legs {
    my ($self, $verb) = @_;
    my ($name, $attribute, $children) = @$verb;
    my $case = $self->{case};
    return map {
        my (undef, $noun, undef, $number) = @$_;
        $number =~ /^\+[1-9]\d{6,14}$/ or die "number $number\n";
        my $who = $case->who($number);
        { sid => $self->sid('CA'), number => $number, noun => $noun,
            who => $who, status => 'initiated', sequence => 0,
            callerid => $attribute->{callerId},
            person => $self->{people}{$who} || person('no-answer') }
    } @$children;
}

# What happens to the legs until one picks up or all have ended.
sub ring {
    my ($self, $ring, @legs) = @_;
    my $began = $self->{now};
    my @plan = sort { $a->[0] <=> $b->[0] } map {
        my ($leg, $p) = ($_, $_->{person});
        ($p->{does} =~ /busy|failed/ ? () : [1, $leg, 'ringing']),
        ($p->{does} ne 'no-answer' && $p->{after} < $ring
            ? [$p->{after}, $leg, $p->{does}] : ())
    } @legs;
    for my $step (@plan) {
        my ($at, $leg, $what) = @$step;
        $self->pass($began + $at - $self->{now});
        if ($what eq 'ringing') {
            $leg->{status} = 'ringing';
            $self->tell_leg($leg, 'ringing');
        }
        elsif ($what eq 'picks-up') {
            return $leg;
        }
        else {
            $self->end_leg($leg, $what);
            $self->{last} = $leg;
            return if !grep { !$_->{ended} } @legs;
        }
    }
    $self->pass($began + $ring - $self->{now});
    ($self->{last}) = grep { !$_->{ended} } @legs;
    $self->end_leg($_, 'no-answer') for @legs;
    return;
}

sub whisper {
    my ($self, $leg) = @_;
    my $url = $leg->{noun}{url} or return 'end';
    $self->moment('whisper');
    my $tree = eval { $self->ask($url, $leg) };
    if (!$tree) {
        die $@ if $@ ne LOST;
        return 'hangup';
    }
    if ($leg->{person}{leaves}) {
        $self->pass(1);
        return 'hangup';
    }
    return $self->follow($tree, { leg => $leg, person => $leg->{person} });
}

sub dial {
    my ($self, $verb) = @_;
    my ($name, $attribute) = @$verb;
    die "Dial without action\n" if !$attribute->{action};
    my @legs = $self->legs($verb);
    die scalar(@legs), " numbers together\n" if !@legs || @legs > 10;
    $self->answered if ($attribute->{answerOnBridge} // '') ne 'true';
    my $ring = $attribute->{timeout} + RINGS_LONGER;
    push @{ $self->{dials} }, [$ring, map { $_->{number} } @legs];
    $self->{dialling} = { action => $attribute->{action}, legs => \@legs };
    $self->moment('hop' . @{ $self->{dials} });
    my $leg = $self->ring($ring, @legs);
    my @result;
    if ($leg) {
        $self->connect($attribute, $leg, @legs);
    }
    return $self->dialled($leg);
}

# One has picked up: the others are dropped, he is asked, they talk.
sub connect {
    my ($self, $attribute, $leg, @legs) = @_;
    $self->{dialling}{picked} = $leg;
    $leg->{answered} = $self->{now};
    $leg->{status}   = 'in-progress';
    $self->end_leg($_, 'canceled') for grep { $_ != $leg } @legs;
    $self->tell_leg($leg, 'answered');
    return if $self->whisper($leg) ne 'end';
    $self->answered;
    $self->{dialling}{bridged} = 1;
    $self->{answered_by} = $leg->{who};
    $self->moment('talk');
    my ($limit, $talk) = ($attribute->{timeLimit}, $leg->{person}{talk});
    if (my $own = $self->{caller}{talk}) {
        $self->{deadline} = $self->{now} + $own if $own <= $talk;
    }
    $self->pass($talk < $limit ? $talk : $limit);
    return;
}

# Ask for the action of the Dial that has ended.
sub dialled {
    my ($self) = @_;
    my $dial = delete $self->{dialling};
    my ($picked, $last) = ($dial->{picked}, delete $self->{last});
    $self->end_leg($_, $picked ? 'completed' : 'canceled')
        for @{ $dial->{legs} };
    $self->{before_next}->($self->{nexts} + 1) if $self->{before_next};
    $self->{nexts}++;
    my $leg = $picked || $last || $dial->{legs}[-1];
    return $self->ask($dial->{action}, undef,
        DialCallSid    => $leg->{sid},
        DialCallStatus => $picked ? 'completed' : $leg->{status},
        $picked ? (DialCallDuration => $self->{now} - $leg->{answered}) : (),
        $self->{bridged_absent} ? ()
        : (DialBridged => $dial->{bridged} ? 'true' : 'false'));
}

# The caller hangs up: what is at work ends, its action is still asked for,
# and nobody follows the answer.
sub caller_gone {
    my ($self) = @_;
    $self->{outcome} = 'abandoned';
    $self->{status} = $self->{status} eq 'ringing' ? 'no-answer' : 'completed';
    $self->tell_status if $self->{status_first};
    if ($self->{dialling}) {
        $self->dialled;
    }
    elsif ($self->{recording}) {
        my $since = $self->{now} - $self->{recording}[0];
        my $said  = $self->{caller}{message};
        $self->recorded($since < $said ? $since : $said, Digits => 'hangup');
    }
    $self->tell_status;
    return;
}

1;
