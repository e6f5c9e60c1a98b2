# SPDX-License-Identifier: Apache-2.0
package QDN::Dashboard;

# The dashboard of a QDN::Httpd: its configuration with four people, and a
# client whose every answer is held against the API's description.

use strict;
use warnings;

use Encode ();
use Exporter 'import';
use IO::Handle;
use IPC::Open2;
use JSON::PP;
use MIME::Base64;
use Test::More;

our @EXPORT_OK = qw(PASSWORD);
use constant PASSWORD => 'a password for tests';

my $mount = '/qdn/dashboard';

# Directives: an admin (boss), the operators of t/lib/house.conf, a viewer
# (desk), and one who has no role (stranger). All have the same password.
sub config {
    return <<'CONF';
QDNAdmin boss
QDNViewer desk
<Location "/qdn/dashboard">
    SetHandler qdn-dashboard
    AuthType Basic
    AuthName "Calls"
    AuthUserFile "@DIR@/people"
    Require valid-user
</Location>
CONF
}

# new(HTTPD): write its people; the server need not run yet.
sub new {
    my ($class, $httpd) = @_;
    my $hash = crypt PASSWORD, '$5$saltsalt$';
    QDN::Httpd::spew("$httpd->{dir}/people",
        join '', map { "$_:$hash\n" } qw(boss sergio ana desk stranger));
    return bless { httpd => $httpd, owner => $$ }, $class;
}

# The description, from the server that runs.
sub document {
    my ($self) = @_;
    return $self->{document} if $self->{document};
    my $answer = $self->send('boss', 'GET', "$mount/api/openapi.json");
    die "api/openapi.json: $answer->{status}\n" if $answer->{status} != 200;
    my $file = "$self->{httpd}{dir}/openapi.json";
    QDN::Httpd::spew($file, $answer->{content});
    $self->{pid} = open2($self->{from}, $self->{to}, '/usr/bin/python3',
        "$QDN::Httpd::T/lib/openapi.py", $file);
    return $self->{document} = decode_json($answer->{content});
}

sub DESTROY {
    my ($self) = @_;
    local $?;
    return if !$self->{pid} || $self->{owner} != $$;
    close $self->{to};
    waitpid $self->{pid}, 0;
    return;
}

# ask(USER, METHOD, PATH, headers => {}, content => ...): HTTP::Tiny's answer,
# with `json` if it is JSON. PATH is below api/; USER undef: no login.
sub ask {
    my ($self, $user, $method, $path, %option) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $answer = $self->send($user, $method, "$mount/api/$path", %option);
    my $type = $answer->{headers}{'content-type'} // '';
    $answer->{json} = decode_json($answer->{content})
        if $type =~ /json/ && length $answer->{content};
    my $complaint = $self->complaint($method, $path, $answer, $type);
    ok($complaint eq 'ok', "$method $path, $answer->{status}, is as described")
        or diag($complaint, "\n", substr $answer->{content}, 0, 2000);
    return $answer;
}

# The same without a look at the description, of a path of the server.
sub send {
    my ($self, $user, $method, $target, %option) = @_;
    my %headers = %{ $option{headers} || {} };
    $headers{Authorization} = 'Basic '
        . encode_base64("$user:" . PASSWORD, '') if defined $user;
    return $self->{httpd}->request($method, $target, { headers => \%headers,
        exists $option{content} ? (content => $option{content}) : () });
}

# A change as the page sends it.
sub put {
    my ($self, $user, $operator, $wish, %headers) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return $self->ask($user, 'PUT', "operators/$operator/status",
        content => ref $wish ? encode_json($wish) : $wish,
        headers => { 'Content-Type' => 'application/json',
            'Sec-Fetch-Site' => 'same-origin', %headers });
}

sub complaint {
    my ($self, $method, $path, $answer, $type) = @_;
    $self->document;
    $path =~ s/\?.*//;
    print { $self->{to} } JSON::PP->new->ascii->encode({
        method => $method, path => "/$path", status => 0 + $answer->{status},
        type => $type, body => Encode::decode('UTF-8', $answer->{content}) }),
        "\n";
    $self->{to}->flush;
    my $line = readline $self->{from};
    chomp $line if defined $line;
    return $line // 'openapi.py has ended';
}

1;
