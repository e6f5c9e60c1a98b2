# SPDX-License-Identifier: Apache-2.0
package QDN::Mariadb;

# A MariaDB of one test, to be broken like a QDN::Postgres.

use strict;
use warnings;

use parent 'QDN::Postgres';

use QDN::Httpd;

use constant NAME   => 'mariadb';
use constant SCRIPT => 'mariadb.sh';

# One process, of many threads.
sub pids {
    my ($self) = @_;
    my ($pid) = QDN::Httpd::slurp("$self->{dir}/pid") =~ /^(\d+)/;
    return ($pid);
}

# In the database of an httpd or in `qdn`; dies on error.
sub sql {
    my ($self, $sql, $httpd) = @_;
    my %dsn = ($httpd || $self)->{dsn} =~ /(\w+)=(\S+)/g;
    my ($status, $text) = QDN::Httpd::run('mariadb', '--no-defaults', '-BN',
        '-h', $dsn{host}, '-P', $dsn{port}, '-u', $dsn{user}, '-D',
        $dsn{dbname}, '-e', $sql);
    die "$sql\n$text" if $status;
    return $text;
}

1;
