/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_cstr.h>
#include <apr_strings.h>
#include "plan.h"
#include "word.h"

const qdn_word_t qdn_words_callerid[] = {
    { "line", QDN_CALLERID_LINE },
    { "caller", QDN_CALLERID_CALLER },
    { NULL, 0 },
};

const qdn_word_t qdn_words_confirm[] = {
    { "key", QDN_CONFIRM_KEY },
    { "none", QDN_CONFIRM_NONE },
    { NULL, 0 },
};

const qdn_word_t qdn_words_when[] = {
    { "available", QDN_WHEN_AVAILABLE },
    { "always", QDN_WHEN_ALWAYS },
    { "even-away", QDN_WHEN_EVEN_AWAY },
    { NULL, 0 },
};

const qdn_word_t qdn_words_rule[] = {
    { "reject", QDN_RULE_REJECT },
    { "busy", QDN_RULE_BUSY },
    { "voicemail", QDN_RULE_VOICEMAIL },
    { "challenge", QDN_RULE_CHALLENGE },
    { "cascade=NAME", QDN_RULE_CASCADE },
    { NULL, 0 },
};

const qdn_word_t qdn_words_talk[] = {
    { "skip", QDN_TALK_SKIP },
    { "ring", QDN_TALK_RING },
    { NULL, 0 },
};

static const char *all_of(const qdn_word_t *list, apr_pool_t *p)
{
    const char *all = list->text;

    for (list++; list->text; list++) {
        all =
            apr_pstrcat(p, all, list[1].text ? ", " : " or ", list->text, NULL);
    }
    return all;
}

const char *qdn_word_parse(const qdn_word_t *list, const char *s, int *pvalue,
                           apr_pool_t *p)
{
    const qdn_word_t *w;

    for (w = list; w->text; w++) {
        if (!apr_cstr_casecmp(w->text, s)) {
            *pvalue = w->value;
            return NULL;
        }
    }
    return apr_psprintf(p, "'%s' is not known here; accepted are %s", s,
                        all_of(list, p));
}

const char *qdn_word_text(const qdn_word_t *list, int value)
{
    for (; list->text; list++) {
        if (list->value == value) {
            return list->text;
        }
    }
    return NULL;
}
