/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_thread_proc.h>
#include <ap_listen.h>
#include <ap_mpm.h>
#include <httpd.h>
#include <http_main.h>
#include <mpm_common.h>
#include <unixd.h>

#include "clock.h"
#include "daemon.h"
#include "expr.h"
#include "log.h"
#include "private.h"
#include "refresh.h"

/* A process in an uninterruptible read or write does not die of SIGKILL. */
#define KILL_WAIT apr_time_from_msec(500)

typedef struct keeper_t {
    qdn_conf_t *conf;
    server_rec *server;
    apr_pool_t *pconf;
    apr_pool_t *pool; /* of the running daemon: its end is the daemon's */
    apr_proc_t proc;  /* pid 0: none runs */
    int pipe;         /* our end; -1: closed */
    pid_t parent;     /* who we are, before any fork */
    apr_interval_time_t begun; /* monotonic, after its delay */
    apr_interval_time_t delay;
    int vain; /* starts in vain, in a row */
} keeper_t;

static keeper_t *keeper; /* of this pconf; NULL: no daemon */

static void start_again(keeper_t *k);

/*
 * The signals httpd uses to be steered, and those its handlers would take. A
 * file that may not grow is an error of its writer, as in httpd.
 */
static void reset_signals(void)
{
    static const int ignored[] = { SIGPIPE, SIGHUP, SIGUSR1, SIGWINCH,
                                   SIGXFSZ };
    sigset_t none;
    apr_size_t i;
    int sig;

    for (sig = 1; sig < NSIG; sig++) {
        signal(sig, SIG_DFL);
    }
    for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        signal(ignored[i], SIG_IGN);
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The object that was installed beside this one; NULL: who knows where. */
static const char *sources_path(apr_pool_t *p)
{
    Dl_info ours;
    const char *slash;

    if (!dladdr(&qdn_module, &ours) || !ours.dli_fname ||
        !(slash = strrchr(ours.dli_fname, '/'))) {
        return NULL;
    }
    return apr_psprintf(p, "%.*s/" QDN_REFRESH_OBJECT,
                        (int)(slash - ours.dli_fname), ours.dli_fname);
}

/* Never returns, and never runs the parent's cleanups: _exit only. */
static void be_daemon(const keeper_t *k, int parent_fd)
{
    const qdn_conf_t *conf = k->conf;
    qdn_daemon_config_t config = {
        .plan = conf->plan,
        .host = conf->host,
        .version = QDN_VERSION,
        .driver = conf->dbd.driver,
        .params = conf->dbd.params,
        .credentials = conf->vault->credentials,
        .secrets = conf->vault->secrets,
        .asking = conf->shm.asking,
        .secrets_kept = conf->vault->kept,
        .secrets_missing = conf->vault->missing,
        .rule = qdn_expr_imagine,
        .rules_baton = k->server,
        .loaded_at = conf->loaded_at,
        .counters = conf->shm.counters,
        .health = conf->shm.health,
        .meter = conf->shm.meter,
        .gauges = conf->shm.gauges,
        .beat = conf->shm.beat,
        .bell = conf->shm.bell,
        .talks = conf->shm.talks,
        .parent_fd = parent_fd,
        .parent = k->parent,
        .delay = k->delay,
    };
    apr_pool_t *pool;

    reset_signals();
    ap_close_listeners();
    prctl(PR_SET_NAME, "qdn-daemon");
    umask(077);
    if (apr_pool_create_unmanaged_ex(&pool, apr_pool_abort_get(k->pconf),
                                     NULL) ||
        ap_run_drop_privileges(pool, k->server) != OK) {
        _exit(1);
    }
    apr_pool_tag(pool, "qdn_daemon");
    config.sources = sources_path(pool);
    _exit(qdn_daemon_run(&config, pool));
}

/*
 * Kill and reap, but not for ever: on a frozen file system the daemon cannot
 * die, and httpd's restart must not wait for the thaw. It can do no harm: it
 * ends with the call that it hangs in.
 */
static void kill_daemon(pid_t pid)
{
    apr_interval_time_t until = qdn_clock_mono() + KILL_WAIT;

    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, WNOHANG) == 0 && qdn_clock_mono() < until) {
        apr_sleep(apr_time_from_msec(5));
    }
}

/*
 * Other processes forked from the parent (mod_cgid's) run this too when they
 * end their copy of the pool: it is none of their business. The socket is
 * left for the next daemon to replace: to remove it would wait for a frozen
 * file system.
 */
static apr_status_t stop_daemon(void *data)
{
    keeper_t *k = data;

    if (getpid() != k->parent) {
        return APR_SUCCESS;
    }
    if (k->proc.pid > 0) {
        kill_daemon(k->proc.pid);
        /* It did not die of what it was reading. */
        if (k->conf->shm.asking) {
            qdn_quarantine_reading(k->conf->shm.asking, NULL);
        }
    }
    k->proc.pid = 0;
    if (k->pipe >= 0) {
        close(k->pipe);
    }
    k->pipe = -1;
    return APR_SUCCESS;
}

static int is_stopping(void)
{
    int state;

    return ap_mpm_query(AP_MPMQ_MPM_STATE, &state) != APR_SUCCESS ||
           state == AP_MPMQ_STOPPING;
}

/*
 * httpd tells a status or a signal and not which of them, while apr tells
 * what wait() told. The daemon's own statuses are 0 and 1, and it ignores
 * signal 1.
 */
static void log_end(const keeper_t *k, int status)
{
    int code = status > 255 ? WEXITSTATUS(status) : status;

    if (code > 1 && code < NSIG) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, k->server,
                     QDNLOGNO(0650) "the daemon was ended by signal %d; a new "
                                    "one is started",
                     code);
    }
    else {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, k->server,
                     QDNLOGNO(0651) "the daemon ended with status %d; a new "
                                    "one is started",
                     code);
    }
}

/* httpd says that the daemon ended, or that it will end itself. */
static void maintain(int reason, void *data, int status)
{
    keeper_t *k = data;

    if (reason != APR_OC_REASON_DEATH && reason != APR_OC_REASON_LOST) {
        return;
    }
    k->proc.pid = 0;
    if (is_stopping()) {
        return;
    }
    log_end(k, status);
    apr_pool_destroy(k->pool);
    start_again(k);
}

static apr_status_t spawn(keeper_t *k)
{
    int fds[2];
    apr_status_t rv;

    apr_pool_create(&k->pool, k->pconf);
    apr_pool_tag(k->pool, "qdn_keeper");
    if (pipe2(fds, O_CLOEXEC | O_NONBLOCK)) {
        return errno;
    }
    k->begun = qdn_clock_mono() + k->delay;
    if (k->conf->shm.beat) {
        __atomic_store_n(k->conf->shm.beat, qdn_clock_mono(), __ATOMIC_RELEASE);
    }
    rv = apr_proc_fork(&k->proc, k->pool);
    if (rv == APR_INCHILD) {
        close(fds[1]);
        be_daemon(k, fds[0]);
    }
    close(fds[0]);
    if (rv != APR_INPARENT) {
        k->proc.pid = 0;
        close(fds[1]);
        return rv;
    }
    k->pipe = fds[1];
    apr_pool_cleanup_register(k->pool, k, stop_daemon, apr_pool_cleanup_null);
    apr_proc_other_child_register(&k->proc, maintain, k, NULL, k->pool);
    return APR_SUCCESS;
}

/*
 * At once, but who dies at once is made to wait longer each time. The wait
 * is the new daemon's, since the parent has a server to watch.
 */
static void start_again(keeper_t *k)
{
    apr_status_t rv;

    k->vain = qdn_clock_mono() - k->begun < QDN_KEEPER_VAIN ? k->vain + 1 : 0;
    k->delay = k->vain < 2 ? 0 : apr_time_from_msec(500) << (k->vain - 2);
    if (k->vain > 7 || k->delay > QDN_KEEPER_DELAY_MAX) {
        k->delay = QDN_KEEPER_DELAY_MAX;
    }
    rv = spawn(k);
    if (rv) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, k->server,
                     QDNLOGNO(0652) "the daemon cannot be started; tried "
                                    "again in a while");
    }
}

static int monitor(apr_pool_t *p, server_rec *s)
{
    keeper_t *k = keeper;
    apr_int64_t beat;

    (void)p;
    if (!k || is_stopping()) {
        return DECLINED;
    }
    if (k->proc.pid <= 0) {
        apr_pool_destroy(k->pool);
        start_again(k);
        return DECLINED;
    }
    if (!k->conf->shm.beat) {
        return DECLINED;
    }
    beat = __atomic_load_n(k->conf->shm.beat, __ATOMIC_ACQUIRE);
    if (qdn_clock_mono() - beat > QDN_DAEMON_HUNG) {
        ap_log_error(APLOG_MARK, APLOG_WARNING, 0, s,
                     QDNLOGNO(0653) "the daemon showed no sign of life for "
                                    "%d s and is replaced",
                     (int)apr_time_sec(qdn_clock_mono() - beat));
        kill(k->proc.pid, SIGKILL);
    }
    return DECLINED;
}

static apr_status_t forget(void *data)
{
    (void)data;
    keeper = NULL;
    return APR_SUCCESS;
}

apr_status_t qdn_keeper_start(qdn_conf_t *conf, server_rec *s,
                              apr_pool_t *pconf)
{
    keeper_t *k = apr_pcalloc(pconf, sizeof(*k));
    apr_status_t rv;

    k->conf = conf;
    k->server = s;
    k->pconf = pconf;
    k->pipe = -1;
    k->parent = getpid();
    keeper = k; /* first: what fails now is tried again by monitor */
    apr_pool_cleanup_register(pconf, NULL, forget, apr_pool_cleanup_null);
    rv = spawn(k);
    if (rv) {
        ap_log_error(APLOG_MARK, APLOG_ERR, rv, s,
                     QDNLOGNO(0654) "the daemon cannot be started");
    }
    return rv;
}

/* With -X parent and child are one process: the pipe is the daemon's life. */
void qdn_keeper_let_go(void)
{
    if (!keeper || getpid() == keeper->parent || keeper->pipe < 0) {
        return;
    }
    close(keeper->pipe);
    keeper->pipe = -1;
}

void qdn_keeper_register_hooks(void)
{
    ap_hook_monitor(monitor, NULL, NULL, APR_HOOK_MIDDLE);
}
