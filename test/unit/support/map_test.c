/* Items that are found by a hash, however many share it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/map.h"

enum { COUNT = 5000 };

/* The item with that key; -1: none. Every hash is that of several keys. */
static int find(const ptl_map *map, const int *keys, int key) {
  uint32_t hash = (uint32_t)key / 8, at = hash;
  int found;
  do {
    found = ptl_map_next(map, hash, &at);
  } while (found >= 0 && keys[found] != key);
  return found;
}

static void finds_what_it_has(void **state) {
  (void)state;
  static int keys[COUNT];
  ptl_arena arena;
  ptl_arena_init(&arena);
  ptl_map map = {0};
  assert_int_equal(find(&map, keys, 0), -1);
  for (int i = 0; i < COUNT; i++) {
    keys[i] = i * 3;
    ptl_map_reserve(&map, &arena, 4);
    ptl_map_add(&map, (uint32_t)keys[i] / 8, i);
  }
  for (int i = 0; i < COUNT; i++) {
    assert_int_equal(find(&map, keys, i * 3), i);
    assert_int_equal(find(&map, keys, i * 3 + 1), -1);
  }
  ptl_map_clear(&map);
  assert_int_equal(find(&map, keys, 3), -1);
  ptl_arena_free(&arena);
}

static void texts_have_hashes(void **state) {
  (void)state;
  assert_int_equal(ptl_hash_text(ptl_str_of("%left")), ptl_hash_text(ptl_str_of("%left")));
  assert_int_not_equal(ptl_hash_text(ptl_str_of("%left")), ptl_hash_text(ptl_str_of("%right")));
  assert_int_not_equal(ptl_hash(ptl_hash(0, 1), 2), ptl_hash(ptl_hash(0, 2), 1));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(finds_what_it_has),
      cmocka_unit_test(texts_have_hashes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
