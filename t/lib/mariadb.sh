#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private MariaDB for tests, on loopback and a socket of its own.
#
#   t/lib/mariadb.sh start DIR PORT   make and start one, print DBDParams
#   t/lib/mariadb.sh stop DIR         stop it at once
#
# DIR is made and must not exist, or hold a server made by this script. As
# root the server runs as mysql or nobody. The machine's own my.cnf and
# system service are left alone. No MariaDB here is a failure, not a skip.
set -eu

fail() {
    echo "mariadb.sh: $*" >&2
    exit 1
}

# What stands on standard input, as the superuser.
sql() {
    $as_server mariadb --no-defaults --protocol=socket --socket="$1/socket" \
        --user=root mysql
}

make_data() {
    mkdir -p "$1"
    [ "$(id -u)" -ne 0 ] || chown "$server" "$1"
    chmod 700 "$1"
    (cd "$1" && $as_server mariadb-install-db --no-defaults \
        --datadir="$1/data" --auth-root-authentication-method=normal \
        --skip-test-db >"$1.install.log" 2>&1) ||
        fail "mariadb-install-db failed, see $1.install.log"
}

answers() {
    echo "SELECT 1" | sql "$1" >/dev/null 2>&1
}

# At most half a minute.
await() {
    for _ in $(seq 300); do
        "$@" && return 0
        sleep 0.1
    done
    return 1
}

start() {
    dir=$1 port=$2
    export TMPDIR="$dir" # the caller's may be closed to the server's user
    [ -d "$dir/data" ] || make_data "$dir"
    # exec: a shell that waits here would keep the caller's pipe open.
    (cd "$dir" && exec $as_server setsid mariadbd --no-defaults \
        --datadir="$dir/data" --socket="$dir/socket" --pid-file="$dir/pid" \
        --bind-address=127.0.0.1 --port="$port" --skip-name-resolve \
        --log-error="$dir/server.log") </dev/null >/dev/null 2>&1 &
    await answers "$dir" ||
        fail "the server does not start, see $dir/server.log"
    sql "$dir" <<'SQL' || fail "the user qdn cannot be made"
CREATE USER IF NOT EXISTS qdn@'127.0.0.1';
GRANT ALL ON *.* TO qdn@'127.0.0.1' WITH GRANT OPTION;
CREATE DATABASE IF NOT EXISTS qdn;
SQL
    echo "host=127.0.0.1 port=$port user=qdn dbname=qdn"
}

gone() {
    case $(ps -o stat= -p "$pid") in
    '' | Z*) return 0 ;;
    *) return 1 ;;
    esac
}

# SIGKILL is what a power failure looks like, and it is prompt.
stop() {
    [ -s "$1/pid" ] || fail "no server in $1"
    pid=$(cat "$1/pid")
    kill -KILL "$pid" 2>/dev/null || :
    await gone || fail "the server in $1 does not stop"
    rm -f "$1/pid" "$1/socket"
}

PATH=$PATH:/usr/sbin:/usr/local/sbin
as_server=
server=mysql
id "$server" >/dev/null 2>&1 || server=nobody
[ "$(id -u)" -ne 0 ] ||
    as_server="setpriv --reuid=$server --regid=$(id -g "$server") \
        --clear-groups env HOME=/"
for program in mariadbd mariadb-install-db mariadb; do
    command -v "$program" >/dev/null ||
        fail "no $program here; install MariaDB (Debian:" \
            "mariadb-server-core, mariadb-client-core)"
done
case "${1:-} $#" in
"start 3") start "$2" "$3" ;;
"stop 2") stop "$2" ;;
*) fail "usage: mariadb.sh start DIR PORT | mariadb.sh stop DIR" ;;
esac
