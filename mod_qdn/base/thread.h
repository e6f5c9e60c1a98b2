/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_THREAD_H
#define QDN_THREAD_H

#include <apr_errno.h>

/*
 * Start a thread of ours in a process of somebody else's. It takes no signal:
 * httpd's are for the threads that expect them. It is detached: to join would
 * wait for the end of its own clean-up, which takes the allocator's lock, and
 * whoever ends may be a signal handler. So work() says itself when it is done.
 * APR_SUCCESS or what pthread_create said.
 */
apr_status_t qdn_thread_start(void *(*work)(void *), void *baton);

#endif
