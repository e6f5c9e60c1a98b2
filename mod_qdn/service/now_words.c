/* SPDX-License-Identifier: Apache-2.0 */
#include "now_words.h"

#include <apr_strings.h>

#include "sentence.h"

static const char *reason_of(const qdn_now_cause_t *cause,
                             const qdn_zone_t *zone, apr_pool_t *p)
{
    return qdn_sentence_reason(qdn_reason_text(cause->reason), cause->known,
                               zone, cause->at, p);
}

const char *qdn_now_say_step(const char *name, int ring,
                             const qdn_now_cause_t *cause,
                             const qdn_zone_t *zone, apr_pool_t *p)
{
    const char *reason = reason_of(cause, zone, p);

    return ring ? apr_psprintf(p, "%s is rung for %d seconds: %s", name, ring,
                               reason)
                : apr_pstrcat(p, name, " is skipped: ", reason, NULL);
}

const char *qdn_now_say_operator(const char *name, int available,
                                 const qdn_now_cause_t *cause,
                                 const qdn_zone_t *zone, apr_pool_t *p)
{
    return apr_pstrcat(p, name,
                       available ? " is available" : " is not available", ": ",
                       cause->reason == QDN_REASON_AVAILABLE && !cause->who
                           ? "nothing speaks against it"
                           : reason_of(cause, zone, p),
                       NULL);
}

static const char *const ends[] = {
    [QDN_ACT_DIAL] = "The last person is rung",
    [QDN_ACT_VOICEMAIL] = "If nobody answers, the caller can leave a message",
    [QDN_ACT_GOODBYE] = "If nobody answers, the caller hears a goodbye",
    [QDN_ACT_REJECT] = "The call is refused without being answered",
    [QDN_ACT_BUSY] = "The caller hears the busy signal",
    [QDN_ACT_CHALLENGE] = "The caller is asked to press a key",
    [QDN_ACT_END] = "The call is over",
};

const char *qdn_now_say_end(qdn_act_e act, int asked, apr_pool_t *p)
{
    return asked ? apr_pstrcat(p,
                               "The caller is asked to press a key before "
                               "anybody is rung. ",
                               ends[act], NULL)
                 : ends[act];
}
