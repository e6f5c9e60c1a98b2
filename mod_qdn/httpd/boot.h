/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_BOOT_H
#define QDN_BOOT_H

/*
 * post_config: everything that needs the rights httpd starts with, in an
 * order where each step may rely on those before. Every site of this httpd
 * waits for it at a restart, so nothing here is slow but exec: sources.
 */

void qdn_boot_register_hooks(void);

#endif
