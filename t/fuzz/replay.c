/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main() of a fuzz target where no fuzzer is: feeds it every seed of its
 * corpus, so that each input that once broke it stays a test for ever. With
 * file names as arguments it replays those. Prints TAP; no seed is a failure.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An exact copy on the heap: a sanitizer sees a read one byte past it. */
static uint8_t *slurp(const char *path, size_t *psize)
{
    struct stat st;
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;

    if (file && fstat(fileno(file), &st) == 0 && S_ISREG(st.st_mode)) {
        *psize = (size_t)st.st_size;
        data = malloc(*psize ? *psize : 1);
        if (data && fread(data, 1, *psize, file) != *psize) {
            free(data);
            data = NULL;
        }
    }
    if (file) {
        fclose(file);
    }
    return data;
}

static int replay(const char *path, int number)
{
    size_t size = 0;
    uint8_t *data = slurp(path, &size);
    int ok = data != NULL;

    if (ok) {
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    printf("%sok %d - %s\n", ok ? "" : "not ", number, path);
    fflush(stdout);
    return ok;
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* t/fuzz/fuzz_form replays t/fuzz/corpus/form/. */
static int replay_corpus(const char *program, int *pfailed)
{
    const char *srcdir = getenv("QDN_SRCDIR");
    const char *noun = strstr(program, "fuzz_");
    const char *last = noun;
    struct dirent **seeds = NULL;
    char path[4096];
    int i, n;

    while (last && (last = strstr(noun + 1, "fuzz_")) != NULL) {
        noun = last;
    }
    if (!srcdir || !noun) {
        return 0;
    }
    snprintf(path, sizeof(path), "%s/t/fuzz/corpus/%s", srcdir,
             noun + strlen("fuzz_"));
    n = scandir(path, &seeds, is_seed, alphasort);
    for (i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/t/fuzz/corpus/%s/%s", srcdir,
                 noun + strlen("fuzz_"), seeds[i]->d_name);
        *pfailed += !replay(path, i + 1);
        free(seeds[i]);
    }
    free(seeds);
    return n > 0 ? n : 0;
}

int main(int argc, char **argv)
{
    int failed = 0;
    int n;

    if (argc > 1) {
        for (n = 1; n < argc; n++) {
            failed += !replay(argv[n], n);
        }
        n--;
    }
    else {
        n = replay_corpus(argv[0], &failed);
    }
    if (n == 0) {
        printf("Bail out! no seed was replayed\n");
        return 1;
    }
    printf("1..%d\n", n);
    return failed != 0;
}
