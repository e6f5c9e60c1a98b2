/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_WHISPER_H
#define QDN_WHISPER_H

/*
 * What a callee hears before the bridge, and how long it takes: the TwiML is
 * made of it, and configtest judges a line's name by it.
 */

#include "plan.h"

#define QDN_WHISPER_KEYS "Press 1 to accept, 2 to pass on."

/*
 * The first prompt, in p: who is called by whom, and the keys. `caller` as it
 * is to be spoken.
 */
const char *qdn_whisper_words(const char *line, const char *caller,
                              apr_pool_t *p);

/*
 * Seconds that it may take: the phone's screen=, else the line's, else the
 * default. Either may be NULL.
 */
int qdn_whisper_room(const qdn_line_t *line, const qdn_phone_t *phone);

/* About how many seconds Twilio's voice needs for this text. */
int qdn_whisper_seconds(const char *text);

#endif
