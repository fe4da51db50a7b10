/* Reading and writing lose nothing: kernels of our own, and the corpus where it is
 * there. */
#include "asm_test.h"

#include <dirent.h>

static ptl_str slurp(ptl_arena *arena, const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  char buffer[4096];
  size_t count;
  while ((count = fread(buffer, 1, sizeof(buffer), file)) > 0) {
    ptl_strbuf_add(&text, buffer, count);
  }
  fclose(file);
  return (ptl_str){text.data, text.length};
}

typedef struct totals {
  int files;
  rewrite_counts counts;
} totals;

static void round_trip_file(const char *path, totals *totals) {
  asm_case test;
  case_open(&test);
  rewrite_counts counts = check_round_trip(&test, slurp(&test.arena, path));
  totals->files++;
  totals->counts.functions += counts.functions;
  totals->counts.opaque += counts.opaque;
  case_close(&test);
}

static bool ends_with(const char *text, const char *tail) {
  size_t length = strlen(text);
  size_t tail_length = strlen(tail);
  return length >= tail_length && strcmp(text + length - tail_length, tail) == 0;
}

/* All .pto files of a directory and of the directories in it. */
static void round_trip_directory(const char *path, totals *totals) {
  DIR *directory = opendir(path);
  if (!directory) {
    return;
  }
  struct dirent *entry;
  while ((entry = readdir(directory))) {
    char name[1024];
    snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
    if (ends_with(name, ".pto")) {
      round_trip_file(name, totals);
    } else if (entry->d_name[0] != '.' && !strchr(entry->d_name, '.')) {
      round_trip_directory(name, totals);
    }
  }
  closedir(directory);
}

static void our_kernels(void **state) {
  (void)state;
  totals totals = {0};
  round_trip_directory(PTL_SOURCE_DIR "/test/unit/asm/kernels", &totals);
  assert_true(totals.files > 0);
  assert_int_equal(totals.counts.opaque, 0);
}

static void the_corpus(void **state) {
  (void)state;
  totals totals = {0};
  round_trip_directory(PTL_SOURCE_DIR "/../shared/corpus", &totals);
  if (totals.files == 0) {
    print_message("skipped: there is no ../shared/corpus\n");
    skip();
  }
  print_message("%d files, %d functions\n", totals.files, totals.counts.functions);
  assert_int_equal(totals.counts.opaque, 0);
}

/* The text of one function that comes out again, but for locations. */
static void check_written(const char *source, const char *expected) {
  asm_case test;
  rewrite_counts counts;
  case_open(&test);
  assert_int_equal(case_read(&test, ptl_str_of(source)), PTL_OK);
  assert_string_equal(case_rewrite(&test, &counts).data, expected);
  case_close(&test);
}

static void names_are_kept_and_unique(void **state) {
  (void)state;
  check_written("func.func @f(%a: i32, %c: i1) {\n"
                "  scf.if %c {\n    %x = arith.addi %a, %a : i32\n"
                "  } else {\n    %x = arith.muli %a, %a : i32\n  }\n"
                "  %26 = arith.subi %a, %a : i32\n  return\n}",
                "func.func @f(%a: i32, %c: i1) {\n"
                "  scf.if %c {\n    %x = arith.addi %a, %a : i32 loc(\"k.pto\":3:10)\n"
                "  } else {\n    %x = arith.muli %a, %a : i32 loc(\"k.pto\":5:10)\n"
                "  } loc(\"k.pto\":2:3)\n"
                "  %26 = arith.subi %a, %a : i32 loc(\"k.pto\":7:9)\n"
                "  return loc(\"k.pto\":8:3)\n  } loc(\"k.pto\":1:1)");
}

static void ops_without_syntax_are_our_bug(void **state) {
  (void)state;
  asm_case test;
  case_open(&test);
  ptl_strbuf out;
  ptl_strbuf_init(&out, &test.arena);
  assert_int_equal(case_read(&test, ptl_str_of("func.func @f() {\n"
                                               "  \"ptolower.x\"() : () -> ()\n  return\n}")),
                   PTL_OK);
  MlirOperation func = case_first_func(&test);
  assert_int_equal(ptl_asm_write_func(func, &test.places, &test.diags, &out), PTL_INTERNAL);
  assert_int_equal(test.diags.items[0].code, 14);
  assert_int_equal(test.diags.items[0].loc.line, 2);
  case_close(&test);
}

/* Values made by a pass have no names: they get pypto's, and numbers. */
static void nameless_values_get_names(void **state) {
  (void)state;
  asm_case test;
  rewrite_counts counts;
  case_open(&test);
  static const char text[] =
      "module attributes {ptolower.ir} {\n"
      "  func.func @f(%a: index) attributes {ptolower.range = array<i64: 0, 0>} {\n"
      "    %x = arith.constant -16 : i32\n    %y = arith.constant 512 : index\n"
      "    %z = arith.constant 512 : index\n    %b = arith.constant true\n"
      "    %h = arith.constant 5.0e-01 : f16\n    %s = arith.addi %y, %z : index\n"
      "    scf.for %q = %y to %z step %s {\n    }\n    return\n  }\n}\n";
  assert_int_equal(case_read(&test, ptl_str_of(text)), PTL_OK);
  ptl_str out = case_rewrite(&test, &counts);
  assert_non_null(strstr(out.data, "@f(%arg0: index) {\n"));
  assert_non_null(strstr(out.data, "  %cn16_i32 = arith.constant -16 : i32"));
  assert_non_null(strstr(out.data, "  %c512_index = arith.constant 512 : index"));
  assert_non_null(strstr(out.data, "  %c512_index_1 = arith.constant 512 : index"));
  assert_non_null(strstr(out.data, "  %cst = arith.constant true"));
  assert_non_null(strstr(out.data, "  %cst_1 = arith.constant 5.000000e-01 : f16"));
  assert_non_null(strstr(out.data, "  %0 = arith.addi %c512_index, %c512_index_1 : index"));
  assert_non_null(strstr(out.data, "  scf.for %iv = %c512_index to %c512_index_1 step %0 {"));
  case_close(&test);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(our_kernels),
      cmocka_unit_test(the_corpus),
      cmocka_unit_test(names_are_kept_and_unique),
      cmocka_unit_test(ops_without_syntax_are_our_bug),
      cmocka_unit_test(nameless_values_get_names),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
