/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HEALTH_PAGE_H
#define QDN_HEALTH_PAGE_H

/*
 * The handler qdn-health, for uptime monitors: 200 (green, amber) or 503 (red,
 * or the daemon is away). Who has no right (rights.h) learns the verdict
 * alone, out of shared memory: whoever polls, and how often, asks nobody. Who
 * has one is told every check.
 */

void qdn_health_page_register_hooks(void);

#endif
