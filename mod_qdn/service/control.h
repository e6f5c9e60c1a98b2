/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CONTROL_H
#define QDN_CONTROL_H

/*
 * The daemon's control socket: one JSON line is asked, one JSON line is
 * answered, as often as the client likes. Requests are {"ask":"WORD"}, with
 * further members of text as the word wants them.
 * Nobody can make the daemon wait: clients have a few seconds, a request a
 * few kilobytes, and there is room for a bounded number of both.
 */

#include <apr_pools.h>
#include <apr_time.h>
#include <sys/un.h>

#define QDN_CONTROL_SOCKET  "ctl.sock" /* in the state directory */
#define QDN_CONTROL_CLIENTS 16         /* at a time; more wait in the queue */
#define QDN_CONTROL_REQUEST 4096       /* bytes of a request, newline too */
#define QDN_CONTROL_REPLY   (64 * 1024 * 1024)   /* bytes a client accepts */
#define QDN_CONTROL_WAIT    apr_time_from_sec(3) /* without any progress */

/* An answer that was put off comes so soon, or a failure in its place: before
 * who asks has stopped waiting himself. */
#define QDN_CONTROL_LATER apr_time_from_msec(2500)

typedef struct qdn_control_t qdn_control_t;

/* Who asked, for an answer that takes longer. */
typedef struct qdn_control_ticket_t {
    int place;           /* of the client */
    apr_uint64_t number; /* of the question, never used again */
} qdn_control_ticket_t;

/* Returned in place of an answer that qdn_control_answer will give. */
extern const char qdn_control_later[];

/*
 * Answer one word: a JSON object without a newline, in p; NULL if the word is
 * unknown (the client is then told so); or qdn_control_later, if `ticket` was
 * given to a thread that will answer. request is the whole line: its other
 * members are read with qdn_detail_text. Must not block.
 */
typedef const char *qdn_control_cb(void *baton, const char *ask,
                                   const char *request,
                                   const qdn_control_ticket_t *ticket,
                                   apr_pool_t *p);

/*
 * The answer to a question that was put off, from any thread; it is copied.
 * It goes to nobody if the client has hung up. After QDN_CONTROL_LATER the
 * client is told {"error":"the database does not answer","status":503}.
 */
void qdn_control_answer(qdn_control_t *control,
                        const qdn_control_ticket_t *ticket, const char *text);

/*
 * Listen at path, mode 600; what a dead daemon left there is replaced.
 * APR_SUCCESS; APR_ENAMETOOLONG (a socket's path has at most 107 bytes) or
 * what the system said, with a sentence in *perror. p must outlive it.
 */
apr_status_t qdn_control_listen(qdn_control_t **pcontrol, const char *path,
                                qdn_control_cb *answer, void *baton,
                                const char **perror, apr_pool_t *p);

/*
 * Serve for `wait`, or until something was done. parent is a descriptor at
 * whose end of file (or error) the caller has nothing left to live for.
 * APR_SUCCESS; APR_EOF at that end.
 */
apr_status_t qdn_control_serve(qdn_control_t *control, int parent,
                               apr_interval_time_t wait);

/* Hang up on everybody and remove the socket from its directory. */
void qdn_control_close(qdn_control_t *control);

/*
 * The client: send one request line, read one reply line (without its
 * newline) into *preply, in p. APR_SUCCESS; APR_ENOENT or APR_ECONNREFUSED
 * if no daemon listens there; APR_EACCES; APR_TIMEUP after `timeout` in all;
 * APR_EOF if it hung up; QDN_ETOOBIG; APR_ENAMETOOLONG.
 */
apr_status_t qdn_control_ask(const char *path, const char *request,
                             const char **preply, apr_interval_time_t timeout,
                             apr_pool_t *p);

/* The address of that path: APR_SUCCESS or APR_ENAMETOOLONG. */
apr_status_t qdn_control_address(struct sockaddr_un *to, const char *path);

#endif
