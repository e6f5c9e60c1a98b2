/* SPDX-License-Identifier: Apache-2.0 */
#include "sentence_form.h"

#include <string.h>

/* What stands behind "Ana was skipped: ". Members are those of judge.h. */
static const char *const reasons[QDN_REASON_MAX] = {
    [QDN_REASON_NONE] = "for no reason that is known",
    [QDN_REASON_AVAILABLE] = "available",
    [QDN_REASON_ALWAYS] = "this step rings at any hour",
    [QDN_REASON_STATUS_AWAY] = "away[ until {@until}][, set by {who}][: {why}]",
    [QDN_REASON_CALENDAR_BUSY] =
        "in a meeting[ until {@until}][ (calendar, {age} s old)][: {title}]",
    [QDN_REASON_OUTSIDE_HOURS] =
        "outside the hours[ of the {OF}][ ({hours})][ until {@until}]",
    [QDN_REASON_HOLIDAY] = "a holiday[ until {@until}]",
    [QDN_REASON_PRESENCE_AWAY] =
        "away by presence[, which says {word}][ (asked {age} s ago)]",
    [QDN_REASON_OFF_DUTY] =
        "not on duty[ until {@until}][ (roster, {age} s old)]",
    [QDN_REASON_ON_A_CALL] = "on another call[ since {@since}]",
    [QDN_REASON_ALREADY_TRIED] = "this phone was rung before in this call",
    [QDN_REASON_BUDGET] = "no time was left to ring",
    [QDN_REASON_RULE] = "a rule decided so",
    [QDN_REASON_CALLER_OWN_PHONE] = "it is the caller's own phone",
    [QDN_REASON_REDIAL_WITHOUT] =
        "once more, without the phone that picked up and did not accept",
    [QDN_REASON_LOOP] = "our own forwarding came back",
    [QDN_REASON_UNKNOWN_ASSUMED_AVAILABLE] =
        "counted as available, because the {SOURCE} does not tell[: {error}]",
    [QDN_REASON_CONNECTED] = "the caller was talked with",
    [QDN_REASON_DECLINED] = "2 was pressed, not now",
    [QDN_REASON_NO_KEY] = "a mailbox answered, nobody pressed 1",
    [QDN_REASON_NO_ANSWER] = "nobody answered",
    [QDN_REASON_BUSY] = "busy",
    [QDN_REASON_FAILED] = "could not be reached",
    [QDN_REASON_CANCELED] = "the ringing was stopped",
    [QDN_REASON_CALLER_GONE] = "the caller hung up",
};

/* Whatever the reason. */
static const char *const kinds[QDN_KIND_MAX] = {
    [QDN_KIND_CALL_RECEIVED] = "A call came in[ for {LINE}][ from {FROM}]"
                               "[, forwarded by {forwarded_from}]",
    [QDN_KIND_CALL_FALLBACK] =
        "Twilio could not go on with the call[ (its error {error_code})]",
    [QDN_KIND_CALL_REJECTED] = "The call was refused[: {REASON}]",
    [QDN_KIND_HOP_SKIPPED] = "{NAME} was skipped: {REASON}",
    [QDN_KIND_HOP_DIALLED] =
        "{NAME} was rung[ for up to {ring} seconds]: {REASON}",
    [QDN_KIND_HOP_ENDED] = "The ringing of {NAMES} phone ended: {REASON}",
    [QDN_KIND_HOP_ANOMALY] =
        "What is known of how {NAMES} ringing ended contradicts itself; it is "
        "taken as: {REASON}",
    [QDN_KIND_LEG_RINGING] = "{NAMES} phone rings",
    [QDN_KIND_LEG_ANSWERED] = "{NAMES} phone was picked up",
    [QDN_KIND_LEG_ENDED] =
        "The connection to {NAMES} phone ended[ after {seconds} seconds]",
    [QDN_KIND_SCREEN_ACCEPTED] = "{NAME} pressed 1 and took the call",
    [QDN_KIND_SCREEN_DECLINED] = "{NAME} pressed 2: not now",
    [QDN_KIND_VOICEMAIL_OFFERED] =
        "The caller was asked to leave a message[: {REASON}]",
    [QDN_KIND_VOICEMAIL_RECORDED] =
        "The caller left a message[ of {seconds} seconds]",
    [QDN_KIND_VOICEMAIL_FAILED] = "The message could not be recorded",
    [QDN_KIND_CALL_GOODBYE] = "The caller heard the goodbye[: {REASON}]",
    [QDN_KIND_CALL_ENDED] = "The call is over[ after {seconds} seconds]",
    [QDN_KIND_LINE_UNKNOWN] =
        "Somebody called[ {to},] a number that the configuration does not know",
    [QDN_KIND_RULE_FAILED] =
        "Rule[ {rule}] had an error and counts as no match",
    [QDN_KIND_DECISION_SUPERSEDED] =
        "This was decided on two servers, and Twilio went on with the other's "
        "decision",
    [QDN_KIND_CONFIG_LOADED] =
        "Configuration[ {CONFIG}] came into force[: {lines} numbers]"
        "[, {operators} people][, version {version}]",
    [QDN_KIND_CREDENTIAL_LOADED] =
        "Credential[ {name}] was loaded[ from {source}]"
        "[, fingerprint {fingerprint}]",
    [QDN_KIND_CALL_CHALLENGED] =
        "The caller was asked to press a key before anybody is rung",
    [QDN_KIND_CHALLENGE_PASSED] = "The caller pressed the right key",
    [QDN_KIND_CHALLENGE_FAILED] = "The caller did not press the right key",
    [QDN_KIND_STATUS_CHANGED] =
        "{NAMES} status was set[ to {state}][ by {who}][ for {LINE}]"
        "[ until {@until}][, was {WAS}][: {why}]",
    [QDN_KIND_STATUS_ENDED] =
        "{NAMES} status[ {state}] ended[ for {LINE}][, set by {who}][: {why}]",
    [QDN_KIND_FEED_FAILED] = "The {SOURCE} cannot be read[: {error}]",
    [QDN_KIND_FEED_RECOVERED] = "The {SOURCE} can be read again",
    [QDN_KIND_PRIVACY_FORGOTTEN] =
        "Personal data were erased[: {calls} calls][, {events} events]"
        "[, by {who}][: {why}]",
};

/* Where the reason makes another sentence. */
static const struct {
    qdn_kind_e kind;
    qdn_reason_e reason;
    const char *text;
    const char *nobody; /* where the person is not known; NULL: the same */
} specials[] = {
    { QDN_KIND_HOP_ENDED, QDN_REASON_CONNECTED, "{NAME} talked with the caller",
      "Somebody talked with the caller" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_DECLINED, "{NAME} pressed 2: not now",
      "Somebody pressed 2: not now" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_NO_KEY,
      "{NAMES} mailbox answered, nobody pressed 1",
      "A mailbox answered, nobody pressed 1" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_NO_ANSWER, "{NAME} did not answer",
      "Nobody answered" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_BUSY, "{NAMES} phone was busy",
      "The phones were busy" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_FAILED, "{NAME} could not be reached",
      "Nobody could be reached" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_CANCELED,
      "The ringing of {NAMES} phone was stopped", "The ringing was stopped" },
    { QDN_KIND_HOP_ENDED, QDN_REASON_CALLER_GONE,
      "The caller hung up while {NAMES} phone rang",
      "The caller hung up while phones rang" },
    { QDN_KIND_CALL_REJECTED, QDN_REASON_NONE, "The call was refused", NULL },
    { QDN_KIND_CALL_REJECTED, QDN_REASON_RULE,
      "The call was refused by a rule[ (number {rule})]", NULL },
    { QDN_KIND_CALL_REJECTED, QDN_REASON_LOOP,
      "The call was refused: it is our own, forwarded back[ by {FORWARDER}]",
      NULL },
    { QDN_KIND_VOICEMAIL_OFFERED, QDN_REASON_NONE,
      "The caller was asked to leave a message", NULL },
    { QDN_KIND_VOICEMAIL_OFFERED, QDN_REASON_RULE,
      "A rule[ (number {rule})] had the caller asked to leave a message",
      NULL },
    { QDN_KIND_VOICEMAIL_OFFERED, QDN_REASON_FAILED,
      "Something had gone wrong, so the caller was asked to leave a message",
      NULL },
    { QDN_KIND_CALL_GOODBYE, QDN_REASON_NONE, "The caller heard the goodbye",
      NULL },
    { QDN_KIND_CALL_GOODBYE, QDN_REASON_FAILED,
      "Something had gone wrong, so the caller heard the goodbye", NULL },
    { QDN_KIND_CALL_ENDED, QDN_REASON_CALLER_GONE,
      "The caller hung up[ after {seconds} seconds]", NULL },
};

/* Of a status that is handed back there is no `until`. */
static const char handed_back[] =
    "{NAMES} status follows calendars and hours again[ for {LINE}]"
    "[, says {who}][, was {WAS}][: {why}]";

const char *qdn_sentence_form(qdn_kind_e kind, qdn_reason_e reason, int person,
                              const char *state)
{
    if (kind == QDN_KIND_STATUS_CHANGED && state && !strcmp(state, "auto")) {
        return handed_back;
    }
    for (apr_size_t i = 0; i < sizeof(specials) / sizeof(*specials); i++) {
        if (specials[i].kind == kind && specials[i].reason == reason) {
            return person || !specials[i].nobody ? specials[i].text
                                                 : specials[i].nobody;
        }
    }
    return kind < QDN_KIND_MAX ? kinds[kind] : NULL;
}

const char *qdn_sentence_reason_form(qdn_reason_e reason)
{
    return reason < QDN_REASON_MAX ? reasons[reason] : NULL;
}
