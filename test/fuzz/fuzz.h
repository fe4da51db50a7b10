/* What the fuzz targets share. Each is a LLVMFuzzerTestOneInput in a file of its own: any bytes may
 * be refused; nothing may crash, nothing may be called a bug of ours, and what is refused has a
 * diagnostic.
 *
 * With clang and -DPTOLOWER_FUZZ=ON each is a libFuzzer program, NAME_fuzz (docs/check.md); the
 * test command runs the same functions over mutations of the project's own kernels (driver.c).
 */
#ifndef PTOLOWER_FUZZ_H
#define PTOLOWER_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <ptolower/ptolower.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ways to break a text, or to make another valid one of it. FUZZ_IN_PLACE: a cut, a byte, a line
 * twice or gone, a number. FUZZ_ALL: also lines and words of elsewhere, names among them. On texts
 * that it refuses for a name, MLIR 19 may write to memory that it has freed, and a later text of
 * the same process pays for it; asm/early.c keeps the known kind from it. */
enum { FUZZ_IN_PLACE = 7, FUZZ_ALL = 12 };

/* Mutates in one of the first `ways`. `room` is what `bytes` can hold; gives the new size. */
size_t fuzz_mutate(uint8_t *bytes, size_t size, size_t room, unsigned ways, uint64_t *state);

/* xorshift: the sequence is part of the tests. */
uint64_t fuzz_next(uint64_t *state);

/* Ends the program if this is no answer to an input. */
static inline void fuzz_judge(ptolower_status status, const ptolower_result *result) {
  size_t count = ptolower_result_diagnostic_count(result);
  if (status == PTOLOWER_INTERNAL || (status != PTOLOWER_OK && count == 0)) {
    for (size_t i = 0; i < count; i++) {
      fputs(ptolower_result_diagnostic_line(result, i), stderr);
    }
    abort();
  }
}

#endif
