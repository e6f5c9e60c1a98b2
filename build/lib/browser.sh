# SPDX-License-Identifier: Apache-2.0
# The dashboard in chromium. Debian brings the browser and node; npm brings
# what drives them, as t/browser/package-lock.json says, into the cache.

screens=$(tree_cache)/screens

browser_run()
{
    step "chromium, node and npm are here" packages_need browser || return
    step "npm has what drives them" browser_modules || return
    rm -rf "$screens" && mkdir -p "$screens" || return
    at_exit browser_screens
    status_all=0
    httpd_suite event sqlite3 $(httpd_files 't/browser/*.t') || status_all=1
    [ -n "$files" ] ||
        with_postgres httpd_suite event pgsql t/browser/office.t ||
        status_all=1
    return $status_all
}

# node looks for packages in every directory above a script, so $work serves
# all copies of the tests.
browser_modules()
{
    modules=$(tree_cache)/browser
    mkdir -p "$modules" || return
    if ! cmp -s "$source/t/browser/package-lock.json" "$modules/installed"
    then
        rm -rf "$modules/node_modules" "$modules/installed"
        cp "$source/t/browser/package.json" \
            "$source/t/browser/package-lock.json" "$modules" &&
            (cd "$modules" && npm ci --ignore-scripts --no-audit --no-fund) &&
            cp "$modules/package-lock.json" "$modules/installed" || return
    fi
    cp -R "$modules/node_modules" "$work" && chmod -R a+rX "$work/node_modules"
}

# The pictures, where they stay.
browser_screens()
{
    for copy in "$work"/httpd-event-*; do
        [ ! -d "$copy/t/screens" ] || cp -R "$copy/t/screens/." "$screens"
    done
    echo "Screenshots are in $screens" > "$work/closing"
}
