/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include "settings.h"

/*
 * The directives as the module knows them, for t/guards/conf_reference.sh:
 * name, places and syntax, separated by tabs.
 */

static const struct {
    int scope;
    const char *name;
} places[] = {
    { QDN_IN_SERVER, "server" },
    { QDN_IN_LOCATION, "<Location>" },
    { QDN_IN_OPERATOR, "<QDNOperator>" },
    { QDN_IN_LINE, "<QDNLine>" },
    { QDN_IN_CASCADE, "<QDNCascade>" },
};

static void print_places(int scopes)
{
    const char *comma = "";

    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        if (scopes & places[i].scope) {
            printf("%s%s", comma, places[i].name);
            comma = ", ";
        }
    }
}

int main(void)
{
    const qdn_setting_t *s;

    for (s = qdn_settings; s->name; s++) {
        const char *end = *s->name == '<' ? ">" : "";

        printf("%s%s\t", s->name, end);
        print_places(s->scopes);
        printf("\t%s %s%s\n", s->name, s->syntax, end);
    }
    return 0;
}
