/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics_page.h"

#include <string.h>

#include <http_protocol.h>

#include "clock.h"
#include "conf.h"
#include "metrics.h"
#include "page.h"
#include "private.h"
#include "target.h"

static int handle(request_rec *r)
{
    const qdn_shm_t *shm = &qdn_conf_get(r->server)->shm;
    qdn_metrics_t metrics = { .counters = shm->counters,
                              .meter = shm->meter,
                              .gauges = shm->gauges,
                              .version = QDN_VERSION };
    qdn_page_t page = { .type = QDN_METRICS_TYPE, .cache = "no-store" };

    if (!r->handler || strcmp(r->handler, QDN_HANDLER_METRICS)) {
        return DECLINED;
    }
    qdn_page_guard(r);
    if (r->method_number != M_GET) {
        return qdn_page_wrong_method(r, "GET, HEAD");
    }
    metrics.now = qdn_clock_now();
    metrics.mono = qdn_clock_mono();
    page.bytes = qdn_metrics_text(&metrics, r->pool);
    page.len = strlen(page.bytes);
    return qdn_page_send(r, &page);
}

void qdn_metrics_page_register_hooks(void)
{
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
}
