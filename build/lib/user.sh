# SPDX-License-Identifier: Apache-2.0
# Servers under test run as nobody special. Root becomes www-data or nobody;
# everybody else stays who they are.

if [ "$(id -u)" -ne 0 ]; then
    user_name=$(id -un)
elif id www-data >/dev/null 2>&1; then
    user_name=www-data
else
    user_name=nobody
fi
user_group=$(id -gn "$user_name")

# as_user COMMAND... - run it without root's rights and without root's home.
as_user()
{
    if [ "$(id -u)" -eq 0 ]; then
        setpriv --reuid="$user_name" --regid="$user_group" --clear-groups \
            env HOME=/nonexistent "$@"
    else
        "$@"
    fi
}

# user_owns PATH... - make that user the owner.
user_owns()
{
    [ "$(id -u)" -ne 0 ] || chown -R "$user_name:$user_group" "$@"
}
