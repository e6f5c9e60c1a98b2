/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What build/bench compares with: a handler that reads the body and answers
 * 250 bytes, as little as one can do with a webhook in httpd.
 */
#include <string.h>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>

#define WORDS "<Pause/><Pause/><Pause/><Pause/>" /* 32 bytes */

static const char answer[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>" WORDS WORDS WORDS
        WORDS WORDS "<Say>Hello, dear callers.</Say></Response>";

_Static_assert(sizeof(answer) - 1 == 250, "as long as a short TwiML");

static int handle(request_rec *r)
{
    char block[8192];
    long n;
    int status;

    if (!r->handler || strcmp(r->handler, "bare")) {
        return DECLINED;
    }
    status = ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK);
    if (status != OK) {
        return status;
    }
    if (ap_should_client_block(r)) {
        do {
            n = ap_get_client_block(r, block, sizeof(block));
        } while (n > 0);
        if (n < 0) {
            return HTTP_BAD_REQUEST;
        }
    }
    ap_set_content_type(r, "text/xml");
    ap_set_content_length(r, sizeof(answer) - 1);
    ap_rwrite(answer, sizeof(answer) - 1, r);
    return OK;
}

static void register_hooks(apr_pool_t *p)
{
    (void)p;
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(bare) = {
    STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, register_hooks, 0
};
