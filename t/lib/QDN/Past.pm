# SPDX-License-Identifier: Apache-2.0
package QDN::Past;

# What has happened in the office of t/browser before anybody looks: a call of
# each kind.

use strict;
use warnings;

use POSIX qw(strftime);

use QDN::Httpd;

my $DAY = 24 * 3600;
my $HARBOR = '+12125550110';

# Name => what QDN::Browser::call is told, and the outcome.
my %CALLS = (
    answered => { ago => 2 * $DAY, outcome => 'answered',
        people => { 'sergio/primary' => 'accept@6s,talk=95s' } },
    failover => { ago => $DAY, outcome => 'answered', from => '+12025550124',
        people => { 'sergio/primary' => 'no-answer',
            'sergio/backup' => 'voicemail@8s',
            'ana/mobile' => 'accept@4s,talk=240s' } },
    declined => { ago => $DAY + 3600, outcome => 'answered',
        people => { 'sergio/primary' => 'decline@5s',
            'sergio/backup' => 'accept@3s' } },
    voicemail => { ago => 7 * 3600, outcome => 'voicemail',
        from => '+12025550125', caller => 'leaves-message=21s',
        people => { 'sergio/primary' => 'voicemail@8s' } },
    abandoned => { ago => 6 * 3600, outcome => 'abandoned',
        from => '+12025550126', caller => 'hangs-up@hop1+9s' },
    withheld => { ago => 5 * 3600, outcome => 'abandoned', from => '',
        caller => 'hangs-up@hop1+2s' },
    rejected => { ago => 4 * 3600, outcome => 'rejected',
        from => '+12025550199' },
    skipped => { ago => 900, outcome => 'unanswered', line => $HARBOR,
        from => '+12025550127' },
);

# All of them, by name: {sid, outcome}.
sub calls {
    my ($office) = @_;
    return map { ($_ => { %{ $office->call($CALLS{$_}) },
        outcome => $CALLS{$_}{outcome} }) } sort keys %CALLS;
}

# A calendar whose owner is busy from two hours ago to two hours from now.
sub calendar {
    my ($path, $title) = @_;
    my @span = map { strftime('%Y%m%dT%H%M%SZ', gmtime(time + $_)) }
        -7200, 7200;
    QDN::Httpd::spew($path, join "\r\n", 'BEGIN:VCALENDAR', 'VERSION:2.0',
        'PRODID:-//t//EN', 'BEGIN:VEVENT', 'UID:1@example.com',
        'DTSTAMP:20260101T000000Z', "DTSTART:$span[0]", "DTEND:$span[1]",
        "SUMMARY:$title", 'END:VEVENT', 'END:VCALENDAR', '');
    return;
}

1;
