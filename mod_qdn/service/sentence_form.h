/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_SENTENCE_FORM_H
#define QDN_SENTENCE_FORM_H

/*
 * The tables behind sentence.h. In a text {member} stands for a member of the
 * event's detail, {@member} for one that is a moment in seconds; [...] is left
 * out if something in it is not there. In capitals is what is not a member:
 * {NAME} and {NAMES} are the person's name, "Ana" and "Ana's", {PHONE} which
 * of the phones, {LINE} the number's name, {FROM} the caller, {CONFIG} the
 * configuration, {REASON} the text of the reason, {WAS} the status that was
 * set before.
 */

#include "event.h"

/* NULL where there is none. state: of the detail of a status, or NULL. */
const char *qdn_sentence_form(qdn_kind_e kind, qdn_reason_e reason, int person,
                              const char *state);
const char *qdn_sentence_reason_form(qdn_reason_e reason);

#endif
