/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_CHALLENGE_H
#define QDN_CHALLENGE_H

/*
 * The key that a caller is asked for before anyone is rung, where a rule says
 * challenge: against machines that call, not against people who listen.
 */

#define QDN_CHALLENGE_TRIES 2
#define QDN_CHALLENGE_WAIT  8 /* seconds for the key, from the last word on */

/*
 * The digit, '1' to '9': the same for the same call and try, so that a second
 * delivery asks the same and no URL has to carry it; another for the next
 * try, from 0.
 */
char qdn_challenge_digit(const char *call_sid, int tries);

#endif
