/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DUMP_H
#define QDN_DUMP_H

/*
 * `apachectl -t -D DUMP_QDN` prints the compiled plan as one line of JSON,
 * `-D DUMP_QDN_DBD` where the store is: {"driver","params","state_dir"}.
 * Both need no secrets and no rights.
 */

void qdn_dump_register_hooks(void);

/* Is this a plain `apachectl configtest`, nothing to be printed? */
int qdn_dump_is_configtest(void);

#endif
