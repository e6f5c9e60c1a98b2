/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CHECK_H
#define QDN_CHECK_H

/*
 * What depends on more than one directive, checked where
 * `apachectl configtest` can refuse it. The hook also runs for -S, -M,
 * `-k stop` and at each graceful restart, where refusing ends httpd; so
 * secrets and the state directory are looked at for a configtest only.
 */

/* check_config; leaves the plan frozen. */
void qdn_check_register_hooks(void);

#endif
