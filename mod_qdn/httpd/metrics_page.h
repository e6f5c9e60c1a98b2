/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_METRICS_PAGE_H
#define QDN_METRICS_PAGE_H

/* The handler qdn-metrics: metrics.h, for Prometheus to scrape. */

void qdn_metrics_page_register_hooks(void);

#endif
