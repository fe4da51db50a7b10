/* Tiles without addresses that get too large for their space: an extent is made larger in all
 * types of tiles and views, and as an index. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "mutate_state.h"

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_'; }

/* A number at `at`, a whole one: "64" of "64x128xf32" or of "rows=64". */
static bool is_number(const char *at, const char *text, const char *number, size_t length) {
  bool begins = at == text || !is_word(at[-1]) || (at[-1] == 'x' && isdigit((unsigned char)at[-2]));
  return begins && strncmp(at, number, length) == 0 && (!is_word(at[length]) || at[length] == 'x');
}

static bool is_inside_type(const char *text, const char *at) {
  while (at > text && *at != '<' && *at != '>' && *at != '\n') {
    at--;
  }
  return *at == '<';
}

static bool is_index_constant(const char *text, const char *at, size_t length) {
  static const char key[] = "arith.constant ";
  size_t before = strlen(key);
  return (size_t)(at - text) > before && strncmp(at - before, key, before) == 0 &&
         strncmp(at + length, " : index", 8) == 0;
}

static void enlarge(enumerator *e, int64_t extent, int64_t times) {
  char number[24];
  int length = 0;
  for (int64_t rest = extent; rest; rest /= 10) {
    length++;
  }
  for (int64_t i = length, rest = extent; i-- > 0; rest /= 10) {
    number[i] = (char)('0' + rest % 10);
  }
  number[length] = 0;
  mut_begin(e, MUT_SCALE, NULL);
  for (const char *at = e->text; *at && e->mutation->edit_count < MUT_MAX_EDITS; at++) {
    if (is_number(at, e->text, number, (size_t)length) &&
        (is_inside_type(e->text, at) || is_index_constant(e->text, at, (size_t)length))) {
      size_t begin = (size_t)(at - e->text);
      mut_replace(e, begin, begin + (size_t)length, "%" PRId64, extent * times);
    }
  }
  mut_describe(e, "%" PRId64 " -> %" PRId64, extent, extent * times);
  mut_finish(e);
}

void mut_extents(enumerator *e) {
  int64_t seen[64];
  int count = 0;
  for (int i = 0; i < e->site_count; i++) {
    const int64_t extents[] = {e->sites[i].type->rows, e->sites[i].type->cols};
    for (int j = 0; j < 2 && e->sites[i].operand < 0; j++) {
      bool known = extents[j] < 16 || count == 64;
      for (int k = 0; k < count; k++) {
        known = known || seen[k] == extents[j];
      }
      if (!known) {
        seen[count++] = extents[j];
        for (int64_t times = 2; times <= 64; times *= 2) {
          enlarge(e, extents[j], times);
        }
      }
    }
  }
}
