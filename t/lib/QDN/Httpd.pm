# SPDX-License-Identifier: Apache-2.0
package QDN::Httpd;

# One private httpd: its own ServerRoot, port, MPM and database. It runs as
# whoever runs the test, on the loopback interface, and is ended by its pid.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Path qw(make_path);
use HTTP::Tiny;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP;
use POSIX qw(:sys_wait_h setpgid);
use Time::HiRes qw(sleep time);

use QDN::Twilio qw(ACCOUNT TOKEN);

our $T      = dirname(dirname(dirname(abs_path(__FILE__))));
our $SOURCE = dirname($T);

use constant PATIENCE => 10;    # seconds until a start or stop has failed

my $servers = 0;

# What the surroundings must say; build/test does.
sub setting {
    my ($name) = @_;
    return $ENV{$name}
        // die "$name is not set: run this through build/test\n";
}

# new(config => TEXT, ...):
#   config    directives; default t/lib/house.conf
#   bare      1: no directive of ours but what config says
#   module, file  another module than ours, and where it is
#   secrets   text of the dotenv file
#   public    QDNPublicURL; default https://calls.example.com/qdn/twilio
#   mpm       event, worker, prefork; default $QDN_TEST_MPM or event
#   database  sqlite3, pgsql, mysql; default $QDN_TEST_DATABASE or sqlite3
#   dsn       of a database that exists; default is a new one
#   defines   [NAME, ...] for -D
#   single    1: one process besides the daemon, no restarts (httpd -X)
#   mishap    a QDN::Mishap that its disk and clock meet
# In every text @DIR@, @PORT@, @SOURCE@ and @SECRETS@ are replaced.
sub new {
    my ($class, %want) = @_;
    my $self = bless {
        public   => 'https://calls.example.com/qdn/twilio',
        secrets  => "TWILIO_ACCOUNT_SID=" . ACCOUNT . "\n"
            . "TWILIO_AUTH_TOKEN=" . TOKEN . "\n",
        mpm      => $ENV{QDN_TEST_MPM} || 'event',
        database => $ENV{QDN_TEST_DATABASE} || 'sqlite3',
        defines  => [],
        module   => 'qdn',
        token    => TOKEN,
        owner    => $$,
        %want,
    }, $class;
    $self->{config} //= slurp("$T/lib/house.conf");
    $self->{name} = sprintf '%d-%d', $$, ++$servers;
    $self->{dir}  = "$T/run/$self->{name}";
    make_path(map { "$self->{dir}/$_" } qw(logs htdocs));
    $self->{port} = free_port();
    $self->write_secrets($self->{secrets});
    $self->create_database
        if $self->{database} ne 'sqlite3' && !$self->{dsn};
    $self->write_config;
    return $self;
}

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

sub spew {
    my ($path, $text, $mode) = @_;
    unlink $path;
    my $mask = umask(0777 & ~($mode // 0644));
    open my $file, '>', $path or die "$path: $!\n";
    umask $mask;
    print $file $text;
    close $file or die "$path: $!\n";
    return;
}

# A port of the range $QDN_TEST_PORTS ("8540-8559") that nobody listens on.
sub free_port {
    my ($low, $high) = split /-/, $ENV{QDN_TEST_PORTS} || '8540-8559';
    for my $port ($low .. $high) {
        next if $port == ($ENV{QDN_TEST_BASE_PORT} || 0);
        my $socket = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1', LocalPort => $port,
            Listen => 1, ReuseAddr => 1);
        return $port if $socket;
    }
    die "no free port in $low-$high\n";
}

# -- configuration --

sub write_secrets {
    my ($self, $text, $mode) = @_;
    spew("$self->{dir}/secrets.env", $text, $mode // 0600);
    return;
}

# Replace the test's directives; takes effect at the next start or restart.
sub reconfigure {
    my ($self, $config) = @_;
    $self->{config} = $config;
    $self->write_config;
    return;
}

sub write_config {
    my ($self) = @_;
    my $text = $self->frame;
    $text .= $self->ours unless $self->{bare};
    $text .= $self->{config};
    my %value = (
        DIR     => $self->{dir},
        PORT    => $self->{port},
        SOURCE  => $SOURCE,
        SECRETS => "dotenv:$self->{dir}/secrets.env",
    );
    $text =~ s/\@(DIR|PORT|SOURCE|SECRETS)\@/$value{$1}/g;
    spew("$self->{dir}/httpd.conf", $text);
    return;
}

# httpd itself, and the module.
sub frame {
    my ($self) = @_;
    my @command = ('sh', "$SOURCE/build/lib/base_conf.sh",
        setting('QDN_HTTPD'), setting('QDN_HTTPD_MODULES'), $self->{mpm});
    my ($status, $modules) = run(@command);
    die "base_conf.sh failed: $modules" if $status;
    my $file = $self->{file} || setting('QDN_MODULE');
    return <<"CONF" . $modules . <<'CONF';
ServerRoot "\@DIR\@"
ServerName 127.0.0.1
Listen 127.0.0.1:\@PORT\@
PidFile logs/httpd.pid
DefaultRuntimeDir "\@DIR\@/logs"
ErrorLog logs/error_log
LogLevel info $self->{module}:debug
DocumentRoot "\@DIR\@/htdocs"
LoadModule $self->{module}_module "$file"
CONF
<Directory />
    AllowOverride None
    Require all denied
</Directory>
<IfModule !mpm_prefork_module>
    StartServers 2
    ServerLimit 8
    ThreadsPerChild 8
    MinSpareThreads 8
    MaxSpareThreads 24
    MaxRequestWorkers 32
</IfModule>
<IfModule mpm_prefork_module>
    StartServers 4
    MaxRequestWorkers 16
</IfModule>
GracefulShutdownTimeout 5
CONF
}

# The directives that nearly every test needs.
sub ours {
    my ($self) = @_;
    my $conf = <<"CONF";
QDNSecrets \@SECRETS\@
QDNPublicURL $self->{public}
QDNStateDir "\@DIR\@/state"
<Location "/qdn/twilio">
    SetHandler qdn-twilio
</Location>
<Location "/qdn/health">
    SetHandler qdn-health
</Location>
<Location "/qdn/metrics">
    SetHandler qdn-metrics
</Location>
CONF
    $conf .= qq{DBDriver $self->{database}\nDBDMin 0\n}
        . qq{DBDParams "$self->{dsn}"\n}
        if $self->{database} ne 'sqlite3';
    return $conf;
}

# -- running it --

# Run a command to its end: (exit status, output of both streams).
sub run {
    my @command = @_;
    my $pid = open my $out, '-|';
    die "fork: $!\n" unless defined $pid;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT or POSIX::_exit(126);
        open STDIN, '<', '/dev/null' or POSIX::_exit(126);
        { no warnings 'exec'; exec @command; }
        POSIX::_exit(127);
    }
    local $/;
    my $text = <$out> // '';
    close $out;
    return ($? & 127 ? 128 + ($? & 127) : $? >> 8, $text);
}

sub command {
    my ($self, @more) = @_;
    return (setting('QDN_HTTPD'), '-d', $self->{dir},
        '-f', "$self->{dir}/httpd.conf",
        (map { ('-D', $_) } @{ $self->{defines} }), @more);
}

# The libraries of a sanitizer must be there before httpd's own, and a mishap
# before those it spoils.
sub with_preload {
    my ($self, $code) = @_;
    my $mishap = $self->{mishap};
    local %ENV = (%ENV, $mishap ? $mishap->environment : (),
        LD_PRELOAD => join ':', grep { defined && length }
            $ENV{QDN_TEST_PRELOAD}, $mishap && $mishap->{object});
    delete $ENV{LD_PRELOAD} unless length $ENV{LD_PRELOAD};
    return $code->();
}

# `apachectl configtest`, with more arguments if given: (status, output).
sub configtest {
    my ($self, @more) = @_;
    return $self->with_preload(sub { run($self->command('-t', @more)) });
}

# The plan as `-t -D DUMP_QDN` prints it, decoded.
sub plan {
    my ($self) = @_;
    my ($status, $text) = $self->configtest('-D', 'DUMP_QDN');
    return undef if $status;
    $text =~ s/^[^{]*//;
    return (JSON::PP->new->utf8->decode_prefix($text))[0];    # "Syntax OK"
}

# Start; dies with the error log if it does not come up.
sub start {
    my ($self) = @_;
    $self->try_start and return $self;
    die "httpd did not start:\n", $self->log_text;
}

# Start: true if it answers, false if it ended by itself.
sub try_start {
    my ($self) = @_;
    my @command = (split(' ', $ENV{QDN_TEST_WRAP} // ''),
        $self->command($self->{single} ? '-X' : '-DFOREGROUND'));
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        setpgid(0, 0);
        open STDIN, '<', '/dev/null' or POSIX::_exit(126);
        open STDOUT, '>>', "$self->{dir}/logs/stdout" or POSIX::_exit(126);
        open STDERR, '>&', \*STDOUT or POSIX::_exit(126);
        $self->with_preload(sub { no warnings 'exec'; exec @command });
        POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    my $deadline = time + PATIENCE;
    while (time < $deadline) {
        return 1 if $self->answers;
        if (waitpid($pid, WNOHANG) == $pid) {
            $self->{exit} = $?;
            delete $self->{pid};
            return 0;
        }
        sleep 0.02;
    }
    $self->kill_all;
    return 0;
}

sub answers {
    my ($self) = @_;
    return -s "$self->{dir}/logs/httpd.pid" && IO::Socket::INET->new(
        PeerAddr => '127.0.0.1', PeerPort => $self->{port}, Timeout => 1);
}

# Stop by a signal and wait for the end: seconds that it took, or undef if
# it had to be killed. WINCH stops gracefully.
sub stop {
    my ($self, $signal) = @_;
    my $pid = $self->{pid} or return 0;
    my $began = time;
    push @{ $self->{stops} }, my $stop = [length $self->log_text];
    kill $signal || 'TERM', $pid;
    while (time - $began < PATIENCE) {
        if (waitpid($pid, WNOHANG) == $pid) {
            $self->{exit} = $?;
            my $took = time - $began;
            $self->kill_all;
            $stop->[1] = length $self->log_text;
            return $took;
        }
        sleep 0.01;
    }
    $self->kill_all;
    return undef;
}

# Was what begins at that offset of the error log written during a stop?
sub stopping_at {
    my ($self, $offset) = @_;
    return grep { $offset >= $_->[0] && $offset < ($_->[1] // 0) }
        @{ $self->{stops} };
}

# Take away whatever is left of it: parent, children, daemon.
sub kill_all {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    kill '-KILL', $pid;
    waitpid $pid, 0;
    return;
}

# Restart in place and wait until the new configuration answers.
sub graceful { return $_[0]->restart('USR1') }

sub restart {
    my ($self, $signal) = @_;
    my $seen = () = $self->log_text =~ /resuming normal operations/g;
    kill $signal || 'HUP', $self->{pid};
    return $self->await(sub {
        my $now = () = $self->log_text =~ /resuming normal operations/g;
        $now > $seen && $self->answers;
    });
}

# Pids of the parent's children: workers, and the daemon.
sub children {
    my ($self) = @_;
    my @pids;
    for my $stat (glob '/proc/[0-9]*/stat') {
        open my $file, '<', $stat or next;
        my ($pid, $parent) = (<$file> // '') =~ /^(\d+) \(.*\) \S (\d+)/s or next;
        push @pids, $pid if $parent == $self->{pid};
    }
    return @pids;
}

# Wait until code returns something true, and return it; undef after a while.
sub await {
    my ($self, $code, $seconds) = @_;
    my $deadline = time + ($seconds || PATIENCE);
    while (1) {
        my $result = $code->();
        return $result if $result;
        return undef if time > $deadline;
        sleep 0.02;
    }
}

# -- asking it --

sub log_text {
    my ($self) = @_;
    return join '', map { -f $_ ? slurp($_) : '' }
        "$self->{dir}/logs/stdout", "$self->{dir}/logs/error_log";
}

# What the error log holds since this was last asked.
sub fresh_log {
    my ($self) = @_;
    my $text  = slurp("$self->{dir}/logs/error_log");
    my $fresh = substr $text, $self->{log_read} // 0;
    $self->{log_read} = length $text;
    return $fresh;
}

# A request to a local path: HTTP::Tiny's {status, headers, content}.
sub request {
    my ($self, $method, $path, $options) = @_;
    # Head and body leave in two writes: on a kept connection the second
    # would wait 40 ms for the delayed acknowledgement of the first.
    $self->{http} ||= HTTP::Tiny->new(
        timeout => 20, max_redirect => 0, keep_alive => 0);
    return $self->{http}->request($method,
        "http://127.0.0.1:$self->{port}$path", $options || {});
}

# What Twilio sends to a step ("voice", "voice/next?...") or to a URL of ours
# found in TwiML. params: the step's own; the call's are filled in.
# Options: method, token, signature (given: sent as it is, undef: not sent).
sub webhook {
    my ($self, $step, $params, %option) = @_;
    my $url = $step =~ /^https?:/ ? $step : "$self->{public}/$step";
    my $method = $option{method} || 'POST';
    $params = {
        AccountSid => ACCOUNT, ApiVersion => '2010-04-01',
        CallStatus => 'ringing', Direction => 'inbound',
        From => '+12025550123', To => '+16195550100', %$params,
    } if ref $params eq 'HASH';

    my $form = QDN::Twilio::form($params);
    if ($method eq 'GET') {
        $url .= ($url =~ /\?/ ? '&' : '?') . $form if length $form;
        $params = [];
    }
    my $signature = exists $option{signature} ? $option{signature}
        : QDN::Twilio::sign($option{token} // $self->{token}, $url, $params);
    my $path = $url;
    $path =~ s{^\Q$self->{public}\E}{/qdn/twilio}
        or die "$url is not below $self->{public}\n";
    my %headers;
    $headers{'X-Twilio-Signature'} = $signature if defined $signature;
    $headers{'Content-Type'} = 'application/x-www-form-urlencoded'
        if $method ne 'GET';
    return $self->request($method, $path, { headers => \%headers,
        $method eq 'GET' ? () : (content => $form) });
}

# Raw bytes to the server, raw bytes back.
sub raw {
    my ($self, $bytes) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $self->{port}, Timeout => 10) or die "connect: $!\n";
    print $socket $bytes;
    $socket->shutdown(1);
    local $/;
    return scalar(<$socket>) // '';
}

# qdnctl: (status, output of both streams).
sub qdnctl {
    my ($self, @arguments) = @_;
    return run(setting('QDN_CTL'), @arguments);
}

# What the daemon answers to a word ("health", "plan") at its socket: a hash,
# undef if it does not listen. Further members of the question may follow.
sub daemon {
    my ($self, $word, %members) = @_;
    my $socket = IO::Socket::UNIX->new(
        Peer => "$self->{dir}/state/ctl.sock", Timeout => PATIENCE) or return;
    print $socket
        JSON::PP->new->utf8->encode({ ask => $word, %members }), "\n";
    my $line = <$socket> // return;
    return JSON::PP->new->utf8->decode($line);
}

# -- SQL, read back through the databases' own clients --

# pg.sh or mariadb.sh has started one server; each httpd gets a database in it.
sub create_database {
    my ($self) = @_;
    my $all = setting({ pgsql => 'QDN_PG_DSN', mysql => 'QDN_MARIADB_DSN' }
        ->{ $self->{database} });
    my $name = "qdn_$self->{name}" =~ tr/-/_/r;
    $self->{dsn} = $all;
    my ($status, $text) = run($self->client("CREATE DATABASE $name"));
    die "CREATE DATABASE: $text" if $status;
    $self->{dsn} =~ s/\bdbname=\S+/dbname=$name/;
    return;
}

# The database's own client, as a command with arguments.
sub client {
    my ($self, @sql) = @_;
    return ('sqlite3', '-json', '-cmd', '.timeout 5000',
        "$self->{dir}/state/qdn.sqlite", @sql)
        if $self->{database} eq 'sqlite3';
    return ('psql', '-qXAtd', $self->{dsn}, '-v', 'ON_ERROR_STOP=1',
        map { ('-c', $_) } @sql)
        if $self->{database} eq 'pgsql';
    my %dsn = $self->{dsn} =~ /(\w+)=(\S+)/g;
    return ('mariadb', '--no-defaults', '--xml', '-n', '-h', $dsn{host},
        '-P', $dsn{port}, '-u', $dsn{user}, '-D', $dsn{dbname},
        '--default-character-set=utf8mb4', map { ('-e', $_) } @sql);
}

# The rows of a SELECT as a list of hashes; dies if SQL says no.
sub sql {
    my ($self, $select) = @_;
    my ($status, $text) = run($self->client($self->{database} eq 'pgsql'
        ? "SELECT coalesce(json_agg(t), '[]') FROM ($select) t" : $select));
    die "$select\n$text" if $status;
    return rows_of_xml($text) if $self->{database} eq 'mysql';
    return @{ length $text ? JSON::PP->new->utf8->decode($text) : [] };
}

# What `mariadb --xml` prints: <row>, <field name="x">text</field>, and for
# NULL <field name="x" xsi:nil="true" />.
sub rows_of_xml {
    my ($xml) = @_;
    my %entity = (lt => '<', gt => '>', amp => '&', quot => '"');
    my @rows;
    utf8::decode($xml);
    for my $row ($xml =~ m{<row>(.*?)</row>}gs) {
        my %field;
        while ($row =~ m{<field name="([^"]+)"(?: [^>]*/>|>(.*?)</field>)}gs) {
            my ($name, $text) = ($1, $2);
            $text =~ s/&(\w+);/$entity{$1}/g if defined $text;
            $field{$name} = $text;
        }
        push @rows, \%field;
    }
    return @rows;
}

# The events of a call in the order they happened, once there are at least n.
sub events {
    my ($self, $call_sid, $n) = @_;
    my @rows;
    $self->await(sub {
        @rows = eval { $self->sql("SELECT * FROM qdn_event"
            . " WHERE call_sid = '$call_sid' ORDER BY at, id") };
        @rows >= ($n || 1);
    });
    return @rows;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    $self->kill_all if $self->{owner} == $$;
    return;
}

1;
