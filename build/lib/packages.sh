# SPDX-License-Identifier: Apache-2.0
# What has to be installed, by Debian's and Ubuntu's names.

packages_build="gcc libc6-dev make autoconf automake libtool pkg-config perl
    apache2-bin apache2-dev libapr1-dev libaprutil1-dev libjson-c-dev
    libssl-dev libcurl4-openssl-dev libical-dev libxml2-dev util-linux"
packages_run="libaprutil1-dbd-sqlite3 sqlite3"
# MariaDB's -core packages are its programs, without a system service.
packages_test="apache2-utils libcmocka-dev clang binutils universal-ctags
    xz-utils curl
    libapache2-mod-perl2 libwww-perl postgresql postgresql-client
    libaprutil1-dbd-pgsql mariadb-server-core mariadb-client-core
    libaprutil1-dbd-mysql libaprutil1-dbd-odbc
    openssl prometheus python3 python3-icalendar python3-dateutil
    python3-jsonschema radicale
    tzdata"
# Debian's npm, unless node came with one of its own.
packages_browser="chromium fonts-dejavu-core nodejs"
command -v npm >/dev/null || packages_browser="$packages_browser npm"
packages_bench="wrk valgrind"
packages_valgrind="valgrind"
packages_coverage="gcovr"
packages_fuzz="clang libclang-rt-dev llvm"

# Those of the named groups that are not installed, one per line.
packages_missing()
{
    for group; do
        eval "names=\$packages_$group"
        for name in $names; do
            case $(dpkg-query -W -f '${db:Status-Status}' "$name" \
                2>/dev/null) in
            installed) ;;
            *) echo "$name" ;;
            esac
        done
    done
}

# packages_need GROUP... - install what is missing, or say what to install.
packages_need()
{
    if ! command -v dpkg-query >/dev/null; then
        echo "Not a Debian: taking for granted what build/lib/packages.sh" \
            "lists." >&2
        return 0
    fi
    missing=$(packages_missing "$@" | sort -u | xargs)
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -eq 0 ]; then
        sudo=
    elif command -v sudo >/dev/null; then
        sudo=sudo
    else
        echo "Missing, and this is neither root nor sudo: apt-get install" \
            "$missing" >&2
        return 1
    fi
    echo "Installing: $missing"
    # RUNLEVEL=1 keeps packages from starting servers on this machine.
    # shellcheck disable=SC2086
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq update &&
        $sudo env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -y \
            -o Dpkg::Use-Pty=0 install --no-install-recommends $missing \
            >/dev/null
}
