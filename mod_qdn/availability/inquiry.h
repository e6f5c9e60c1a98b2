/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_INQUIRY_H
#define QDN_INQUIRY_H

/*
 * One feed as the refreshing thread sees it: when it is asked next, what it
 * has said last, how often it has failed. Whoever asks ends with one of
 * _read, _take, _unchanged and _failed.
 */

#include "fetch.h"
#include "refresh.h"

#define QDN_INQUIRY_FILE_GAP  apr_time_from_sec(2)  /* files are looked at */
#define QDN_INQUIRY_RETRY     apr_time_from_sec(30) /* the first time */
#define QDN_INQUIRY_RETRY_MAX apr_time_from_sec(900)
#define QDN_INQUIRY_MARKS     5
/*
 * How long an answer may be called unchanged before all of it is read again:
 * recurring events are known no farther than QDN_FINDING_AHEAD of that time.
 */
#define QDN_INQUIRY_REREAD apr_time_from_sec(6 * 3600)
/* Holidays are known farther ahead: hours are asked when they open next. */
#define QDN_INQUIRY_DAYS_AHEAD apr_time_from_sec(400 * 86400)

/* What the parts of the thread share. */
typedef struct qdn_desk_t {
    const qdn_refresh_config_t *config;
    apr_pool_t *pool;
    qdn_fetch_t *fetch;
    struct qdn_inquiry_t *inquiries; /* one per feed, in the plan's order */
    int n;
    unsigned seed;
    int changed; /* something else was found than before */
    int touched; /* the same was found again */
} qdn_desk_t;

typedef struct qdn_inquiry_t {
    qdn_desk_t *desk;
    const qdn_feed_t *feed;
    qdn_finding_t finding;
    char error[200];  /* finding.error, where there is one */
    apr_pool_t *pool; /* of what finding and the next two point to */
    const char *etag, *modified;
    apr_interval_time_t due;     /* monotonic */
    apr_interval_time_t read_at; /* monotonic: when all of it was read; 0 */
    apr_uint64_t
        file[QDN_INQUIRY_MARKS]; /* what told the file from others when read */
    int asked;                   /* on its way */
    int alone;      /* Google is asked for no other calendar with it */
    int left_alone; /* since the start: a daemon died of it (quarantine.h) */
    int events;     /* CalDAV: this server tells events, not free and busy */
    int failures;   /* in a row */
} qdn_inquiry_t;

/*
 * Begin with what was known before, and not before its quarantine ends.
 * inquiry->desk and ->feed are set. culprit: see qdn_quarantine_learn.
 */
void qdn_inquiry_open(qdn_inquiry_t *inquiry, apr_uint64_t culprit);

/* Monotonic: when to try again after so many failures in a row; jittered. */
apr_interval_time_t qdn_inquiry_again(qdn_desk_t *desk,
                                      apr_interval_time_t refresh, int failures,
                                      apr_interval_time_t retry_after);

/* Read an answer by the feed's kind; etag and modified may be NULL. */
void qdn_inquiry_read(qdn_inquiry_t *inquiry, const char *text, apr_size_t len,
                      const char *etag, const char *modified);

/*
 * For an answer that somebody else reads: fill *pfinding from p, a child of
 * the desk's pool, and hand both over.
 */
void qdn_inquiry_take(qdn_inquiry_t *inquiry, const qdn_finding_t *finding,
                      apr_pool_t *p);

/* It says what it said before. */
void qdn_inquiry_unchanged(qdn_inquiry_t *inquiry);

/* A sentence that begins with "it" or names what it is about; copied. */
void qdn_inquiry_failed(qdn_inquiry_t *inquiry, const char *error,
                        apr_interval_time_t retry_after);

/* A pool below the desk's, for one answer. */
apr_pool_t *qdn_desk_pool(qdn_desk_t *desk);

/* The answer of this feed is being read, until it is told that none is. */
void qdn_desk_reading(qdn_desk_t *desk, const qdn_feed_t *feed);
void qdn_desk_done(qdn_desk_t *desk);

#endif
