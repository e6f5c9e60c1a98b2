#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run_suite.sh FUNCTION - one suite of suites.sh in a session of its own, so
# that build/test can end it with everything it has started.

set -u
for part in packages user tree tally suites; do
    . "${checkout:?}/build/lib/$part.sh"
done

# at_exit FUNCTION - run it when the suite ends, however that is.
leaving=
at_exit()
{
    leaving="$1 $leaving"
}

leave()
{
    status=$?
    trap '' HUP INT TERM
    for function in $leaving; do
        $function
    done
    exit $status
}
trap leave EXIT
trap 'exit 130' HUP INT TERM

"$1"
