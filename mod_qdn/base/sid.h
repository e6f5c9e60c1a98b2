/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SID_H
#define QDN_SID_H

/*
 * Twilio's names of things: two letters that say what it is (AC an account,
 * CA a call, RE a recording ...) and 32 hex digits of either case.
 */

#define QDN_SID_LEN 34

/* Is it one of this kind? NULL is none. */
int qdn_sid_ok(const char *sid, const char *letters);

#endif
