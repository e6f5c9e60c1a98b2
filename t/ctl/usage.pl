# SPDX-License-Identifier: Apache-2.0
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use QDN::Ctl;
use Test::More;

my $help = run_ctl(['--help']);
is $help->{status}, 0, '--help is well';
my @commands = $help->{out} =~ /^  ([a-z]+) +\S/mg;
cmp_ok scalar @commands, '>', 1, 'the overview lists commands';
is_deeply \@commands, [sort @commands], 'in the order of the alphabet';

for my $command (@commands) {
    my $run = run_ctl([$command, '--help']);
    is $run->{status}, 0, "$command --help is well";
    like $run->{out}, qr/\Ausage: qdnctl \[-j\] \[-v\|-q\] $command\b/,
        "$command --help begins with its usage";
    my ($synopsis, $options) = $run->{out} =~ /\A(.*?)\n\n.*\noptions:\n(.*)/s;
    ok $options, "$command --help lists options";
    my @documented = $options =~ /^  (?:-\w, )?--([a-z-]+)/mg;
    for my $name ($synopsis =~ /--([a-z-]+)/g) {
        ok((grep { $_ eq $name } @documented), "$command --$name is explained");
    }
    ok((grep { $_ eq 'json' } @documented), "$command has -j");
    is $run->{err}, '', "$command --help says nothing else";
    is_deeply [grep { length > 80 } split /\n/, $run->{out}], [],
        "$command --help fits a terminal";
}

like run_ctl(['--version'])->{out}, qr/\Aqdnctl \d+\.\d+\.\d+\n\z/, '--version';
is_deeply run_ctl(['-V']), run_ctl(['--version']), '-V';

for (
    ['which command', []],
    ['which command', ['-j']],
    ['is no command', ['fly']],
    ['is no command', ['--', 'fly']],
    ['invalid option', ['--fly']],
    ['invalid option', ['-x']],
    ['missing argument', ['sign', '--url']],
    )
{
    my ($says, $args) = @$_;
    my $run = run_ctl($args);
    is $run->{status}, 2, "@$args: status 2";
    like $run->{err}, qr/\Aqdnctl: .*\Q$says\E.*--help.*\n\z/,
        "@$args: says what is wrong and where help is";
}
for (
    ['is no command', ['-j', 'fly']],
    ['is no command', ['fly', '-j']],
    ['invalid option', [$commands[0], '--fly', '-j']],
    ['invalid option', ['--fly', $commands[0], '--json']],
    ['is missing', ['sign', '-j']],
    )
{
    my ($says, $args) = @$_;
    like json_of(run_ctl($args))->{error}, qr/\Q$says\E/,
        "@$args: errors are JSON too";
}

# A pipe or disk that takes nothing must not look like success.
{
    system('sh', '-c', '"$1" --help > /dev/full 2> /dev/null', 'sh', qdnctl());
    is $? >> 8, 2, 'what cannot be written is an error';
}
done_testing;
