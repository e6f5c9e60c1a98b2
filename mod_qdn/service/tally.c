/* SPDX-License-Identifier: Apache-2.0 */
#include "tally.h"

#include <apr_strings.h>
#include <limits.h>
#include <stdlib.h>
#include "digest.h"

#define WINDOW 8 /* slots in which a key may lie */
#define TRIES  4 /* against others that take the same slot */

typedef struct slot_t {
    apr_uint64_t key; /* of number and day; 0: empty */
    apr_uint32_t day;
    apr_uint32_t calls;
} slot_t;

struct qdn_tally_t {
    apr_uint64_t slots;
    slot_t slot[];
};

static int room(int numbers)
{
    return numbers < WINDOW ? WINDOW : numbers;
}

apr_size_t qdn_tally_size(int numbers)
{
    return sizeof(qdn_tally_t) + (apr_size_t)room(numbers) * sizeof(slot_t);
}

qdn_tally_t *qdn_tally_init(void *memory, int numbers)
{
    qdn_tally_t *tally = memory;

    tally->slots = (apr_uint64_t)room(numbers);
    return tally;
}

static apr_uint64_t key_of(const char *number, int day)
{
    char date[12], id[QDN_ID_HEX + 1];
    const char *parts[] = { "tally", number, date, NULL };

    apr_snprintf(date, sizeof(date), "%d", day);
    qdn_digest_id(parts, id);
    id[16] = '\0';
    return strtoull(id, NULL, 16) | 1;
}

static int more(slot_t *slot)
{
    apr_uint32_t calls = __atomic_add_fetch(&slot->calls, 1, __ATOMIC_RELAXED);

    return calls > INT_MAX ? INT_MAX : (int)calls;
}

/* What a slot is worth keeping: nothing if it is empty or of another day. */
static apr_uint32_t worth(const slot_t *slot, int day)
{
    if (!__atomic_load_n(&slot->key, __ATOMIC_RELAXED) ||
        __atomic_load_n(&slot->day, __ATOMIC_RELAXED) != (apr_uint32_t)day) {
        return 0;
    }
    return __atomic_load_n(&slot->calls, __ATOMIC_RELAXED);
}

int qdn_tally_add(qdn_tally_t *tally, const char *number, int day)
{
    apr_uint64_t key = key_of(number, day), old;
    slot_t *first, *slot;
    int try, i;

    if (!tally) {
        return 1;
    }
    first = tally->slot + key % (tally->slots - WINDOW + 1);
    for (try = 0; try < TRIES; try++) {
        slot = first;
        for (i = 0; i < WINDOW; i++) {
            if (__atomic_load_n(&first[i].key, __ATOMIC_ACQUIRE) == key) {
                return more(first + i);
            }
            if (worth(first + i, day) < worth(slot, day)) {
                slot = first + i;
            }
        }
        old = __atomic_load_n(&slot->key, __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&slot->key, &old, key, 0,
                                        __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
            __atomic_store_n(&slot->calls, 1, __ATOMIC_RELAXED);
            __atomic_store_n(&slot->day, (apr_uint32_t)day, __ATOMIC_RELEASE);
            return 1;
        }
    }
    return 1;
}
