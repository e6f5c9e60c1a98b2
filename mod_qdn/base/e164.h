/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_E164_H
#define QDN_E164_H

/*
 * Phone numbers as ITU-T E.164 writes them: + and at most 15 digits, the
 * first of which is not 0.
 */

#include <apr_pools.h>

#define QDN_E164_MAX 16 /* characters, with the + */

/* Does s have the form +[1-9][0-9]{6,14}? NULL does not. */
int qdn_e164_valid(const char *s);

/*
 * May this number be dialled by a cascade? NULL if yes, else a sentence in p
 * that says why not and what is accepted: not E.164 (with the E.164 form of
 * a North American number proposed where it can be guessed), an emergency
 * number (911, 112, 999 ... also behind a country code), a short number, a
 * premium-rate number (+1900, +1976, exchanges 976, +449, +979 ...; the table
 * in e164.c names its sources), a +1 number that North America cannot have.
 */
const char *qdn_e164_refuse(const char *s, apr_pool_t *p);

/* For logs and masked views: "+1619***0101"; "" for NULL and "". */
const char *qdn_e164_mask(const char *s, apr_pool_t *p);

/* For <Say>: "6 1 9, 5 5 5, 0 1 0 1" for +1, else digit by digit. */
const char *qdn_e164_spoken(const char *s, apr_pool_t *p);

/*
 * Twilio's name for the ring tone of the number's country (TwiML, <Dial>,
 * ringTone: "us", "uk", "de" ...), "us" where Twilio has none.
 */
const char *qdn_e164_ringtone(const char *s);

#endif
