#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL for tests, on loopback only.
#
#   t/lib/pg.sh start DIR PORT   make and start one, print apr_dbd's DBDParams
#   t/lib/pg.sh stop DIR         stop it at once
#
# DIR is made and must not exist, or hold a cluster made by this script. As
# root the server runs as postgres or nobody, since it refuses to be root.
# No PostgreSQL on this machine is a failure, not a skip.
set -eu

fail() {
    echo "pg.sh: $*" >&2
    exit 1
}

bindir() {
    for d in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/bin; do
        if [ -x "$d/initdb" ] && [ -x "$d/pg_ctl" ] && [ -x "$d/psql" ]; then
            found=$d
        fi
    done
    [ -n "${found:-}" ] ||
        fail "no PostgreSQL server here; install it (Debian: postgresql)"
    echo "$found"
}

# LC_ALL, so that messages can be compared.
as_server() {
    if [ "$(id -u)" -ne 0 ]; then
        env LC_ALL=C "$@"
    else
        setpriv --reuid="$server" --regid="$(id -g "$server")" --clear-groups \
            env LC_ALL=C HOME=/ "$@"
    fi
}

start() {
    dir=$1 port=$2
    if [ ! -d "$dir/data" ]; then
        mkdir -p "$dir"
        [ "$(id -u)" -ne 0 ] || chown "$server" "$dir"
        chmod 700 "$dir"
        (cd "$dir" && as_server "$bin/initdb" -D "$dir/data" -U qdn -A trust \
            -E UTF8 --locale=C >"$dir.initdb.log" 2>&1) ||
            fail "initdb failed, see $dir.initdb.log"
    fi
    (cd "$dir" && as_server "$bin/pg_ctl" -D "$dir/data" -w -t 30 \
        -l "$dir/server.log" start -o "-p $port -h 127.0.0.1 -k $dir" \
        >/dev/null) || fail "the server does not start, see $dir/server.log"
    as_server "$bin/psql" -q -h 127.0.0.1 -p "$port" -U qdn -d postgres \
        -tAc "SELECT 1 FROM pg_database WHERE datname = 'qdn'" |
        grep -q 1 || as_server "$bin/createdb" -h 127.0.0.1 -p "$port" -U qdn qdn
    echo "host=127.0.0.1 port=$port user=qdn dbname=qdn connect_timeout=2"
}

stop() {
    [ -d "$1/data" ] || fail "no cluster in $1"
    (cd "$1" && as_server "$bin/pg_ctl" -D "$1/data" -m immediate -w stop \
        >/dev/null) || fail "the server in $1 does not stop"
}

server=postgres
id "$server" >/dev/null 2>&1 || server=nobody
bin=$(bindir) || exit 1
case "${1:-} $#" in
"start 3") start "$2" "$3" ;;
"stop 2") stop "$2" ;;
*) fail "usage: pg.sh start DIR PORT | pg.sh stop DIR" ;;
esac
