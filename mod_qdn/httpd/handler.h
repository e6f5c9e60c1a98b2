/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_HANDLER_H
#define QDN_HANDLER_H

/*
 * The handler qdn-twilio: reads a webhook, has service.h answer it and
 * writes the reply. What is wrong with a request is said in our own words
 * with its status, so ErrorDocument does not apply.
 */

#include <apr_time.h>

/*
 * Longest time for a whole body. Twilio gives up after 15 s and its bodies
 * are a few kilobytes, so who takes longer is not Twilio.
 */
#define QDN_HANDLER_BODY_WAIT apr_time_from_sec(10)

void qdn_handler_register_hooks(void);

#endif
