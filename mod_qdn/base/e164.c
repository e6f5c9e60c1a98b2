/* SPDX-License-Identifier: Apache-2.0 */
#include "e164.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#define DIGITS_MIN 7
#define DIGITS_MAX 15

/*
 * Emergency numbers: 112 and 911 (ITU-T E.161.1), what Google's
 * libphonenumber (ShortNumberMetadata, release 8.12.57) has for four
 * countries or more or for one of those below, and NANPA's 988 and 933.
 */
static const char *const emergency[] = {
    "000", "100", "101", "102", "103", "105", "108", "110", "111", "112", "113",
    "114", "115", "116", "117", "118", "119", "120", "122", "123", "128", "133",
    "144", "15",  "150", "155", "158", "17",  "177", "18",  "190", "191", "192",
    "193", "194", "199", "911", "933", "988", "993", "995", "997", "998", "999",
};

/*
 * Where a minute costs what its owner wants, as dialled from abroad. Any
 * match refuses, so a prefix stands here only if nothing else begins with
 * it: each row was held against libphonenumber 8.12.57, in which all valid
 * numbers behind it are premium-rate or shared-cost. (Left out for that:
 * +44 118, which is the town of Reading too, +60 1600 and +66 1900.)
 */
static const struct {
    const char *code;     /* of the country */
    const char *prefixes; /* what follows, separated by blanks */
} premium[] = {
    { "979", "" },                       /* ITU-T E.169.2: worldwide */
    { "1", "900 976" },                  /* NANPA */
    { "27", "90 91 92" },                /* ICASA */
    { "30", "901 909" },                 /* EETT */
    { "31", "900 906 909" },             /* ACM */
    { "32", "90" },                      /* BIPT */
    { "33", "81 82 89" },                /* Arcep */
    { "34", "803 806 807" },             /* CNMC */
    { "351", "601 607 608 646 648 76" }, /* Anacom */
    { "358", "600 700" },                /* Traficom */
    { "359", "90" },                     /* CRC */
    { "36", "90 91" },                   /* NMHH */
    { "370", "900 902 903 909" },        /* RRT */
    { "372", "900" },                    /* TTJA */
    { "39", "89" },                      /* AGCOM */
    { "41", "900 901 906" },             /* BAKOM */
    { "420", "900 906 908 909" },        /* CTU */
    { "43", "900 901 930 931 939" },     /* RTR */
    { "44",
      "842 843 844 845 870 871 872 873 9" }, /* Ofcom: service charge, 09 */
    { "45", "90" },                          /* SDFI */
    { "46", "900 939 944" },                 /* PTS */
    { "47", "820 829" },                     /* Nkom */
    { "48", "70" },                          /* UKE */
    { "49", "137 900" },                     /* BNetzA */
    { "52", "900" },                         /* IFT */
    { "55", "900" },                         /* Anatel */
    { "58", "900 901" },                     /* CONATEL */
    { "61", "190" },                         /* ACMA */
    { "64", "900" },                         /* NAD */
    { "65", "1900" },                        /* IMDA */
    { "7", "803 809" },     /* Ministry of Digital Development */
    { "81", "990" },        /* MIC */
    { "852", "900" },       /* OFCA */
    { "972", "1900 1919" }, /* Ministry of Communications */
};

static const struct {
    const char *code;
    const char *tone;
} tones[] = {
    { "1", "us" },   { "27", "za" },  { "30", "gr" },  { "31", "nl" },
    { "32", "be" },  { "33", "fr" },  { "34", "es" },  { "351", "pt" },
    { "358", "fi" }, { "359", "bg" }, { "36", "hu" },  { "370", "lt" },
    { "372", "ee" }, { "39", "it" },  { "41", "ch" },  { "420", "cz" },
    { "43", "at" },  { "44", "uk" },  { "45", "dk" },  { "46", "se" },
    { "47", "no" },  { "48", "pl" },  { "49", "de" },  { "52", "mx" },
    { "55", "br" },  { "56", "cl" },  { "58", "ve" },  { "60", "my" },
    { "61", "au" },  { "63", "ph" },  { "64", "nz" },  { "65", "sg" },
    { "66", "th" },  { "7", "ru" },   { "81", "jp" },  { "86", "cn" },
    { "886", "tw" }, { "91", "in" },  { "972", "il" },
};

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

int qdn_e164_valid(const char *s)
{
    apr_size_t n;

    if (!s || s[0] != '+' || s[1] < '1' || s[1] > '9') {
        return 0;
    }
    n = strspn(s + 1, "0123456789");
    return !s[n + 1] && n >= DIGITS_MIN && n <= DIGITS_MAX;
}

/* The digits of s when it is written as people write numbers, else "". */
static const char *digits_of(const char *s, apr_pool_t *p)
{
    char *digits = apr_palloc(p, strlen(s) + 1);
    char *to = digits;

    for (; *s; s++) {
        if (apr_isdigit(*s)) {
            *to++ = *s;
        }
        else if (!strchr("+-. ()/", *s)) {
            return "";
        }
    }
    *to = '\0';
    return digits;
}

/* An emergency number, alone or behind + and a country code? */
static int is_emergency(const char *s, const char *digits)
{
    apr_size_t len = strlen(digits);

    for (apr_size_t i = 0; i < COUNT(emergency); i++) {
        apr_size_t n = strlen(emergency[i]);

        if (!strcmp(digits, emergency[i]) ||
            (s[0] == '+' && n > 2 && len > n && len - n <= 3 &&
             !strcmp(digits + len - n, emergency[i]))) {
            return 1;
        }
    }
    return 0;
}

/* Does s begin with one of the words of list? With an empty list it does. */
static int begins_with(const char *s, const char *list)
{
    for (;;) {
        apr_size_t n = strcspn(list, " ");

        if (!strncmp(s, list, n)) {
            return 1;
        }
        if (!list[n]) {
            return 0;
        }
        list += n + 1;
    }
}

/* Also 976 exchanges, which NANPA keeps for pay-per-call in every area. */
static int is_premium(const char *digits)
{
    for (apr_size_t i = 0; i < COUNT(premium); i++) {
        apr_size_t n = strlen(premium[i].code);

        if (!strncmp(digits, premium[i].code, n) &&
            begins_with(digits + n, premium[i].prefixes)) {
            return 1;
        }
    }
    return digits[0] == '1' && !strncmp(digits + 4, "976", 3);
}

/* NANPA: NXX-NXX-XXXX, N from 2 to 9; N11 is neither area nor exchange. */
static int nanp_ok(const char *national)
{
    return strlen(national) == 10 && national[0] > '1' && national[3] > '1' &&
           strncmp(national + 1, "11", 2) && strncmp(national + 4, "11", 2);
}

static const char *refuse_form(const char *s, const char *digits, apr_pool_t *p)
{
    const char *national = digits + (digits[0] == '1');

    if (*digits && is_emergency(s, digits)) {
        return apr_psprintf(p,
                            "'%s' is an emergency number, which a cascade "
                            "must not dial",
                            s);
    }
    if (*digits && strlen(digits) < DIGITS_MIN) {
        return apr_psprintf(p,
                            "'%s' is a short number; what is wanted is a "
                            "whole one, as +16195550101",
                            s);
    }
    if (s[0] != '+' && nanp_ok(national)) {
        return apr_psprintf(p, "'%s' is not in E.164 form; did you mean +1%s?",
                            s, national);
    }
    return apr_psprintf(p,
                        "'%s' is not in E.164 form: +, country code and "
                        "number, 7 to 15 digits without blanks, as "
                        "+16195550101",
                        s);
}

const char *qdn_e164_refuse(const char *s, apr_pool_t *p)
{
    if (!qdn_e164_valid(s)) {
        s = s ? s : "";
        return refuse_form(s, digits_of(s, p), p);
    }
    if (is_premium(s + 1)) {
        return apr_psprintf(p,
                            "'%s' is a premium-rate number, which a "
                            "cascade must not dial",
                            s);
    }
    if (s[1] == '1' && !nanp_ok(s + 2)) {
        return apr_psprintf(p,
                            "'%s' is no North American number: +1, an area "
                            "code and seven digits, as +16195550101",
                            s);
    }
    return NULL;
}

/* What a caller sends may be anything; a log line gets printable ASCII. */
static void copy_printable(char *to, const char *s, apr_size_t n)
{
    for (apr_size_t i = 0; i < n; i++) {
        to[i] = s[i] > ' ' && s[i] < 0x7F ? s[i] : '?';
    }
}

const char *qdn_e164_mask(const char *s, apr_pool_t *p)
{
    apr_size_t len = s ? strlen(s) : 0;
    apr_size_t head = len >= 12 ? 5 : len >= 8 ? 3 : 0;
    apr_size_t tail = len >= 12 ? 4 : len >= 8 ? 2 : 0;
    char *masked;

    if (!len) {
        return "";
    }
    masked = apr_palloc(p, head + 3 + tail + 1);
    copy_printable(masked, s, head);
    memcpy(masked + head, "***", 3);
    copy_printable(masked + head + 3, s + len - tail, tail);
    masked[head + 3 + tail] = '\0';
    return masked;
}

const char *qdn_e164_spoken(const char *s, apr_pool_t *p)
{
    int groups;
    char *spoken, *to;

    if (!s) {
        return "";
    }
    groups = qdn_e164_valid(s) && s[1] == '1' && strlen(s) == 12;
    s += groups ? 2 : 0;
    to = spoken = apr_palloc(p, strlen(s) * 3 + 1);
    for (int n = 0; *s; s++) {
        if (!apr_isdigit(*s)) {
            continue;
        }
        if (groups && (n == 3 || n == 6)) {
            *to++ = ',';
        }
        if (n++) {
            *to++ = ' ';
        }
        *to++ = *s;
    }
    *to = '\0';
    return spoken;
}

const char *qdn_e164_ringtone(const char *s)
{
    for (apr_size_t i = 0; s && s[0] == '+' && i < COUNT(tones); i++) {
        if (!strncmp(s + 1, tones[i].code, strlen(tones[i].code))) {
            return tones[i].tone;
        }
    }
    return "us";
}
