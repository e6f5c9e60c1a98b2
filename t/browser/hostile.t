# SPDX-License-Identifier: Apache-2.0
# Texts from callers, calendars, colleagues and addresses that are HTML and
# JavaScript. In the browser they are read, and nothing of them is run.

use QDN::Test;
use QDN::Browser;
use QDN::Past;

my $httpd = httpd(
    config => QDN::Httpd::slurp("$QDN::Httpd::T/browser/hostile.conf"));
allow_log(qw(QDN0521 QDN0650 QDN0311 QDN0901));
QDN::Past::calendar("$httpd->{dir}/kim.ics", '<img src=x onerror=owned(8)>');
my $office = QDN::Browser->new($httpd,
    people => ['<img src=x onerror=owned(7)>']);
eventually { ($httpd->qdnctl('status', '--state', "$httpd->{dir}/state"))[1]
    =~ /calendar-busy/ } 'the calendar is known';

# What a caller, and whoever is between us, can make up.
my $markup = '<img src=x onerror=owned(10)>';
my @calls = map { call_sid } 1 .. 4;
my @said = (
    { CallerName => $markup, FromCity => $markup, FromState => $markup,
        FromCountry => $markup, StirVerstat => $markup },
    { From => "sip:$markup\@example.com", Caller => $markup },
    { From => 'client:"><script>owned(11)</script>' },
    { From => "javascript:owned(12)", ForwardedFrom => $markup },
);
for my $i (0 .. $#said) {
    my $reply = $httpd->webhook('voice',
        { CallSid => $calls[$i], %{ $said[$i] } });
    is $reply->{status}, 200, "call $i is answered";
    my ($url) = $reply->{content} =~ /\baction="([^"]+)"/;
    $httpd->webhook($url =~ s/&amp;/&/gr, { CallSid => $calls[$i],
        %{ $said[$i] }, DialCallStatus => 'canceled',
        DialBridged => 'false', CallStatus => 'completed',
        SipResponseCode => $markup, ErrorMessage => $markup })
        if defined $url;
    cmp_ok scalar $httpd->events($calls[$i], 1), '>=', 1, 'and kept';
}
is(($httpd->qdnctl('status', 'sergio', 'away', '--why',
    '<img src=x onerror=owned(13)>', '--until', '2h', '--anyway',
    '--state', "$httpd->{dir}/state"))[0], 0, 'a reason is markup, too');
$office->{stage}{calls} = \@calls;
$office->play('hostile');
done_testing;
