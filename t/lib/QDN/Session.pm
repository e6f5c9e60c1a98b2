# SPDX-License-Identifier: Apache-2.0
package QDN::Session;

# Another client of an httpd's database, which keeps a transaction open.

use strict;
use warnings;

use IPC::Open2;

# open(HTTPD, SQL...): run the statements and stay.
sub open {
    my ($class, $httpd, @sql) = @_;
    my $pid = open2(my $out, my $in, $httpd->client);
    my $self = bless { pid => $pid, in => $in, out => $out, owner => $$ },
        $class;
    $in->autoflush;
    print $in map { "$_;\n" } @sql, "SELECT 'done'";
    my $text = '';
    while (<$out>) {
        return $self if /\bdone\b/;
        $text .= $_;
    }
    die "@sql: $text\n";
}

# Undo what was begun, and leave.
sub close {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    CORE::close($self->{in});
    CORE::close($self->{out});
    waitpid $pid, 0;
    return;
}

# Die in the middle of it.
sub kill {
    my ($self) = @_;
    CORE::kill('KILL', $self->{pid});
    $self->close;
    return;
}

sub DESTROY {
    my ($self) = @_;
    local ($?, $!);
    $self->close if $self->{owner} == $$;
    return;
}

1;
