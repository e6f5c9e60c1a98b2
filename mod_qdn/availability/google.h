/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_GOOGLE_H
#define QDN_GOOGLE_H

/*
 * What is said to Google Calendar and what it answers. Pure; google_desk.h
 * does the asking. Sources: developers.google.com/workspace/calendar/api/v3/
 * reference/freebusy/query, developers.google.com/identity/protocols/oauth2/
 * service-account.
 */

#include "finding.h"

#define QDN_GOOGLE_TOKEN_URL "https://oauth2.googleapis.com/token"
#define QDN_GOOGLE_API_BASE  "https://www.googleapis.com"
#define QDN_GOOGLE_FREEBUSY  "/calendar/v3/freeBusy"
#define QDN_GOOGLE_SCOPE     "https://www.googleapis.com/auth/calendar.freebusy"
#define QDN_GOOGLE_BATCH     50 /* calendars in one question, Google's bound */
#define QDN_GOOGLE_LIFE      3600 /* seconds of an assertion, at most */

/*
 * The assertion (a JWT signed with RS256) that a service account asks its
 * token with; key is the text of its JSON key file. In p. APR_SUCCESS, or
 * QDN_EMALFORMED with a sentence in *perror that quotes nothing of it.
 */
apr_status_t qdn_google_assertion(const char **passertion, const char *key,
                                  const char *audience, apr_time_t now,
                                  const char **perror, apr_pool_t *p);

/* Forms that are posted for a token; in p. */
const char *qdn_google_form_assertion(const char *assertion, apr_pool_t *p);
const char *qdn_google_form_refresh(const char *client_id,
                                    const char *client_secret,
                                    const char *refresh_token, apr_pool_t *p);

/*
 * What the answer to it says: the token, and how long it holds. APR_SUCCESS,
 * or QDN_EMALFORMED with a sentence in *perror.
 */
apr_status_t qdn_google_token(const char *text, apr_size_t len,
                              const char **ptoken, apr_interval_time_t *pholds,
                              const char **perror, apr_pool_t *p);

/* The question for n calendars; in p. */
const char *qdn_google_question(const char *const *ids, int n, apr_time_t from,
                                apr_time_t to, apr_pool_t *p);

/* An answer of status 200, which may hold an error for each calendar. */
typedef struct qdn_google_answer_t qdn_google_answer_t;

apr_status_t qdn_google_answer_read(qdn_google_answer_t **panswer,
                                    const char *text, apr_size_t len,
                                    const char **perror, apr_pool_t *p);

/*
 * When that calendar is busy between from and to: in order, merged, in p.
 * APR_SUCCESS, or QDN_EMALFORMED with a sentence in *perror: it is not in the
 * answer, Google told an error for it, or it is not understood.
 */
apr_status_t qdn_google_busy(const qdn_google_answer_t *answer, const char *id,
                             apr_time_t from, apr_time_t to,
                             const qdn_span_t **pspans, int *pn,
                             const char **perror, apr_pool_t *p);

/*
 * What an answer of another status says: "403 rateLimitExceeded", "400
 * invalid_grant". *pslower: Google wants to be asked less. In p.
 */
const char *qdn_google_fault(int status, const char *text, apr_size_t len,
                             int *pslower, apr_pool_t *p);

#endif
