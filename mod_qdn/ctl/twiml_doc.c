/* SPDX-License-Identifier: Apache-2.0 */
#include "twiml_doc.h"

#include <apr_strings.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>
#include "status.h"
#include "twiml_rule.h"

typedef struct reading_t {
    apr_pool_t *pool;
    qdn_complaints_t *complaints;
    qdn_leg_side_e side;
} reading_t;

const char *qdn_verb_get(const qdn_verb_t *verb, const char *name,
                         const char *otherwise)
{
    const char *value = apr_table_get(verb->attributes, name);

    return value ? value : otherwise;
}

int qdn_verb_int(const qdn_verb_t *verb, const char *name, int otherwise)
{
    const char *value = apr_table_get(verb->attributes, name);
    size_t len = value ? strlen(value) : 0;

    /* More digits than nine may not fit into an int. */
    return len > 0 && len <= 9 && strspn(value, "0123456789") == len
               ? atoi(value)
               : otherwise;
}

/* apr_table looks names up without regard to case; Twilio does not. */
static void take_attributes(reading_t *r, qdn_verb_t *verb, xmlNode *node)
{
    xmlAttr *a;

    verb->attributes = apr_table_make(r->pool, 8);
    for (a = node->properties; a; a = a->next) {
        const char *name = (const char *)a->name;
        xmlChar *value = xmlNodeListGetString(node->doc, a->children, 1);

        if (a->ns || apr_table_get(verb->attributes, name)) {
            qdn_complain(r->complaints, 12200,
                         "<%s> has \"%s\" twice or in a namespace", verb->name,
                         name);
        }
        apr_table_set(verb->attributes, name, value ? (char *)value : "");
        xmlFree(value);
    }
}

/* The element's own character data, without the blanks around it. */
static const char *own_text(reading_t *r, xmlNode *node)
{
    const char *text = "";
    xmlNode *n;
    char *copy, *end;

    for (n = node->children; n; n = n->next) {
        if (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE) {
            text = apr_pstrcat(r->pool, text, (const char *)n->content, NULL);
        }
    }
    copy = apr_pstrdup(r->pool, text + strspn(text, " \t\r\n"));
    end = copy + strlen(copy);
    while (end > copy && strchr(" \t\r\n", end[-1])) {
        *--end = '\0';
    }
    return copy;
}

/* Which QDN_IN_* bit do this element's children need? 0: it takes none. */
static int inside(const char *name)
{
    return strcmp(name, "Response") == 0 ? QDN_IN_RESPONSE
           : strcmp(name, "Dial") == 0   ? QDN_IN_DIAL
           : strcmp(name, "Gather") == 0 ? QDN_IN_GATHER
                                         : 0;
}

/* May a verb of this rule stand in `parent`? If not: one complaint. */
static int may_stand(reading_t *r, const qdn_verb_t *parent, xmlNode *node,
                     const qdn_verb_rule_t *rule)
{
    const char *name = (const char *)node->name;
    const qdn_verb_rule_t *above = qdn_twiml_rule_find(parent->name);

    if (!rule || node->ns) {
        qdn_complain(r->complaints, 12200,
                     "<%s> is no verb that simulate plays", name);
        return 0;
    }
    if (!(rule->where & inside(parent->name))) {
        qdn_complain(r->complaints, above ? above->nested : 12200,
                     "<%s> must not stand in <%s>", name, parent->name);
        return 0;
    }
    if (r->side == QDN_LEG_CALLEE && !(rule->where & QDN_FOR_CALLEE)) {
        qdn_complain(r->complaints, strcmp(name, "Dial") == 0 ? 13201 : 12200,
                     "<%s> must not stand in the document of a called person",
                     name);
        return 0;
    }
    return 1;
}

static qdn_verb_t *take_element(reading_t *r, xmlNode *node)
{
    qdn_verb_t *verb = apr_pcalloc(r->pool, sizeof(*verb));

    verb->name = apr_pstrdup(r->pool, (const char *)node->name);
    verb->children = apr_array_make(r->pool, 4, sizeof(qdn_verb_t *));
    verb->text = own_text(r, node);
    take_attributes(r, verb, node);
    return verb;
}

/* Two levels at most (Response, Dial or Gather), so recursion is bounded. */
static void take_children(reading_t *r, qdn_verb_t *parent, xmlNode *node)
{
    xmlNode *n;

    for (n = node->children; n; n = n->next) {
        const qdn_verb_rule_t *rule;
        qdn_verb_t *verb;

        if (n->type == XML_PI_NODE || n->type == XML_ENTITY_REF_NODE) {
            qdn_complain(r->complaints, 12200, "not an element: \"%s\"",
                         (const char *)n->name);
        }
        if (n->type != XML_ELEMENT_NODE) {
            continue;
        }
        rule = qdn_twiml_rule_find((const char *)n->name);
        if (!may_stand(r, parent, n, rule)) {
            continue;
        }
        verb = take_element(r, n);
        qdn_twiml_rule_check(verb, rule, r->complaints);
        take_children(r, verb, n);
        APR_ARRAY_PUSH(parent->children, qdn_verb_t *) = verb;
    }
}

/* The media type without its parameters must be one that means TwiML. */
static int type_fits(const char *content_type)
{
    static const char *const types[] = { "text/xml", "application/xml", NULL };
    size_t len = content_type ? strcspn(content_type, "; \t") : 0;
    int i;

    for (i = 0; types[i]; i++) {
        if (strlen(types[i]) == len &&
            strncasecmp(types[i], content_type, len) == 0) {
            return 1;
        }
    }
    return 0;
}

/* libxml2 prints what it thinks of an encoding, whatever it was told. */
static void print_nothing(void *context, const char *format, ...)
{
    (void)context;
    (void)format;
}

static xmlDoc *parse(reading_t *r, const char *body, apr_size_t len)
{
    const xmlError *error;
    xmlDoc *doc;

    xmlSetGenericErrorFunc(NULL, print_nothing);
    doc = xmlReadMemory(body, (int)len, "twiml.xml", NULL,
                        XML_PARSE_NONET | XML_PARSE_NOERROR |
                            XML_PARSE_NOWARNING);
    error = xmlGetLastError();
    if (!doc) {
        const char *why = error && error->message ? error->message : "";

        qdn_complain(r->complaints, 12100, "not well-formed XML: %.*s",
                     (int)strcspn(why, "\n"), why);
    }
    else if (doc->intSubset) {
        qdn_complain(r->complaints, 12100, "TwiML must not have a DOCTYPE");
        xmlFreeDoc(doc);
        doc = NULL;
    }
    else if (doc->encoding &&
             strcasecmp((const char *)doc->encoding, "UTF-8") != 0) {
        qdn_complain(r->complaints, 12100, "the encoding is %s, not UTF-8",
                     (const char *)doc->encoding);
    }
    return doc;
}

apr_status_t qdn_twiml_doc_read(qdn_verb_t **proot, const char *body,
                                apr_size_t len, const char *content_type,
                                qdn_leg_side_e side, qdn_complaints_t *c,
                                apr_pool_t *p)
{
    reading_t r = { .pool = p, .complaints = c, .side = side };
    apr_status_t rv = QDN_EMALFORMED;
    xmlDoc *doc = NULL;
    xmlNode *root;

    *proot = NULL;
    if (!type_fits(content_type)) {
        qdn_complain(c, 12300, "content type \"%s\" is not text/xml",
                     content_type ? content_type : "");
        goto leave;
    }
    if (len == 0 || len > QDN_DOCUMENT_MAX) {
        qdn_complain(c, len ? 11750 : 11770, "a document of %lu bytes",
                     (unsigned long)len);
        goto leave;
    }
    doc = parse(&r, body, len);
    root = doc ? xmlDocGetRootElement(doc) : NULL;
    if (!root) {
        goto leave;
    }
    if (strcmp((const char *)root->name, "Response") != 0 || root->ns) {
        qdn_complain(c, 12102, "the root element is <%s>, not <Response>",
                     (const char *)root->name);
        goto leave;
    }
    *proot = take_element(&r, root);
    if (*(*proot)->text || !apr_is_empty_table((*proot)->attributes)) {
        qdn_complain(c, 12200, "<Response> has text or attributes");
    }
    take_children(&r, *proot, root);
    rv = APR_SUCCESS;

leave:
    if (doc) {
        xmlFreeDoc(doc);
    }
    return rv;
}
