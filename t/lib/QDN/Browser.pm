# SPDX-License-Identifier: Apache-2.0
package QDN::Browser;

# The dashboard in a real browser: an httpd with people who may log in, calls
# that Twilio has sent it, and scenes (t/browser/*.mjs) that node plays in
# chromium. What a scene cannot do itself it asks for by a word.

use strict;
use warnings;

use Digest::SHA qw(sha1_base64);
use File::Path qw(make_path);
use IPC::Open2;
use JSON::PP;
use POSIX qw(strftime);
use Test::More ();
use Time::HiRes qw(time);

use QDN::Call;
use QDN::Httpd;
use QDN::Twilio qw(call_sid);

my $json = JSON::PP->new->utf8->canonical;

# Who may log in. Nobody maps "stranger" to a role.
my @PEOPLE = qw(boss sergio ana guest stranger);

# new(QDN::Httpd not started, words => { NAME => sub ({arguments}) }, stage =>
# {what scenes find in their stage}, people => [more who may log in]): gives it
# a dashboard behind a login and starts it.
sub new {
    my ($class, $httpd, %want) = @_;
    my $self = bless { httpd => $httpd, secret => {}, %want }, $class;
    my @people = (@PEOPLE, @{ $want{people} || [] });
    $self->{secret}{$_} = sprintf "%08x", rand 2**32 for @people;
    QDN::Httpd::spew("$httpd->{dir}/people", join "", map {
        "$_:{SHA}" . sha1_base64($self->{secret}{$_}) . "=\n" } @people);
    $httpd->reconfigure($httpd->{config} . <<'CONF');
<Location "/qdn/dashboard">
    SetHandler   qdn-dashboard
    AuthType     Basic
    AuthName     "Calls"
    AuthUserFile "@DIR@/people"
    Require      valid-user
</Location>
CONF
    $self->{words} = { call => sub { $self->call($_[0]) },
        %{ $self->{words} || {} } };
    $httpd->start;
    $self->save_plan;
    return $self;
}

sub save_plan {
    my ($self) = @_;
    my $httpd = $self->{httpd};
    my (undef, $text) = $httpd->configtest('-D', 'DUMP_QDN');
    $text =~ s/^[^{]*//;
    $text =~ s/^Syntax OK\n//m;
    QDN::Httpd::spew("$httpd->{dir}/plan.json", $text);
    return;
}

# -- calls --

# One call as `qdnctl simulate` plays it: {ago (seconds), line, from, people =>
# {"sergio/primary" => SCRIPT}, caller => SCRIPT}. Its CallSid.
sub call {
    my ($self, $call) = @_;
    my $httpd = $self->{httpd};
    my $sid = call_sid;
    my $people = $call->{people} || {};
    my ($status, $text) = $httpd->qdnctl('-q', 'simulate',
        '--url', $httpd->{public},
        '--base-url', "http://127.0.0.1:$httpd->{port}/qdn/twilio",
        '--secrets', "dotenv:$httpd->{dir}/secrets.env",
        '--plan', "$httpd->{dir}/plan.json", '--call-sid', $sid,
        '--at', strftime('%Y-%m-%dT%H:%M:%SZ',
            gmtime(time - ($call->{ago} // 300))),
        '--line', $call->{line} // '+16195550100',
        '--from', $call->{from} // '+12025550123',
        (map { ('--person', "$_=$people->{$_}") } sort keys %$people),
        $call->{caller} ? ('--caller', $call->{caller}) : ());
    die "simulate: $text" if $status;
    return { sid => $sid };
}

# So many callers who hang up at the first ring, from different numbers.
sub crowd {
    my ($self, $n) = @_;
    for my $i (1 .. $n) {
        my $call = QDN::Call->new($self->{httpd}, sub {});
        $call->begin && $call->hang_up or die "a call was not answered\n";
    }
    return;
}

# -- scenes --

# Play the scenes of these files. Each check of theirs is one of ours.
sub play {
    my ($self, @files) = @_;
    my $httpd = $self->{httpd};
    my $home = "$httpd->{dir}/browser";
    my $screens = "$QDN::Httpd::T/screens/"
        . ($ENV{QDN_TEST_DATABASE} || 'sqlite3');
    make_path($home, $screens);
    local %ENV = (%ENV, HOME => $home, TMPDIR => $home,
        QDN_STAGE => $json->encode({
            origin  => "http://127.0.0.1:$httpd->{port}",
            people  => $self->{secret},
            screens => $screens,
            %{ $self->{stage} || {} },
        }));
    my $pid = open2(my $out, my $in, 'node',
        "$QDN::Httpd::T/browser/play.mjs", @files);
    $in->autoflush;
    local $SIG{PIPE} = 'IGNORE';
    while (my $line = <$out>) {
        print $in $json->encode($self->obey($1)), "\n"
            if !tell_tap($line) && $line =~ /^do (\{.*\})$/;
    }
    close $in;
    waitpid $pid, 0;
    Test::More::is($?, 0, "@files: played to the end");
    return;
}

# A line of TAP becomes a check of this test.
sub tell_tap {
    my ($line) = @_;
    chomp $line;
    local $Test::Builder::Level = $Test::Builder::Level + 2;
    if ($line =~ /^(not )?ok - (.*)/) {
        Test::More::ok(!$1, $2);
    }
    elsif ($line =~ /^# ?(.*)/) {
        Test::More::diag($1);
    }
    elsif ($line =~ /^do \{/) {
        return 0;
    }
    else {
        Test::More::diag("node: $line");
    }
    return 1;
}

sub obey {
    my ($self, $text) = @_;
    my $asked = $json->decode($text);
    my $word = $self->{words}{ $asked->{word} };
    my $answer = eval { $word ? $word->($asked) : die "no such word\n" };
    return $@ ? { error => "$asked->{word}: $@" } : { answer => $answer };
}

1;
