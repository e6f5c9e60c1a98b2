# SPDX-License-Identifier: Apache-2.0
# The module loads, and a request that Twilio has not signed gets nowhere.

use strict;
use warnings;

use Apache::Test;
use Apache::TestRequest qw(GET POST);
use Apache::TestUtil qw(t_cmp t_start_error_log_watch
    t_finish_error_log_watch);

plan tests => 6;

my $step = '/qdn/twilio/voice';
for my $request (\&GET, \&POST) {
    t_start_error_log_watch();
    my $reply = $request->($step);
    my @log = t_finish_error_log_watch();
    ok t_cmp($reply->code, 403, 'no signature, no call');
    ok t_cmp($reply->content, qr/^[^<>\n]+\n\z/, 'one line of plain text');
    ok t_cmp(join('', @log), qr/QDN0\d{3}: /, 'the log says why');
}
