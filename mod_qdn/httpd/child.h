/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CHILD_H
#define QDN_CHILD_H

/*
 * What each httpd child has of its own: a journal with its flusher thread,
 * and a look-out for the newest snapshot with its own; both are closed before
 * the child's pool ends.
 */

void qdn_child_register_hooks(void);

#endif
