# SPDX-License-Identifier: Apache-2.0
# The fault campaign, t/faults/campaign.pl, and the small file systems that it
# fills. See --faults.

: "${faults_seconds:=60}"
: "${faults_seed:=}"

# Mounted by root, elsewhere imitated.
faults_mount()
{
    small=$work/small
    mkdir -p "$small/pg" "$small/state" && at_exit faults_unmount &&
        mount -t tmpfs -o size=384m,mode=1777 qdn-test "$small/pg" &&
        mount -t tmpfs -o size=48m,mode=1777 qdn-test "$small/state"
}

faults_unmount()
{
    umount -l "$small/pg" "$small/state" 2>/dev/null
}

faults_run()
{
    QDN_FAULTS_SECONDS=$faults_seconds
    QDN_FAULTS_SEED=$faults_seed
    QDN_TEST_TIMEOUT=$((faults_seconds + 240))
    export QDN_FAULTS_SECONDS QDN_FAULTS_SEED QDN_TEST_TIMEOUT
    if faults_mount 2>/dev/null; then
        QDN_FAULTS_SMALL=$small
        export QDN_FAULTS_SMALL
    fi
    set -- t/faults/campaign.pl
    # The long form asks for more than a suite of every day may.
    if [ "$faults_seconds" -ge 600 ] && [ "$(ulimit -n)" -gt 10100 ]; then
        QDN_TEST_IDLE=10000
        export QDN_TEST_IDLE
        set -- "$@" t/370-overload.t
    fi
    status=0
    with_postgres httpd_suite event pgsql "$@" || status=$?
    grep -E '^# (seed|full disks|p99| *[0-9]+ )' "$logs/faults.log" |
        sed 's/^# //' > "$figures"
    return $status
}
