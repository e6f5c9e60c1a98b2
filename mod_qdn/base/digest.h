/* SPDX-License-Identifier: Apache-2.0 */
#ifndef QDN_DIGEST_H
#define QDN_DIGEST_H

/* Digests, one place each, so that nobody compares a secret with strcmp. */

#include <apr_pools.h>

#define QDN_SHA256_HEX   64
#define QDN_FINGERPRINT  8  /* hex digits that may be shown of a secret */
#define QDN_HMAC_SHA1_B64 28 /* always, with its padding */
#define QDN_ID_HEX       32 /* ids: the first 128 bits of a SHA-256 */

/* Lower-case hex SHA-256 of len bytes, NUL-terminated, into hex[65]. */
void qdn_digest_sha256(const void *data, apr_size_t len,
                       char hex[QDN_SHA256_HEX + 1]);

/*
 * The id of a thing that is named by `parts` (NULL-terminated list, a NULL
 * cannot be a part): SHA-256 over each part followed by a NUL byte, so that
 * {"ab","c"} and {"a","bc"} differ. Lower-case hex into id[33].
 */
void qdn_digest_id(const char *const *parts, char id[QDN_ID_HEX + 1]);

/* `digits` random hex digits that nobody can foretell, an even number. */
void qdn_digest_random(char *hex, apr_size_t digits);

/* First 8 hex digits of SHA-256: how a secret is shown to people. */
const char *qdn_digest_fingerprint(const char *secret, apr_pool_t *p);

/* Base64 of HMAC-SHA1(key, data), standard alphabet, into b64[29]. */
void qdn_digest_hmac_sha1(const char *key, const void *data, apr_size_t len,
                          char b64[QDN_HMAC_SHA1_B64 + 1]);

/*
 * Equal? In a time that depends on the length of `given` only, against
 * guessing byte by byte. NULL never equals anything, not even NULL, so that
 * what is missing fails closed.
 */
int qdn_digest_equal(const char *secret, const char *given);

/* CRC32C (Castagnoli, RFC 3720 appendix B.4), start with crc = 0. */
apr_uint32_t qdn_digest_crc32c(apr_uint32_t crc, const void *data,
                               apr_size_t len);

/*
 * Algorithms are borrowed from libcrypto once per process. Give them back
 * before this code is unloaded, while nobody digests; the next use borrows
 * again.
 */
void qdn_digest_give_back(void);

/* FNV-1a: short, stable hash of a phone number for URLs; not a secret. */
apr_uint32_t qdn_digest_fnv1a(const char *s);

#endif
