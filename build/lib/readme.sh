# SPDX-License-Identifier: Apache-2.0
# README.md, followed by an administrator of a stock Debian Apache. The
# commands are the README's own; they see Debian's /etc/apache2, unpacked from
# its package below $stock, so that nothing on this machine is changed.

stock=$work/stock

# readme_block N [LANGUAGE] - the n-th fenced block of it, or of sh.
readme_block()
{
    awk -v n="$1" -v fence="\`\`\`${2:-sh}" \
        '$0 == fence { if (++seen == n) { on = 1; next } }
        /^```/ { on = 0 } on' "$source/README.md"
}

# Debian's apache2 as its package holds it, with the modules that its
# installation enables, and with directories and a port of our own.
readme_debian()
{
    mkdir -p "$stock/deb" && (cd "$stock/deb" &&
        apt-get -qq -o APT::Sandbox::User=root download apache2 &&
        dpkg -x apache2_*.deb "$stock") || return 1
    mkdir -p "$stock/run" "$stock/log" "$stock/var/lib" "$stock/htdocs"
    cat >> "$stock/etc/apache2/envvars" <<ENVVARS
export APACHE_RUN_USER=$user_name
export APACHE_RUN_GROUP=$user_group
export APACHE_PID_FILE=$stock/run/apache2.pid
export APACHE_RUN_DIR=$stock/run
export APACHE_LOCK_DIR=$stock/run
export APACHE_LOG_DIR=$stock/log
ENVVARS
    echo "Listen 127.0.0.1:${QDN_TEST_PORTS%-*}" \
        > "$stock/etc/apache2/ports.conf"
    sed -i "s,/var/www/html,$stock/htdocs," \
        "$stock/etc/apache2/sites-available/000-default.conf"
    APACHE_CONFDIR=$stock/etc/apache2
    APACHE_STATE_DIRECTORY=$stock/var/lib/apache2
    APACHE_STARTED_BY_SYSTEMD=true
    export APACHE_CONFDIR APACHE_STATE_DIRECTORY APACHE_STARTED_BY_SYSTEMD
    "$stock/usr/sbin/a2enmod" -q mpm_event authz_core authz_host authn_core \
        alias dir mime env setenvif filter deflate reqtimeout negotiation &&
        "$stock/usr/sbin/a2ensite" -q 000-default
}

# The machine's own commands, as far as the README uses them.
readme_shims()
{
    mkdir -p "$stock/bin"
    printf '#!/bin/sh\nexec "$@"\n' > "$stock/bin/sudo"
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$stock/usr/sbin/apache2ctl" \
        > "$stock/bin/apachectl"
    printf '#!/bin/sh\n"%s" start\n' "$stock/usr/sbin/apache2ctl" \
        > "$stock/bin/systemctl"
    printf '#!/bin/sh\necho dashboard | %s -i "$@"\n' \
        "$(command -v htpasswd)" > "$stock/bin/htpasswd"
    chmod +x "$stock/bin/"*
    PATH=$stock/bin:$stock/usr/sbin:$stock/usr/local/bin:$PATH
    DESTDIR=$stock
    export PATH DESTDIR
}

# readme_run N DIRECTORY - a block, with /etc and the module below $stock.
readme_run()
{
    readme_block "$1" | sed "s, /etc/, $stock/etc/,g" > "$stock/block$1"
    [ -s "$stock/block$1" ] && (cd "$2" && sh -ex "$stock/block$1")
}

# What the configuration names by an absolute path is below $stock, too.
readme_move_paths()
{
    sed -i "s,/etc/qdn/,$stock/etc/qdn/," conf/qdn-minimal.conf \
        conf/qdn-dashboard.conf &&
        echo "QDNStateDir $stock/var/lib/qdn" >> conf/qdn-minimal.conf &&
        printf '#!/bin/sh\necho "%s$(%s -q LIBEXECDIR)"\n' "$stock" \
            "$(tree_variable "$build" APXS)" > "$stock/bin/apxs" &&
        chmod +x "$stock/bin/apxs" &&
        awk '/^```$/ { on = !on; next } on && /^TWILIO_/' README.md \
            > repos.env &&
        [ -s repos.env ]
}

# The example of availability, beside the configuration that is in force.
readme_available()
{
    more=$stock/etc/apache2/conf-enabled/qdn-available.conf
    readme_block 2 apache > "$more" && [ -s "$more" ] || return 1
    status=0
    apachectl configtest || status=$?
    rm -f "$more"
    return $status
}

# A call that both phones let ring, to the server that has been installed.
readme_call()
{
    apachectl -t -D DUMP_QDN > "$stock/plan.json" &&
        qdnctl simulate --url https://calls.example.com/qdn/twilio \
            --base-url "http://127.0.0.1:${QDN_TEST_PORTS%-*}/qdn/twilio" \
            --secrets "dotenv:$stock/etc/qdn/repos.env" \
            --plan "$stock/plan.json" --line +16195550100 \
            --from +12025550123 \
            --call-sid CA00000000000000000000000000000001 \
            --person sergio/primary=no-answer --person sergio/backup=accept
}

# What the dashboard answers to its admin.
readme_look()
{
    address=http://127.0.0.1:${QDN_TEST_PORTS%-*}/qdn/dashboard
    curl -sSf -u boss:dashboard "$address/" | grep -q '<title>' &&
        curl -sSf -u boss:dashboard "$address/api/me" | grep -q '"admin"' &&
        [ "$(curl -s -o /dev/null -w '%{http_code}' "$address/")" = 401 ]
}

# The command in the text: the call stays, and nothing of who called.
readme_erase()
{
    grep -o '`sudo qdnctl forget[^`]*`' README.md | tr -d '`' \
        > "$stock/erase"
    [ -s "$stock/erase" ] && sh -ex "$stock/erase" || return 1
    qdnctl -j calls CA00000000000000000000000000000001 > "$stock/erased" &&
        grep -q answered "$stock/erased" && ! grep -q 12025550123 "$stock/erased"
}

readme_stop()
{
    [ ! -s "$stock/run/apache2.pid" ] || "$stock/usr/sbin/apache2ctl" stop
}

readme_check()
{
    new=$work/newcomer
    tree_copy "$source" "$new" || return 1
    for command in $(readme_block 1); do
        step "$command --help" "$new/$command" --help
    done
    step "a stock Debian Apache" readme_debian || return 1
    readme_shims
    at_exit readme_stop
    step "README: configure, make, make install" readme_run 2 "$new"
    (cd "$new" && readme_move_paths) || return 1
    step "README: a2enmod, a2enconf, configtest, start" readme_run 3 "$new"
    step "README: who is available" readme_available
    step "a call to the installed server" readme_call
    step "README: the dashboard" readme_run 4 "$new"
    step "the dashboard answers" readme_look
    step "README: looking at it" readme_run 5 "$new"
    step "the call was recorded" eval \
        'qdnctl calls CA00000000000000000000000000000001 | grep -q answered'
    step "README: erase a caller" readme_erase
    step "httpd stops" readme_stop
    cat "$stock/log/error.log"
}
