# SPDX-License-Identifier: Apache-2.0
# A journal whose writer and drain are gone: of an earlier version, of another
# host, put aside. What it holds is in SQL once, under the name of the host
# that wrote it.

use QDN::Test;
use QDN::Fault qw(segments);
use QDN::Httpd;
use QDN::Mishap;
use QDN::Session;
use QDN::Traffic;
use Time::HiRes qw(sleep time);

allow_log('QDN0311');

my $httpd = httpd(mishap => QDN::Mishap->new(host => 'old-host'))->start;
my $journal = "$httpd->{dir}/state/journal";

# -- another host takes the directory over --

# Some is drained by the old host, the rest only by the new one.
my $drained = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$drained->kept_once_ok('the old host drains what it can');
my $lock = $httpd->{database} eq 'sqlite3'
    ? QDN::Session->open($httpd, 'BEGIN IMMEDIATE')
    : QDN::Session->open($httpd, 'BEGIN', $httpd->{database} eq 'pgsql'
        ? 'LOCK TABLE qdn_event IN ACCESS EXCLUSIVE MODE'
        : 'SELECT * FROM qdn_journal FOR UPDATE');
my $moved = QDN::Traffic->new($httpd)->during(sub { sleep 0.7 });
$moved->served_ok('calls are answered while the database is locked');
ok defined $httpd->stop, 'the old host is switched off';
ok scalar(grep { /^old-host-/ } segments($httpd)),
    'and leaves segments that carry its name';
$lock->close;

$httpd->{mishap} = QDN::Mishap->new(host => 'new-host');
$httpd->start;
my $new = QDN::Traffic->new($httpd)->during(sub { sleep 0.5 });
$new->served_ok('the new host answers calls');
$moved->kept_once_ok('and brings what the old one left into SQL, once');
$drained->kept_once_ok('what was there already is there once');
$new->kept_once_ok('as are its own events');
is_deeply [map { $_->{host} } $httpd->sql(
    'SELECT DISTINCT host FROM qdn_event ORDER BY host')],
    ['new-host', 'old-host'], 'each event tells the host that made it';
eventually { !grep { /^old-host-/ } segments($httpd) }
    'nothing is left of the old host\'s journal';

# -- lines that an earlier and a later version wrote --

# Version 0.1's, byte for byte: whatever is added later must read this.
my $old_line = join '', '{"id":"00112233445566778899aabbccddeeff",',
    '"at":1700000000000000,"host":"old-host","kind":"call.received",',
    '"line":"+16195550100","call_sid":"CA', '0' x 31, '7","hop":0,',
    '"operator":null,"phone":null,"reason":"","detail":"{\"from\":\"',
    '+12025550123\"}","config":"0123456789ab"';
# A member more than this version knows, and a kind that it does not know.
my $more = $old_line =~ s/eff"/ef0"/r . ',"colour":"blue"';
my $newer = $old_line =~ s/eff"/ef1"/r =~ s/call\.received/call.teleported/r;

sub crc32c {
    my ($text) = @_;
    my $crc = 0xffffffff;
    for my $byte (unpack 'C*', $text) {
        $crc ^= $byte;
        $crc = $crc & 1 ? $crc >> 1 ^ 0x82f63b78 : $crc >> 1 for 1 .. 8;
    }
    return sprintf '%08x', $crc ^ 0xffffffff;
}

sub segment {
    my ($n, @lines) = @_;
    my $path = "$journal/old-host-1-0123456789abcdef.0000000$n.jsonl";
    QDN::Httpd::spew("$path.new", join('', map {
        $_ . ',"crc":"' . crc32c($_) . qq("}\n) } @lines), 0600);
    rename "$path.new", $path or die "$path: $!\n";
    return;
}

sub of_seven {
    return $httpd->sql("SELECT id, kind FROM qdn_event WHERE call_sid = 'CA"
        . '0' x 31 . "7' ORDER BY id");
}

segment(1, $old_line, $more, $newer);
eventually { of_seven() == 2 } 'lines of other versions are in SQL';
is_deeply [map { "$_->{kind}" } of_seven()], ['call.received',
    'call.received'], 'as what they say';
eventually { $httpd->daemon('health')->{drain}{parked_files} == 1 }
    'a line that only a newer version understands is put aside';
expect_log('QDN0313');
my ($parked) = glob "$httpd->{dir}/state/parked/*";
like QDN::Httpd::slurp($parked), qr/^\{.*"call\.teleported".*\}\n\z/,
    'as it was';
eventually { !grep { /^old-host-/ } segments($httpd) }
    'and its segment is done with';

# -- what was put aside is played again --

my $again = QDN::Httpd::slurp($parked)
    =~ s/,"crc".*//sr =~ s/call\.teleported/call.received/r;
QDN::Httpd::spew($parked, $again . ',"crc":"' . crc32c($again) . qq("}\n),
    0600);
rename $parked, "$journal/" . ($parked =~ m{([^/]+)$})[0]
    or die "$parked: $!\n";
eventually { of_seven() == 3 } 'moved back into the journal it is in SQL';
eventually { !grep { /^old-host-/ } segments($httpd) }
    'and the file is gone';

done_testing;
