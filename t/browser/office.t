# SPDX-License-Identifier: Apache-2.0
# The dashboard of a busy office in chromium: every view and every action, on
# a wide screen and a phone, light and dark, with the keyboard alone, reloaded
# in the middle, with two browsers at once; and what strangers may not do.

use QDN::Test;
use QDN::Browser;
use QDN::Outside;
use QDN::Past;

my $httpd = httpd(defines => ['QDN_TEST_CLOCK'],
    config => QDN::Httpd::slurp("$QDN::Httpd::T/browser/office.conf"));
allow_log(qw(QDN0643 QDN0521 QDN0650));
QDN::Past::calendar("$httpd->{dir}/kim.ics", 'Dentist');
my $elsewhere = QDN::Outside->start;
my $office = QDN::Browser->new($httpd,
    stage => { elsewhere => $elsewhere->{port} },
    words => {
        reset => sub { reset_all($httpd); {} },
        page => sub { $elsewhere->set($_[0]{path}, type => 'text/html',
            body => $_[0]{body}); {} },
    });

# Nobody has set a status.
sub reset_all {
    my ($server) = @_;
    $server->qdnctl('status', $_, 'auto', '--state', "$server->{dir}/state")
        for qw(sergio ana kim);
    return;
}

my %past = QDN::Past::calls($office);
$office->crowd(210);
$office->{stage}{past} = \%past;
$httpd->reconfigure($httpd->{config} =~ s/"Kim"/"Kim Lee"/r);
ok $httpd->graceful, 'Kim gets a longer name';
eventually { ($httpd->sql('SELECT count(*) AS n FROM qdn_call'))[0]{n}
    >= 210 + keys %past } 'all calls are in SQL';
for my $name (sort keys %past) {
    my ($row) = $httpd->sql('SELECT outcome FROM qdn_call'
        . " WHERE call_sid = '$past{$name}{sid}'");
    is $row->{outcome}, $past{$name}{outcome}, "the past: $name";
}
$office->play(qw(past actions));
$office->play(qw(views keyboard strangers))
    if $httpd->{database} eq 'sqlite3';    # the same on each
done_testing;
