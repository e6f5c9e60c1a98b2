# SPDX-License-Identifier: Apache-2.0
# The dashboard while the database hangs or is away, and while the daemon is:
# it says how old its data are, a status can still be set, and it comes back by
# itself.

use QDN::Test;
use QDN::Browser;
use QDN::Fault qw(daemons);
use QDN::Past;
use QDN::Postgres;

my $postgres = QDN::Postgres->new->start;
my $httpd = httpd(database => 'pgsql', dsn => $postgres->{dsn},
    defines => ['QDN_TEST_CLOCK'],
    config => QDN::Httpd::slurp("$QDN::Httpd::T/browser/office.conf"));
allow_log(map { sprintf 'QDN%04d', $_ }
    300 .. 399, 521, 600 .. 699, 700 .. 799);
QDN::Past::calendar("$httpd->{dir}/kim.ics", 'Dentist');
my $office = QDN::Browser->new($httpd, words => {
    freeze => sub { $postgres->freeze; {} },
    thaw   => sub { $postgres->thaw; {} },
    stop   => sub { $postgres->stop; {} },
    start  => sub { $postgres->start; {} },
    daemon => sub { kill $_[0]{signal}, daemons($httpd); {} },
});
my %past = QDN::Past::calls($office);
eventually { ($httpd->sql('SELECT count(*) AS n FROM qdn_call'))[0]{n}
    >= keys %past } 'all calls are in SQL';
$office->{stage}{past} = \%past;
allow_killed(daemons($httpd));
$office->play('faults');
$postgres->thaw;
done_testing;
