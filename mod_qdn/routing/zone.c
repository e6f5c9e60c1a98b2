/* SPDX-License-Identifier: Apache-2.0 */
#include <apr_file_io.h>
#include <apr_strings.h>
#include <string.h>
#include "zone.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* The first bytes of every compiled zone (RFC 8536). */
static const char magic[] = { 'T', 'Z', 'i', 'f' };

/* No dot is among the characters, so that no name leaves the folder. */
static int well_formed(const char *name)
{
    return *name && *name != '/' &&
           !name[strspn(name, LETTERS "0123456789_+/-")];
}

/* The folder holds lists and sub-folders too: look for what a zone is. */
static int is_zone(const char *path, apr_pool_t *p)
{
    char head[sizeof(magic)];
    apr_file_t *file;
    apr_status_t rv;

    rv = apr_file_open(&file, path, APR_FOPEN_READ | APR_FOPEN_BINARY,
                       APR_FPROT_OS_DEFAULT, p);
    if (rv != APR_SUCCESS) {
        return 0;
    }
    rv = apr_file_read_full(file, head, sizeof(head), NULL);
    apr_file_close(file);
    return rv == APR_SUCCESS && !memcmp(head, magic, sizeof(magic));
}

const char *qdn_zone_refuse(const char *name, apr_pool_t *p)
{
    if (well_formed(name) &&
        is_zone(apr_pstrcat(p, QDN_ZONE_DIR "/", name, NULL), p)) {
        return NULL;
    }
    return apr_psprintf(p,
                        "'%s' is not a time zone of this machine; accepted "
                        "are the names below " QDN_ZONE_DIR
                        ", such as America/Los_Angeles (package tzdata)",
                        name);
}
