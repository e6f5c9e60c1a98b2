/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_LOG_H
#define QDN_LOG_H

/*
 * Where libqdn says what happened, without knowing who listens. The httpd
 * shell plugs ap_log_error in, qdnctl plugs stderr, tests plug an array.
 *
 * Every message at debug or above begins with a tag that is never reused:
 *     qdn_log(QDN_LOG_ERR, rv, QDNLOGNO(0301) "cannot open %s", path);
 * Ranges: base 00xx, secrets 01xx, twilio 02xx, record 03xx and 04xx,
 * service 05xx, httpd 06xx and 07xx, ctl 08xx, availability 09xx. routing
 * does not log.
 * No message carries a secret or a whole phone number (see qdn_e164_mask).
 */

#include <apr_errno.h>

#define QDNLOGNO(n) "QDN" #n ": "

/* The values are those of APLOG_*, so that the shell need not translate. */
typedef enum {
    QDN_LOG_ERR = 3,     /* an administrator must act */
    QDN_LOG_WARNING = 4, /* suspicious, still working */
    QDN_LOG_NOTICE = 5,  /* a state changed */
    QDN_LOG_INFO = 6,    /* once per start */
    QDN_LOG_DEBUG = 7,   /* one line per decision */
    QDN_LOG_TRACE = 8    /* flow; needs no tag */
} qdn_log_level_e;

/*
 * Receives one finished message, without a newline. May be called from any
 * thread. status is APR_SUCCESS where no system error is behind the message.
 */
typedef void qdn_log_sink_cb(void *baton, qdn_log_level_e level,
                             apr_status_t status, const char *message);

/*
 * Plug a listener in; NULL drops everything (the state at start). Call it
 * before threads exist. Messages above max_level are not formatted at all.
 */
void qdn_log_set_sink(qdn_log_sink_cb *sink, void *baton,
                      qdn_log_level_e max_level);

void qdn_log(qdn_log_level_e level, apr_status_t status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
