/* The versions of ptoas: how they are named, what each asks for, and the ranges of its faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "target/target.h"

static ptl_version version_of(const char *text) {
  ptl_version version;
  assert_true(ptl_version_parse(text, &version));
  return version;
}

static ptl_ptoas of(const char *text) { return ptl_ptoas_of(version_of(text)); }

static void reads_versions(void **state) {
  (void)state;
  assert_int_equal(version_of("0.60").minor, 60);
  assert_int_equal(version_of("1.2").major, 1);
  assert_int_equal(version_of("0.60.3").minor, 60);
  const char *const wrong[] = {"",
                               "0",
                               "60",
                               "0.",
                               ".60",
                               "0.60.",
                               "0.6x",
                               "v0.60",
                               "-0.6",
                               "0.-60",
                               " 0.6",
                               "0.60 ",
                               "0.0",
                               "none",
                               "0,60",
                               "./ptoas",
                               "0.99999999999999999999",
                               "99999999999999999999.1"};
  for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
    ptl_version version;
    if (ptl_version_parse(wrong[i], &version)) {
      fail_msg("'%s' is taken for a version", wrong[i]);
    }
  }
}

static void knows_what_each_asks_for(void **state) {
  (void)state;
  const struct {
    const char *version;
    int64_t ids, left_alignment;
    ptl_ptoas_ties ties;
    bool aligns_slots;
  } cases[] = {
      {"0.9", 2, 0, PTL_TIES_BASES, false},     {"0.27", 2, 0, PTL_TIES_BASES, false},
      {"0.47", 2, 0, PTL_TIES_BASES, false},    {"0.48", 1, 0, PTL_TIES_BASES, false},
      {"0.49", 1, 512, PTL_TIES_BASES, false},  {"0.51", 1, 512, PTL_TIES_BASES, false},
      {"0.52", 1, 512, PTL_TIES_RANGES, false}, {"0.56", 1, 512, PTL_TIES_RANGES, true},
      {"0.60", 1, 512, PTL_TIES_RANGES, true},  {"1.0", 1, 512, PTL_TIES_RANGES, true},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_ptoas ptoas = of(cases[i].version);
    assert_int_equal(ptoas.event_ids_per_carried_pair, cases[i].ids);
    assert_int_equal(ptoas.alignment_bytes[PTL_SPACE_LEFT], cases[i].left_alignment);
    assert_int_equal(ptoas.ties, cases[i].ties);
    assert_int_equal(ptoas.aligns_slots, cases[i].aligns_slots);
  }
}

static void strictest_asks_for_what_any_does(void **state) {
  (void)state;
  for (int minor = 1; minor < 100; minor++) {
    ptl_ptoas ptoas = ptl_ptoas_of((ptl_version){0, minor});
    assert_true(ptoas.event_ids_per_carried_pair <= PTL_PTOAS_STRICTEST.event_ids_per_carried_pair);
    assert_true(ptoas.ties >= PTL_PTOAS_STRICTEST.ties);
    for (int space = 0; space < PTL_SPACE_COUNT; space++) {
      assert_true(ptoas.alignment_bytes[space] <= PTL_PTOAS_STRICTEST.alignment_bytes[space]);
    }
    for (int fault = 0; fault < PTL_PTOAS_FAULT_COUNT; fault++) {
      assert_true(ptl_ptoas_has(&PTL_PTOAS_STRICTEST, (ptl_ptoas_fault)fault));
    }
  }
}

static void has_faults_by_range(void **state) {
  (void)state;
  const struct {
    ptl_ptoas_fault fault;
    int code;
    const char *last_with, *first_without;
  } cases[] = {
      {PTL_PTOAS_MISSES_OVERLAPS, 220, "0.51", "0.52"},
      {PTL_PTOAS_MISSES_SLOTS, 224, "0.62", "0.63"},
      {PTL_PTOAS_MISSES_SECOND_SLOT, 226, "0.55", "0.56"},
      {PTL_PTOAS_MISTAKES_TCI, 225, "0.62", "0.63"},
  };
  for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
    ptl_ptoas with = of(cases[i].last_with), without = of(cases[i].first_without);
    const ptl_ptoas_fault_row *row = ptl_ptoas_fault_of(cases[i].fault);
    assert_int_equal(row->code, cases[i].code);
    assert_true(ptl_ptoas_has(&with, cases[i].fault));
    assert_false(ptl_ptoas_has(&without, cases[i].fault));
    ptl_ptoas last = of(row->last);
    assert_true(ptl_ptoas_has(&last, cases[i].fault));
  }
}

static bool says(const ptl_diag_row *row, const char *word) {
  return strstr(row->summary, word) || strstr(row->text, word) || strstr(row->meaning, word) ||
         strstr(row->cure, word);
}

/* What explains a warning names the versions of the table of faults. */
static void explanations_name_the_versions(void **state) {
  (void)state;
  for (int fault = 0; fault < PTL_PTOAS_FAULT_COUNT; fault++) {
    const ptl_ptoas_fault_row *row = ptl_ptoas_fault_of((ptl_ptoas_fault)fault);
    const ptl_diag_row *explained = ptl_diag_row_of(row->code);
    char mended[16];
    snprintf(mended, sizeof(mended), "%d.%d", row->mended.major, row->mended.minor);
    assert_true(says(explained, row->last));
    assert_true(says(explained, mended));
  }
}

/* Two ways to say one thing: what ties ranges does not miss overlaps. */
static void ties_and_fault_agree(void **state) {
  (void)state;
  for (int minor = 1; minor < 100; minor++) {
    ptl_ptoas ptoas = ptl_ptoas_of((ptl_version){0, minor});
    assert_int_equal(ptoas.ties == PTL_TIES_BASES,
                     ptl_ptoas_has(&ptoas, PTL_PTOAS_MISSES_OVERLAPS));
  }
}

static void a_target_takes_a_version(void **state) {
  (void)state;
  ptl_arena arena;
  ptl_arena_init(&arena);
  const ptl_target *chip = ptl_target_find("a5");
  assert_ptr_equal(chip->ptoas, &PTL_PTOAS_STRICTEST);
  const ptl_target *old = ptl_target_for_ptoas(&arena, chip, version_of("0.48"));
  assert_string_equal(old->name, "a5");
  assert_int_equal(ptl_target_max_carried(chip), 4);
  assert_int_equal(ptl_target_max_carried(old), 8);
  assert_int_equal(ptl_target_alignment(chip, PTL_SPACE_ACC), 512);
  assert_int_equal(ptl_target_alignment(old, PTL_SPACE_ACC), 32);
  assert_int_equal(ptl_target_alignment(old, PTL_SPACE_MAT), 32);
  ptl_arena_free(&arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reads_versions),
      cmocka_unit_test(knows_what_each_asks_for),
      cmocka_unit_test(strictest_asks_for_what_any_does),
      cmocka_unit_test(has_faults_by_range),
      cmocka_unit_test(explanations_name_the_versions),
      cmocka_unit_test(ties_and_fault_agree),
      cmocka_unit_test(a_target_takes_a_version),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
