/* Counts the edits between a word and the names that there are. */
#include "support/nearest.h"

#include <ctype.h>

enum { MAX_NAME_LENGTH = 47 };

static int least(int a, int b) { return a < b ? a : b; }

static bool same_letter(char a, char b) {
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits from a to b: letters inserted, deleted or replaced, and neighbours that changed places. */
static int edit_distance(ptl_str a, ptl_str b) {
  int rows[3][MAX_NAME_LENGTH + 1];
  for (size_t j = 0; j <= b.length; j++) {
    rows[0][j] = (int)j;
  }
  for (size_t i = 1; i <= a.length; i++) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (size_t j = 1; j <= b.length; j++) {
      char own = a.data[i - 1], other = b.data[j - 1];
      row[j] = least(above[j - 1] + !same_letter(own, other), 1 + least(above[j], row[j - 1]));
      bool is_swap =
          i > 1 && j > 1 && same_letter(own, b.data[j - 2]) && same_letter(a.data[i - 2], other);
      row[j] = is_swap ? least(row[j], two_above[j - 2] + 1) : row[j];
    }
  }
  return rows[a.length % 3][b.length];
}

/* Of a word of two letters every other one is near, and a very long one is none of ours. */
ptl_nearest ptl_nearest_to(ptl_str word) {
  bool is_usual = word.length > 2 && word.length <= MAX_NAME_LENGTH;
  int limit = !is_usual ? -1 : word.length < 6 ? 1 : (int)word.length / 3;
  return (ptl_nearest){.word = word, .limit = limit};
}

void ptl_nearest_try(ptl_nearest *nearest, ptl_str name) {
  if (nearest->limit < 0 || name.length > MAX_NAME_LENGTH) {
    return;
  }
  int distance = edit_distance(nearest->word, name);
  if (distance <= nearest->limit) {
    nearest->name = name;
    nearest->limit = distance - 1;
  }
}

const char *ptl_nearest_question(ptl_arena *arena, const ptl_nearest *nearest, const char *before,
                                 const char *after) {
  ptl_str name = nearest->name;
  return name.length == 0 ? ""
                          : ptl_arena_printf(arena, "; did you mean %s%.*s%s?", before,
                                             (int)name.length, name.data, after);
}
