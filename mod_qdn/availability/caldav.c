/* SPDX-License-Identifier: Apache-2.0 */
#include "caldav.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "ics.h"
#include "status.h"
#include "text.h"

#define CALDAV "urn:ietf:params:xml:ns:caldav"
#define HEAD   "<?xml version=\"1.0\" encoding=\"utf-8\"?>"
#define EMPTY  "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"

static const char *range(apr_time_t from, apr_time_t to, apr_pool_t *p)
{
    apr_time_exp_t a, b;

    apr_time_exp_gmt(&a, from);
    apr_time_exp_gmt(&b, to);
    return apr_psprintf(p,
                        "<C:time-range start=\"%04d%02d%02dT%02d%02d%02dZ\" "
                        "end=\"%04d%02d%02dT%02d%02d%02dZ\"/>",
                        a.tm_year + 1900, a.tm_mon + 1, a.tm_mday, a.tm_hour,
                        a.tm_min, a.tm_sec, b.tm_year + 1900, b.tm_mon + 1,
                        b.tm_mday, b.tm_hour, b.tm_min, b.tm_sec);
}

const char *qdn_caldav_busy_body(apr_time_t from, apr_time_t to, apr_pool_t *p)
{
    return apr_pstrcat(p, HEAD "<C:free-busy-query xmlns:C=\"" CALDAV "\">",
                       range(from, to, p), "</C:free-busy-query>", NULL);
}

const char *qdn_caldav_events_body(apr_time_t from, apr_time_t to,
                                   apr_pool_t *p)
{
    return apr_pstrcat(
        p,
        HEAD "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"" CALDAV "\">"
             "<D:prop><C:calendar-data/></D:prop>"
             "<C:filter><C:comp-filter name=\"VCALENDAR\">"
             "<C:comp-filter name=\"VEVENT\">",
        range(from, to, p),
        "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>", NULL);
}

/*
 * What servers say to a REPORT that they have not heard of. Radicale lists
 * the events with 207 and without telling them.
 */
int qdn_caldav_unknown(int status)
{
    return status == 207 || status == 400 || status == 403 || status == 405 ||
           status == 415 || status == 422 || status == 500 || status == 501;
}

/* ---- the answer ---- */

static xmlXPathObject *find(xmlXPathContext *context, const char *path)
{
    return xmlXPathEvalExpression((const xmlChar *)path, context);
}

static int count(const xmlXPathObject *found)
{
    return found && found->nodesetval ? found->nodesetval->nodeNr : 0;
}

/*
 * Every response must hold its event: one that is missing is not free. What
 * is larger than any calendar is cut off, for qdn_ics_spans to refuse.
 */
static apr_status_t collect(xmlXPathContext *context, qdn_text_t *text,
                            const char **perror)
{
    xmlXPathObject *responses = find(context, "/D:multistatus/D:response");
    xmlXPathObject *data =
        find(context, "/D:multistatus/D:response/D:propstat/D:prop/"
                      "C:calendar-data");
    apr_status_t rv = APR_SUCCESS;
    int i;

    if (count(responses) != count(data)) {
        *perror = "the server lists events without telling them";
        rv = QDN_EMALFORMED;
    }
    for (i = 0; !rv && i < count(data) && text->len <= QDN_ICS_MAX; i++) {
        xmlChar *one = xmlNodeGetContent(data->nodesetval->nodeTab[i]);

        if (one) {
            qdn_text_add(text, (const char *)one);
            qdn_text_add(text, "\r\n");
            xmlFree(one);
        }
    }
    xmlXPathFreeObject(responses);
    xmlXPathFreeObject(data);
    return rv;
}

/* DAV knows no DTD, and its entities could grow without end. */
static int is_multistatus(xmlDoc *doc)
{
    const xmlNode *root =
        doc && !doc->intSubset ? xmlDocGetRootElement(doc) : NULL;

    return root && !strcmp((const char *)root->name, "multistatus") &&
           root->ns && !strcmp((const char *)root->ns->href, "DAV:");
}

apr_status_t qdn_caldav_unwrap(const char *xml, apr_size_t len,
                               const char **ptext, const char **perror,
                               apr_pool_t *p)
{
    xmlDoc *doc = xmlReadMemory(xml, (int)len, NULL, NULL,
                                XML_PARSE_NONET | XML_PARSE_NOERROR |
                                    XML_PARSE_NOWARNING);
    xmlXPathContext *context = NULL;
    apr_status_t rv = QDN_EMALFORMED;
    qdn_text_t text;

    *perror = "the answer is no multistatus of DAV";
    if (is_multistatus(doc)) {
        context = xmlXPathNewContext(doc);
    }
    if (context) {
        qdn_text_init(&text, len, p);
        xmlXPathRegisterNs(context, (const xmlChar *)"D",
                           (const xmlChar *)"DAV:");
        xmlXPathRegisterNs(context, (const xmlChar *)"C",
                           (const xmlChar *)CALDAV);
        rv = collect(context, &text, perror);
        *ptext = text.len ? text.buf : EMPTY;
        xmlXPathFreeContext(context);
    }
    if (doc) {
        xmlFreeDoc(doc);
    }
    return rv;
}
