# SPDX-License-Identifier: Apache-2.0
# What `apachectl configtest` refuses, warns of and notes: with file, line and
# a sentence; and what is left alone when nobody asked for a configtest.

use QDN::Test;
use QDN::Twilio qw(ACCOUNT TOKEN);

use File::Path qw(make_path);
use JSON::PP;

my $httpd = httpd(bare => 1, config => qq(Include "\@DIR\@/row.conf"\n));
my $dir   = $httpd->{dir};
my $row   = "$dir/row.conf";

# -- a small business, and what a row changes in it --

my %part = (
    secrets  => 'QDNSecrets dotenv:@DIR@/secrets.env',
    url      => 'QDNPublicURL https://calls.example.com/qdn/twilio',
    state    => 'QDNStateDir "@DIR@/state"',
    location => qq(<Location "/qdn/twilio">\nSetHandler qdn-twilio\n)
        . '</Location>',
    server   => '',
    operator => '<QDNOperator sergio>',
    phones   => "QDNPhone primary +16195550101\nQDNPhone backup +18585550102",
    between  => '</QDNOperator>',
    line     => '<QDNLine +16195550100>',
    hops     => "QDNHop sergio/primary\nQDNHop sergio/backup",
    end      => '</QDNLine>',
);
my @order = qw(secrets url state location server operator phones between line
    hops end);

# Write the row's file; the number of the line that ends in "<<<".
sub compose {
    my (%change) = @_;
    my $text = join "\n", (map { $change{$_} // $part{$_} } @order), '';
    $text =~ s/\@DIR\@/$dir/g;
    my @lines = split /\n/, $text, -1;
    my ($at) = grep { $lines[$_ - 1] =~ s/ *<<<\z// } 1 .. @lines;
    QDN::Httpd::spew($row, join "\n", @lines);
    return $at;
}

my $more = 'QDNHop sergio/primary';
my $both = "QDNHop sergio/primary\nQDNHop sergio/backup";
my $ten  = join ' ', map { "sergio/p$_" } 0 .. 9;
my $eleven = join "\n", map { sprintf 'QDNPhone p%d +161955501%02d', $_, $_ }
    0 .. 10;

sub phone { return (phones => "QDNPhone primary $_[0] <<<", hops => $more) }
sub hops  { return (hops => "$both\n$_[0] <<<") }
sub server { return (server => "$_[0] <<<") }
sub within { my ($container, $text) = @_;
    return (server => join "\n", "<$container>", "$text <<<",
        '</' . ($container =~ /^(\w+)/)[0] . '>') }

# [what is wrong, the sentence, what differs from the small business]
my @refused = (
    # Numbers
    ['no +', qr/did you mean \+16195550101/, phone('6195550101')],
    ['blanks', qr/not in E\.164 form/, phone('"+1 619 555 0101"')],
    ['letters', qr/not in E\.164 form/, phone('+1619555CALL')],
    ['too long', qr/not in E\.164 form/, phone('+' . '1' x 16)],
    ['no such area', qr/no North American number/, phone('+1' . '1235550101')],
    (map { ["emergency $_", qr/is an emergency number/, phone($_)] }
        qw(911 112 999 000 +1911 +44999 988)),
    ['short', qr/is a short number/, phone('55501')],
    (map { ["premium $_", qr/is a premium-rate number/, phone($_)] }
        '+19005550101', '+1' . '6199765501', '+44' . '9098790001'),
    ['line: no +', qr/not in E\.164 form/, line => '<QDNLine 16195550100> <<<'],
    ['line: short', qr/short number/, line => '<QDNLine 55501> <<<'],
    ['forwarded from nobody', qr/E\.164/, hops('QDNForwardedFrom home')],

    # Phones and operators
    ['ring too short', qr/ring=.*'9' .* from 10 to 120/,
        phone('+16195550101 ring=9')],
    ['ring too long', qr/'121' .* from 10 to 120/,
        phone('+16195550101 ring=121')],
    ['ring of words', qr/not a whole number/, phone('+16195550101 ring=20s')],
    ['screen', qr/from 10 to 45/, phone('+16195550101 screen=46')],
    ['confirm', qr/accepted are key or none/, phone('+16195550101 confirm=1')],
    ['option', qr/'rang=20' is not understood; accepted are ring= /,
        phone('+16195550101 rang=20')],
    ['option twice', qr/ring= is given twice/,
        phone('+16195550101 ring=20 ring=30')],
    ['label', qr/not a name of/, phones => 'QDNPhone a/b +16195550101 <<<'],
    ['label twice', qr/'primary' already from \Q$row\E:\d+/, phones =>
        "QDNPhone primary +16195550101\nQDNPhone primary +18585550102 <<<"],
    ['no number', qr/expected is QDNPhone LABEL NUMBER/,
        phones => 'QDNPhone primary <<<'],
    ['an open quote', qr/quote .* is not closed/, phones =>
        'QDNPhone primary "+16195550101 <<<'],
    ['operator of no name', qr/expected is <QDNOperator ID>/,
        operator => '<QDNOperator> <<<'],
    ['operator of two names', qr/expected is <QDNOperator ID>/,
        operator => '<QDNOperator ser gio> <<<'],
    ['operator with a slash', qr/not a name of/,
        operator => '<QDNOperator a/b> <<<'],
    ['operator twice', qr/already described at \Q$row\E:\d+/,
        line => "<QDNOperator sergio> <<<\n</QDNOperator>\n$part{line}"],
    ['no >', qr/missing closing '>'/, operator => '<QDNOperator sergio <<<'],
    (map { ["zone $_", qr/is not a time zone of this machine/,
        phones => "$part{phones}\nQDNTimezone $_ <<<"] }
        qw(Mars/Olympus America ../../etc/passwd /etc/localtime zone.tab)),

    # Where availability is known from
    ['zone of the server', qr/is not a time zone of this machine/,
        server('QDNTimezone Mars/Olympus')],
    ['hours', qr/position/, hops('QDNHours "Mo-Fr 25:00-26:00"')],
    ['hours without a zone', qr/neither this block nor the server has/,
        hops('QDNHours "Mo-Fr 08:00-18:00"')],
    ['holidays: no path', qr/does not begin with https/,
        server('QDNHolidays us.ics')],
    ['holidays: kind', qr/accepted are public or school/,
        hops('QDNHolidays /us.ics kind=bank')],
    ['list: no path', qr/not the absolute path of a file/,
        server('QDNNumbers vip vip.txt')],
    ['list twice', qr/a list 'vip' already from \Q$row\E:\d+/,
        server("QDNNumbers vip /a\nQDNNumbers vip /b")],
    ['on a call', qr/accepted are skip or ring/, server('QDNOnACall maybe')],
    ['calendar detail', qr/neither on nor off/,
        server('QDNCalendarDetail all')],
    (map { ["operator: $_->[0]", $_->[1],
        phones => "$part{phones}\n$_->[0] <<<"] }
        ['QDNCalendar sergio@example.com', qr/given as google:ID, ics:URL/],
        ['QDNCalendar ics:http://c.example.com/x', qr/not encrypted/],
        ['QDNCalendar ics:https://s:p@c.example.com/x', qr/has a user name/],
        ['QDNCalendar caldav:https://c.example.com/x user=s',
            qr/user= needs secret=/],
        ['QDNCalendar ics:/x.ics refresh=5s', qr/from 1m to 1d/],
        ['QDNCalendar ics:/x.ics refresh=1h stale=30m',
            qr/stale= is shorter than refresh=/],
        ['QDNDuty google:s@example.com match=S', qr/no titles for match=/],
        ['QDNPresence https://p.example.com/ pointer=/x refresh=30',
            qr/pointer= and available= are needed/],
        ['QDNPresence https://p.example.com/ pointer=x available=y',
            qr/not a JSON pointer/]),
    ['a secret without secrets', qr/asked with PW, and the server has no/,
        secrets => '', hops => $both
            . "\nQDNSecrets dotenv:\@DIR\@/secrets.env",
        phones => "$part{phones}\n"
            . 'QDNCalendar caldav:https://c.example.com/x secret=PW <<<'],

    # Lines and hops
    ['line twice', qr/already described at \Q$row\E:\d+/,
        end => "</QDNLine>\n<QDNLine +16195550100> <<<\n$more\n</QDNLine>"],
    ['line without a hop', qr/rings nobody/,
        line => '<QDNLine +16195550100> <<<', hops => ''],
    ['unknown operator', qr/no operator 'ana'/, hops('QDNHop ana/mobile')],
    ['unknown label', qr/no phone 'mobile'; it has primary, backup/,
        hops('QDNHop sergio/mobile')],
    ['hop of no phone', qr/OPERATOR\/LABEL comes first/,
        hops('QDNHop ring=20')],
    ['hop of an operator', qr/'sergio' does not name a phone/,
        hops('QDNHop sergio')],
    ['hop ring', qr/from 10 to 120/, hops("$more ring=5")],
    ['hop when', qr/accepted are available, always or even-away/,
        hops("$more when=sometimes")],
    ['hop: eleven phones', qr/has 11 phones and Twilio rings at most 10/,
        phones => $eleven, hops => "QDNHop $ten sergio/p10 <<<"],
    ['hop: one phone twice', qr/names sergio\/primary twice/,
        hops('QDNHop sergio/primary sergio/primary')],
    ['hop: confirm=none in a pair', qr/sergio\/backup has confirm=none/,
        phones => "QDNPhone primary +16195550101\n"
            . 'QDNPhone backup +18585550102 confirm=none',
        hops => 'QDNHop sergio/primary sergio/backup <<<'],
    ['a line that rings itself', qr/leads back to line/,
        phones => "QDNPhone primary +16195550100",
        hops => 'QDNHop sergio/primary <<<'],
    ['two lines that ring each other', qr/leads back to line .* for ever/,
        phones => "QDNPhone a +16195550100\nQDNPhone b +16195550199",
        hops => 'QDNHop sergio/b', end => "</QDNLine>\n"
            . "<QDNLine +16195550199>\nQDNHop sergio/a <<<\n</QDNLine>"],
    ['rule: action', qr/accepted are reject, busy, voicemail/,
        hops('QDNRule ring "true"')],
    ['rule: no such cascade', qr/there is no cascade 'night'/,
        hops('QDNRule cascade=night "true"')],
    ['rule: no such list', qr/there is no list 'vip'; add QDNNumbers vip/,
        hops(q{QDNRule busy "qdn('List:vip') == 'yes'"})],
    ['cascade without a hop', qr/cascade night rings nobody/,
        server("<QDNCascade night> <<<\n</QDNCascade>")],
    ['cascade: unknown operator', qr/cascade night: there is no operator/,
        within('QDNCascade night', 'QDNHop ana/mobile')],
    ['cascade: rule', qr/may not stand here/,
        within('QDNCascade night', 'QDNRule busy "true"')],
    ['rule: expression', qr/syntax error/, 
        hops(q{QDNRule reject "qdn('From' =="})],
    ['rule: function', qr/Function 'qnd' does not exist/,
        hops(q{QDNRule reject "qnd('From') == ''"})],
    ['rule without expression', qr/expected is QDNRule/,
        hops('QDNRule reject')],
    ['voicemail off with more', qr/off takes no options/,
        hops('QDNVoicemail off max=60')],
    ['voicemail max', qr/from 10 to 600/, hops('QDNVoicemail max=601')],
    ['voicemail greeting', qr/text of 1 to 1000 bytes/,
        hops('QDNVoicemail greeting=""')],
    ['voicemail notify', qr/notify=ana names no operator/,
        hops('QDNVoicemail notify=sergio,ana')],
    ['welcome', qr/text of 1 to 1000 bytes/,
        hops('QDNWelcome "' . 'x' x 1001 . '"')],
    ['name', qr/expected is QDNName TEXT/, hops('QDNName Two Words')],
    ['caller id', qr/accepted are line or caller/, hops('QDNCallerID none')],
    ['budget below', qr/from 30 to 150/, hops('QDNBudget 29')],
    ['budget above', qr/from 30 to 150/, hops('QDNBudget 151')],
    ['time limit', qr/not a duration from 1m to 1d/, hops('QDNTimeLimit 25h')],
    ['line screen', qr/from 10 to 45/, hops('QDNScreen 9')],

    # The server
    (map { ["URL $_->[0]", $_->[1], url => "QDNPublicURL $_->[0] <<<"] }
        ['http://calls.example.com/qdn/twilio', qr/not encrypted/],
        ['https://sergio@calls.example.com/qdn/twilio', qr/user name/],
        ['https://calls.example.com/qdn?a=b', qr/query/],
        ['https://calls.example.com', qr/has no path/],
        ['https://calls.example.com/', qr/need a path of their own/],
        ['https://calls.example.com/qdn/../x', qr/path with other characters/],
        ['https://calls.example.com/q%64n', qr/path with other characters/],
        ['calls.example.com/qdn', qr/does not begin with https/]),
    ['no URL', qr/no QDNPublicURL/, url => '',
        line => '<QDNLine +16195550100> <<<'],
    ['no auth token', qr/has no auth token; add QDNSecrets/, secrets => '',
        line => '<QDNLine +16195550100> <<<'],
    ['state dir', qr/not the absolute path/, state => 'QDNStateDir state <<<'],
    ['sync', qr/neither on nor off/, server('QDNJournalSync maybe')],
    ['wait', qr/duration from 100ms to 10s/, server('QDNJournalWait 11')],
    ['max', qr/not a size from 1M/, server('QDNJournalMax 10K')],
    ['retention', qr/not a duration from 1d/, server('QDNRetention forever')],
    (map { ["secrets $_", qr/is no source of secrets/,
        secrets => "QDNSecrets $_ <<<"] }
        '/etc/qdn/repos.env', 'dotenv:repos.env', 'exec:fetch', 'env:TOKEN'),
    (map { ["$_->[0] twice", qr/was given already at \Q$row\E:\d+/,
        server("$_->[0] $_->[1]\n$_->[0] $_->[1]")] }
        ['QDNJournalSync', 'on'], ['QDNJournalWait', '2s'],
        ['QDNJournalMax', '1G'],
        ['QDNRetention', 'off']),
    (map { [($_ =~ /^(\w+)/)[0] . ' twice', qr/was given already at \Q$row\E:/,
        hops("$_\n$_")] }
        'QDNName A', 'QDNTimezone UTC', 'QDNWelcome A', 'QDNBudget 100',
        'QDNVoicemail off', 'QDNCallerID line', 'QDNTimeLimit 1h',
        'QDNScreen 12', 'QDNSecrets dotenv:/x'),
    ['URL twice', qr/was given already at/,
        server('QDNPublicURL https://calls.example.com/other')],
    ['one path for two URLs', qr/has its public URL already from \Q$row\E:2/,
        within('Location "/qdn/twilio"',
            'QDNPublicURL https://b.example.com/x')],

    # In the wrong place
    (map { ['in a virtual host: ' . ($_ =~ /^(\S+)/)[0],
        qr/belong to the main server/, within('VirtualHost *:1', $_)] }
        'QDNStateDir /x', 'QDNSecrets dotenv:/x', 'QDNHop sergio/primary',
        'QDNPublicURL https://b.example.com/x', "<QDNOperator x> <<<\n"
            . '</QDNOperator>'),
    (map { ["$_", qr/inside a <Location> with a plain path/,
        within($_, 'QDNPublicURL https://b.example.com/x')] }
        'LocationMatch "^/x"', 'Location ~ "^/x"', 'Location "/x*"',
        'Location "/x?"', 'Location "/[x]"', 'Directory "/x"', 'Files "x"'),
    ['Location of everything', qr/need a path of their own/,
        within('Location "/"', 'QDNPublicURL https://b.example.com/x')],
    ['in a location: QDNStateDir', qr/not allowed|may not stand here/,
        within('Location "/x"', 'QDNStateDir /x')],
    ['hop outside', qr/may not stand here, only inside <QDNLine> or/,
        server($more)],
    ['phone in a line', qr/only inside <QDNOperator>/,
        hops('QDNPhone x +16195550103')],
    ['URL in a line', qr/may not stand here/,
        hops('QDNPublicURL https://b.example.com/x')],
    ['operator in a line', qr/may not stand here/,
        hops("<QDNOperator x> <<<\n</QDNOperator>")],
    ['SetEnv in a line', qr/SetEnv may not stand inside <QDNLine>/,
        hops('SetEnv a b')],
    ['a driver whose SQL we do not speak',
        qr/DBDriver odbc is not supported for calls; use one of sqlite3, pgsql, mysql/,
        server("DBDMin 0\nDBDriver odbc")],
    ['unknown directive', qr/Invalid command 'QDNHopp'/, hops('QDNHopp x')],
);

# $row:LINE as httpd says it about a directive, and as we say it.
sub named {
    my ($at) = @_;
    return qr/(?:line $at of \Q$row\E:\n|\Q$row\E:$at: )/;
}

sub refuses {
    my ($what, $says, %change) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $at = compose(%change) // die "$what: no line is marked\n";
    my ($status, $text) = $httpd->configtest;
    my $ok = $status && $text =~ /@{[named($at)]}(?!warning|note).*$says/;
    ok($ok, "refused: $what") or diag("status $status, line $at:\n$text");
    return;
}

compose();
my ($status, $text) = $httpd->configtest;
is("$status $text", "0 Syntax OK\n", 'the small business is fine, silently');
refuses(@$_) for @refused;

# -- secrets and directories, which only a configtest looks at --

my $good = "TWILIO_ACCOUNT_SID=" . ACCOUNT . "\n"
    . "TWILIO_AUTH_TOKEN=" . TOKEN . "\n";
my $file = "$dir/other.env";
QDN::Httpd::spew("$dir/real.env", $good, 0600);
QDN::Httpd::spew("$dir/fetch", "#!/bin/sh\necho x >> $dir/fetched\n"
    . "cat $dir/real.env\n");
chmod 0755, "$dir/fetch";
make_path("$dir/full/x", "$dir/empty");
chmod 0755, "$dir/full";

sub spew_env { my ($text, $mode) = @_;
    return sub { QDN::Httpd::spew($file, $text, $mode // 0600) } }

# [what, the sentence, how the file is made]
my @secrets = (
    ['missing', qr/cannot be opened: No such file/, sub { }],
    ['read by the group', qr/mode 640.*chmod 600/, spew_env($good, 0640)],
    ['read by all', qr/mode 604.*chmod 600/, spew_env($good, 0604)],
    ['executable', qr/mode 700/,
        sub { spew_env($good)->(); chmod 0700, $file }],
    ['symbolic link', qr/is a symbolic link/,
        sub { symlink "$dir/real.env", $file }],
    ['directory', qr/is not a regular file/, sub { mkdir $file, 0700 }],
    ['fifo', qr/is not a regular file/,
        sub { require POSIX; POSIX::mkfifo($file, 0600) }],
    ['too large', qr/more than 64 KiB/, spew_env($good . '#' x 65536)],
    ['empty', qr/has no TWILIO_ACCOUNT_SID/, spew_env('')],
    ['no token', qr/has no TWILIO_AUTH_TOKEN/,
        spew_env($good =~ s/\n.*/\n/sr)],
    ['empty token', qr/has no TWILIO_AUTH_TOKEN/,
        spew_env($good =~ s/TOKEN=.*/TOKEN=/r)],
    ['another SID', qr/is not AC and 32/, spew_env($good =~ s/=AC/=AD/r)],
    ['a NUL', qr/\Q$file\E, line 3/, spew_env("${good}A=\0\n")],
);
for my $case (@secrets) {
    my ($what, $says, $make) = @$case;
    -d $file ? rmdir $file : unlink $file;
    $make->();
    refuses("secrets: $what", $says, secrets => "QDNSecrets dotenv:$file <<<");
}
unlink $file;
spew_env($good =~ s/TOKEN=./TOKEN=f/r)->();
refuses('secrets: two tokens of one account', qr/different tokens for account/,
    hops("QDNSecrets dotenv:$file"));
refuses("secrets: $_->[0]", $_->[1], secrets => "QDNSecrets $_->[0] <<<")
    for ['exec:/bin/false', qr/exit|status|failed/],
    ['exec:/nonexistent/fetch', qr/cannot be|No such file/],
    ['exec:/bin/true', qr/has no TWILIO_ACCOUNT_SID/],
    ['exec:/bin/sleep 20', qr/did not end|3 s|too long|time/],
    ['exec:/usr/bin/yes A=b', qr/64 KiB/];
refuses("state directory: $_->[0]", $_->[2], state => "QDNStateDir $_->[1] <<<")
    for ['of somebody', "$dir/full", qr/directory of its own/],
    ['below nothing', "$dir/no/such", qr/there is no directory/],
    ['a file', "$dir/real.env", qr/cannot open|Not a directory/],
    ['too long', '/tmp/' . 'x' x 92, qr/too long/];

# -- what is said although it is accepted --

my @heard = (
    ['warning', 'hop of two', qr/rings 2 phones together/,
        hops('QDNHop sergio/primary sergio/backup')],
    ['warning', 'budget', qr/with QDNBudget 111/, hops('QDNBudget 111')],
    ['warning', 'a hop that is never reached', qr/hop 2 is left out/,
        hops => "QDNHop sergio/primary ring=105\nQDNHop sergio/backup <<<"],
    ['warning', 'a shared number', qr/same number as sergio\/primary/,
        phones => "QDNPhone primary +16195550101\n"
            . 'QDNPhone backup +16195550101 <<<'],
    ['warning', 'a phone that is a line', qr/is the number of our line/,
        phones => "QDNPhone primary +16195550101\n"
            . 'QDNPhone backup +16195550199 <<<',
        end => "</QDNLine>\n<QDNLine +16195550199>\n$more\n</QDNLine>"],
    ['warning', 'screen without confirm', qr/screen= has no effect/,
        phones => "QDNPhone primary +16195550101 screen=20 confirm=none <<<",
        hops => $more],
    (map { ['warning', "the server's time, $_", qr/is the server's time/,
        hops(qq{QDNRule voicemail "$_ -lt 8"})] }
        '%{TIME_HOUR}', '%{time_hour}'),
    ['warning', 'hours without holidays', qr/PH in QDNHours means no day/,
        server => 'QDNTimezone UTC', hops(
            'QDNHours "Mo-Fr 08:00-18:00; PH off"')],
    ['warning', 'holidays without hours', qr/QDNHolidays have no effect/,
        phones => "$part{phones}\nQDNHolidays $dir/fetch <<<"],
    ['warning', 'a file that is not there', qr{/no/vip\.txt is not to be had},
        server("QDNNumbers vip $dir/no/vip.txt")],
    ['note', 'a challenge', qr/a challenge answers the call/,
        hops('QDNRule challenge "true"')],
    ['note', 'a cascade of no rule', qr/cascade night is chosen by no rule/,
        server("<QDNCascade night> <<<\n$more\n</QDNCascade>")],
    ['warning', 'no handler', qr/add <Location "\/qdn\/twilio">/,
        location => '', url => "$part{url} <<<"],
    ['warning', 'no line', qr/there is no line/, line => '', hops => '',
        end => '', operator => '<QDNOperator sergio> <<<'],
    ['warning', 'DBDMin', qr/set DBDMin 0/, server("DBDriver sqlite3")],
    ['warning', 'pgsql without connect_timeout', qr/connect_timeout=2/,
        server("DBDMin 0\nDBDParams dbname=x\nDBDriver pgsql")],
    ['note', 'a dashboard without an admin', qr/nobody may change.*QDNAdmin/,
        within('Location "/d"', 'SetHandler qdn-dashboard')],
    ['note', 'one login, two operators', qr/the login 'ana' is that of 'ana'/,
        server => "<QDNOperator ana>\nQDNPhone a +16195550103\n"
            . '</QDNOperator>', operator => '<QDNOperator sergio> <<<',
        phones => "$part{phones}\nQDNLogin ana",
        hops => "$both\nQDNHop ana/a"],
    ['warning', 'a login twice', qr/'boss' stands twice in QDNAdmin/,
        server('QDNAdmin boss boss')],
    ['note', 'welcome', qr/answers every call/, hops('QDNWelcome Hello')],
    ['note', 'a long talk', qr/after 4 h/, hops('QDNTimeLimit 5h')],
    ['note', 'a whisper that takes too long', qr/longer than screen=12 of/,
        line => "$part{line} <<<", hops => $both
            . qq{\nQDNName "Queen of San Diego Whale Watching Tours"}],
    ['note', 'an operator without a phone', qr/cannot be rung/, line =>
        "<QDNOperator ana> <<<\n</QDNOperator>\n$part{line}"],
    ['note', 'a phone in no hop', qr/is never rung/, hops => $more,
        phones => "QDNPhone primary +16195550101\n"
            . 'QDNPhone backup +18585550102 <<<'],
);
for my $case (@heard) {
    my ($severity, $what, $says, %change) = @$case;
    my $at = compose(%change);
    ($status, $text) = $httpd->configtest;
    ok(!$status && $text =~ /\Q$row\E:$at: $severity: .*$says/
            && $text =~ /Syntax OK/, "$severity: $what")
        or diag("status $status, line $at:\n$text");
}

# Everything that is wrong is said at once, errors first.
compose(hops => "QDNHop ana/a\nQDNHop ana/b\nQDNWelcome Hello");
($status, $text) = $httpd->configtest;
plays($text, [qr/no operator 'ana'/, qr/no operator 'ana'/, qr/note: /],
    'all problems are told, the grave ones first');

compose(map { $_ => '' } @order);
is_deeply([$httpd->configtest], [0, "Syntax OK\n"],
    'a module that is loaded and not used says nothing');

# -- who only asks httpd for something else --

sub httpd_says { return QDN::Httpd::run($httpd->command(@_)) }
sub fetched { return -s "$dir/fetched" ? (-s _) / 2 : 0 }

my $exec = "QDNSecrets exec:$dir/fetch";
compose(secrets => $exec);
for my $switches (['-S'], ['-M'], ['-L'], ['-V'], ['-k', 'stop'],
    ['-t', '-D', 'DUMP_VHOSTS'], ['-t', '-D', 'DUMP_QDN'],
    ['-t', '-D', 'DUMP_QDN_DBD']) {
    httpd_says(@$switches);
    is(fetched(), 0, "@$switches does not ask for secrets");
    ok(!-e "$dir/state", "@$switches makes no state directory");
}
is(($httpd->configtest)[0], 0, 'configtest...');
is(fetched(), 1, '... asks once');
ok(!-e "$dir/state", '... and makes no state directory');

compose(secrets => 'QDNSecrets dotenv:/nonexistent/secrets.env',
    state => 'QDNStateDir /nonexistent/state');
for my $switches (['-S'], ['-M'], ['-t', '-D', 'DUMP_QDN'],
    ['-t', '-D', 'DUMP_QDN_DBD']) {
    is((httpd_says(@$switches))[0], 0, "@$switches: no matter what is missing");
}

# -- the dumps --

compose(hops(qq(QDNVoicemail "greeting=\xc3\xa4 \\"b\\" c" notify=sergio)));
QDN::Httpd::spew("$dir/secrets.env", 'unreadable', 0);
my $plan = $httpd->plan;
is($plan->{lines}[0]{voicemail}{greeting}, "\x{e4} \"b\" c",
    'DUMP_QDN is JSON, in UTF-8');
is_deeply([map { $_->{phones}[0] } @{ $plan->{lines}[0]{hops} }],
    ['sergio/primary', 'sergio/backup'], 'DUMP_QDN holds the cascade');
like($plan->{revision}, qr/^[0-9a-f]{12}\z/, 'DUMP_QDN tells the revision');
($status, $text) = $httpd->configtest('-D', 'DUMP_QDN');
unlike($text, qr/@{[TOKEN]}/, 'DUMP_QDN tells no secret');
compose(phones => "$part{phones}\n"
    . 'QDNCalendar ics:https://c.example.com/private-5f1c/x.ics');
($status, $text) = $httpd->configtest('-D', 'DUMP_QDN');
like($text, qr/"ics:c\.example\.com"/, 'DUMP_QDN names a calendar');
unlike($text, qr/private-5f1c/, '... and not its private address');
compose(hops(qq(QDNVoicemail "greeting=other")));
isnt($httpd->plan->{revision}, $plan->{revision},
    'another plan, another revision');

sub dumped_dbd {
    my ($code, $out) = $httpd->configtest('-D', 'DUMP_QDN_DBD');
    return $code ? $out
        : (JSON::PP->new->utf8->decode_prefix($out =~ s/^[^{]*//r))[0];
}
is_deeply(dumped_dbd(), { driver => 'sqlite3', state_dir => "$dir/state",
    params => "$dir/state/qdn.sqlite" }, 'DUMP_QDN_DBD: the embedded one');
compose(server => "DBDriver pgsql\nDBDMin 0\n"
    . 'DBDParams "host=db.example.com dbname=calls connect_timeout=2"');
is_deeply(dumped_dbd(), { driver => 'pgsql', state_dir => "$dir/state",
    params => 'host=db.example.com dbname=calls connect_timeout=2' },
    'DUMP_QDN_DBD: a configured one');

# -- the same at a start --

compose();
$httpd->write_secrets($good, 0644);
ok(!$httpd->try_start, 'secrets that others can read end a start');
like($httpd->log_text, qr/QDN0610: \Q$row\E:1: .* has mode 644/,
    '... with file, line and reason');
my $at = compose(hops('QDNHop ana/mobile'));
ok(!$httpd->try_start, 'so does a plan that is refused');
like($httpd->log_text, qr/QDN0602: \Q$row\E:$at: .*no operator 'ana'/,
    '... likewise');
compose(state => "QDNStateDir $dir/full");
$httpd->write_secrets($good);
ok(!$httpd->try_start, 'so does the directory of somebody else');
like($httpd->log_text, qr/QDN0640: .*directory of its own/, '... likewise');
expect_log(qw(QDN0610 QDN0602 QDN0640));

compose(secrets => $exec, hops('QDNBudget 111'));
unlink "$dir/fetched";
ok($httpd->try_start, 'httpd starts with a warning');
is(fetched(), 1, '... and asked for the secrets once');
my @graceful = $httpd->command('-k', 'graceful');
is((QDN::Httpd::run(@graceful))[0], 0, 'a graceful restart...');
eventually { return fetched() == 2 } '... asks once more';
my $other = httpd(bare => 1, config => qq(Include "$row"\n));
ok(!$other->try_start, 'a second httpd is kept out of the state directory');
like($other->log_text, qr/QDN0640: .*in use by another httpd/, '... and told');

unlink "$dir/fetch";
is((httpd_says('-k', 'stop'))[0], 0, 'who cannot read them can stop it');
eventually { waitpid($httpd->{pid}, 1) == $httpd->{pid} } '... and it stops';
delete $httpd->{pid};

done_testing;
