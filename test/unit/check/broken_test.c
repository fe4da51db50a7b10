/* The proof of outputs, on broken ones: kernels that the tool emits are broken by hand, one line
 * at a time, and each break has to be found by the checker, which has no plan in hand, or
 * by comparing the effects with those of the kernel as it was.
 *
 * Every kind of break is tried on every output that has the lines for it: i8 and bf16, A resident
 * and streamed, weights transposed, both chips, made from tensors and from a kernel. */
#include <ptolower/ptolower.h>
#include <stdlib.h>

#include "broken_text.h"

/* ---- outputs ------------------------------------------------------------ */

static output outputs[] = {
    {"i8, resident", "a2a3", "a", "gate", "up", 16, 5120, 256, "i8", "i32", false, NULL, NULL},
    {"i8, a5", "a5", "a", "gate", "up", 16, 5120, 256, "i8", "i32", false, NULL, NULL},
    {"bf16, streamed", "a2a3", "a", "gate", "up", 64, 8192, 16, "bf16", "f32", false, NULL, NULL},
    {"f16, transposed", "a5", "a", "gate", "up", 5, 4096, 64, "f16", "f32", true, NULL, NULL},
    {"i8, N cut", "a2a3", "a", "gate", "up", 32, 4096, 2048, "i8", "i32", false, NULL, NULL},
    {"a kernel", "a2a3", "x", "gate_w", "up_w", 0, 0, 0, NULL, NULL, false,
     PTL_SOURCE_DIR "/test/passes/Inputs/pair.pto", NULL},
    {"a long kernel", "a2a3", "x_q__rv_v1", "gate_w__ssa_v0", "up_w__ssa_v0", 0, 0, 0, NULL, NULL,
     false, PTL_SOURCE_DIR "/test/e2e/inputs/gate_up_store.pto", NULL},
};
enum { OUTPUT_COUNT = sizeof(outputs) / sizeof(outputs[0]) };

static const char *tensors(const output *o) {
  const char *w = o->transposed
                      ? ptl_arena_printf(&test.arena, "tensor<%dx%dx%s>", o->n, o->k, o->elem)
                      : ptl_arena_printf(&test.arena, "tensor<%dx%dx%s>", o->k, o->n, o->elem);
  const char *c = ptl_arena_printf(&test.arena, "tensor<%dx%dx%s>", o->m, o->n, o->acc);
  return ptl_arena_printf(
      &test.arena,
      "func.func @k(%%a: tensor<%dx%dx%s>, %%gate: %s, %%up: %s) -> (%s, %s) {\n"
      "  %%0:2 = \"ptolower.matmul_dual_acc\"(%%a, %%gate, %%up) %s : (tensor<%dx%dx%s>, %s, %s) "
      "-> (%s, %s)\n"
      "  return %%0#0, %%0#1 : %s, %s\n}\n",
      o->m, o->k, o->elem, w, w, c, c, o->transposed ? "{rhs_transposed}" : "", o->m, o->k, o->elem,
      w, w, c, c, c, c);
}

static const char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  char *text = ptl_arena_alloc(&test.arena, 256 * 1024);
  size_t length = fread(text, 1, 256 * 1024 - 1, file);
  (void)fclose(file);
  text[length] = '\0';
  return text;
}

static void lower(output *o) {
  const char *input = o->file ? read_file(o->file) : tensors(o);
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  assert_int_equal(ptolower_options_set(options, "target", o->chip), PTOLOWER_OK);
  assert_int_equal(ptolower_options_set(options, "validate", "1"), PTOLOWER_OK);
  assert_int_equal(ptolower_run(options, input, strlen(input), &result), PTOLOWER_OK);
  size_t length;
  const char *text = ptolower_result_output(result, &length);
  o->text = ptl_arena_copy(&test.arena, text, length);
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
}

/* ---- breaks: false where the output has no such line -------------------- */

#define GATE t->of->gate
#define UP t->of->up
#define LHS t->of->a

static bool mat_tiles_on_one_address(text *t) {
  return place(t, mat_of(t, UP), address_of(t, mat_of(t, GATE)));
}
static bool weights_onto_a(text *t) {
  return place(t, mat_of(t, GATE), address_of(t, mat_of(t, LHS)));
}
static bool mat_overlap_in_part(text *t) {
  return place(t, mat_of(t, UP), address_of(t, mat_of(t, UP)) - 4096);
}
static bool mat_past_the_end(text *t) { return place(t, mat_of(t, UP), 524288 - 32); }
static bool acc_past_the_end(text *t) { return place(t, tile(t, UP, "_acc"), 262144 - 512); }
static bool negative_address(text *t) { return place(t, tile(t, GATE, "_acc"), -32768); }
static bool misaligned_mat(text *t) {
  return place(t, mat_of(t, UP), address_of(t, mat_of(t, UP)) + 16);
}
static bool misaligned_acc(text *t) {
  return place(t, tile(t, UP, "_acc"), address_of(t, tile(t, UP, "_acc")) + 32);
}
static bool misaligned_left(text *t) { return place(t, tile(t, LHS, "_left_0"), 64); }
static bool accs_on_one_address(text *t) {
  return place(t, tile(t, UP, "_acc"), address_of(t, tile(t, GATE, "_acc")));
}
/* i32 rows count double on a2a3: half way lies inside the other. */
static bool accs_by_logical_size(text *t) {
  return place(t, tile(t, UP, "_acc"), address_of(t, tile(t, UP, "_acc")) / 2);
}
static bool left_tiles_overlap(text *t) {
  int64_t second = address_of(t, tile(t, LHS, "_left_1"));
  return second > 0 && place(t, tile(t, LHS, "_left_1"), second / 2);
}
static bool left_slots_on_one_address(text *t) {
  return address_of(t, tile(t, LHS, "_left_1")) > 0 &&
         place(t, tile(t, LHS, "_left_1"), address_of(t, tile(t, LHS, "_left_0")));
}
static bool is_before_loops(const text *t, int line) {
  int loop = find(t, "scf.for", NULL, 0);
  return loop < 0 || line < loop;
}
/* The same of Right: the next weights arrive in it before the product of those before is made.
 * Where the extract can stand there: what it names is known by then. */
static bool right_filled_too_early(text *t) {
  int product = first_matmul(t, GATE), next = find(t, "outs(%rhs_right_0", NULL, 1);
  if (next <= product || product < 0) {
    return false;
  }
  const char *from = strstr(t->lines[next], "ins(") + strlen("ins(");
  int alloc = alloc_of(t, ptl_arena_copy(&test.arena, from, strcspn(from, ",")));
  return alloc >= 0 && alloc < product && is_before_loops(t, next) && move(t, next, product);
}
static bool acc_in_of_the_other(text *t) {
  int line = matmul_acc_of(t, UP, 0);
  return edit(t, line, ptl_arena_printf(&test.arena, "ins(%%%s_acc", UP),
              ptl_arena_printf(&test.arena, "ins(%%%s_acc", GATE));
}
static bool adds_to_the_other(text *t) {
  int line = matmul_acc_of(t, UP, 0);
  return acc_in_of_the_other(t) && edit(t, line, ptl_arena_printf(&test.arena, "outs(%%%s_acc", UP),
                                        ptl_arena_printf(&test.arena, "outs(%%%s_acc", GATE));
}
static bool load_of_weights_dropped(text *t) { return drop(t, load_of(t, UP, 0)); }
static bool later_load_dropped(text *t) {
  return load_of(t, UP, 1) > 0 && drop(t, load_of(t, UP, -1));
}
static bool load_of_a_dropped(text *t) { return drop(t, load_of(t, LHS, 0)); }
static bool load_repeated(text *t) {
  int line = load_of(t, GATE, 0);
  insert(t, line, t->lines[line]);
  return true;
}
static bool extract_of_a_dropped(text *t) { return drop(t, extract_of(t, LHS, -1)); }
static bool extract_of_weights_dropped(text *t) { return drop(t, extract_of(t, UP, 0)); }
static bool matmul_acc_dropped(text *t) { return drop(t, matmul_acc_of(t, GATE, 0)); }
static bool store_dropped(text *t) { return drop(t, store_of(t, UP)); }
static bool store_before_the_last_product(text *t) {
  int product = matmul_acc_of(t, UP, -1);
  return product > 0 && move(t, product, store_of(t, UP));
}
static bool load_behind_its_extract(text *t) {
  int load = load_of(t, UP, 0), extract = extract_of(t, UP, 0);
  return load < extract && is_before_loops(t, extract) && move(t, load, extract);
}
static bool first_product_accumulates(text *t) {
  int line = first_matmul(t, UP);
  if (line < 0) {
    return false;
  }
  const char *ins = ptl_arena_printf(&test.arena, "pto.tmatmul.acc ins(%%%s_acc, ", UP);
  const char *types = strstr(t->lines[line], "outs(") + strlen("outs(");
  types = strstr(types, " : ") + strlen(" : ");
  const char *acc_type = ptl_arena_copy(&test.arena, types, strcspn(types, ">") + 1);
  return edit(t, line, "pto.tmatmul ins(", ins) &&
         edit(t, line, " : ", ptl_arena_printf(&test.arena, " : %s, ", acc_type));
}
static bool later_product_starts_anew(text *t) {
  int line = matmul_acc_of(t, GATE, -1);
  if (line < 0) {
    return false;
  }
  const char *types = strstr(t->lines[line], " : ") + strlen(" : ");
  const char *acc_type = ptl_arena_copy(&test.arena, types, strcspn(types, ">") + 3);
  return edit(t, line, ptl_arena_printf(&test.arena, "pto.tmatmul.acc ins(%%%s_acc, ", GATE),
              "pto.tmatmul ins(") &&
         edit(t, line, acc_type, "");
}
static bool product_of_the_other_weights(text *t) {
  return edit(t, extract_of(t, UP, 0), "ins(%rhs_mat_1", "ins(%rhs_mat_0");
}
static bool load_from_the_other_weights(text *t) {
  int line = find(t, "pto.partition_view", part_of(t, UP), 0);
  return load_of(t, UP, 1) > 0 &&
         edit(t, line, ptl_arena_printf(&test.arena, "partition_view %%%s_view", UP),
              ptl_arena_printf(&test.arena, "partition_view %%%s_view", GATE));
}
static bool all_loads_from_the_other_weights(text *t) {
  edit_all(t, ptl_arena_printf(&test.arena, "partition_view %%%s_view", UP),
           ptl_arena_printf(&test.arena, "partition_view %%%s_view", GATE));
  return true;
}
static bool chunk_offset_wrong(text *t) {
  int k_index = t->of->transposed ? 1 : 0;
  int line = find(t, "pto.partition_view", part_of(t, GATE), -1);
  return load_of(t, GATE, 1) > 0 && shift_part(t, line, k_index, -32);
}
static bool column_of_a_chunk_wrong(text *t) {
  int line = find(t, "pto.partition_view", part_of(t, GATE), -1);
  return load_of(t, GATE, 1) > 0 && shift_part(t, line, t->of->transposed ? 0 : 1, 32);
}
static bool rows_of_a_wrong(text *t) {
  return shift_part(t, find(t, "pto.partition_view", part_of(t, LHS), 0), 0, 16);
}
/* A later K step of A is read where the first lies; "%c0_index, %c256_index :" are row and column.
 */
static bool left_offset_wrong(text *t) {
  int line = extract_of(t, LHS, 1);
  if (line < 0 || strstr(t->lines[line], ", %c0_index, %c0_index :")) {
    return false;
  }
  const char *column = strstr(t->lines[line], "%c0_index, ") + strlen("%c0_index, ");
  return edit(t, line, ptl_arena_copy(&test.arena, column, strcspn(column, " ")), "%c0_index");
}
static bool right_offset_wrong(text *t) {
  int line = extract_of(t, GATE, 1);
  const char *name = constant(t, 16, "index");
  line += line >= 0;
  return line > 0 &&
         edit(t, line, "_index, %c0_index :", ptl_arena_printf(&test.arena, "_index, %s :", name));
}
static bool loop_ends_early(text *t) {
  int line = find(t, "scf.for %k", NULL, 0);
  if (line < 0) {
    return false;
  }
  const char *to = strstr(t->lines[line], "to %c") + strlen("to %c");
  const char *step = strstr(t->lines[line], "step %c") + strlen("step %c");
  const char *name = constant(t, atoll(to) - atoll(step), "index");
  return edit(t, line + 1, ptl_arena_printf(&test.arena, "to %%c%lld_index", atoll(to)),
              ptl_arena_printf(&test.arena, "to %s", name));
}
static bool loop_runs_on(text *t) {
  int line = find(t, "scf.for %k", NULL, 0);
  if (line < 0) {
    return false;
  }
  const char *to = strstr(t->lines[line], "to %c") + strlen("to %c");
  const char *name = constant(t, atoll(to) + 1, "index");
  return edit(t, line + 1, ptl_arena_printf(&test.arena, "to %%c%lld_index", atoll(to)),
              ptl_arena_printf(&test.arena, "to %s", name));
}
static bool loop_step_wrong(text *t) {
  int line = find(t, "scf.for %k", NULL, 0);
  if (line < 0) {
    return false;
  }
  const char *step = strstr(t->lines[line], "step %c") + strlen("step %c");
  const char *name = constant(t, atoll(step) / 2, "index");
  return edit(t, line + 1, ptl_arena_printf(&test.arena, "step %%c%lld_index", atoll(step)),
              ptl_arena_printf(&test.arena, "step %s", name));
}
static bool stores_exchanged(text *t) {
  int gate = store_of(t, GATE), up = store_of(t, UP);
  const char *g = ptl_arena_printf(&test.arena, "%%%s_acc", GATE);
  const char *u = ptl_arena_printf(&test.arena, "%%%s_acc", UP);
  return edit(t, gate, g, u) && edit(t, up, u, g);
}
static bool store_to_another_place(text *t) {
  int store = store_of(t, GATE);
  if (store < 0) {
    return false;
  }
  const char *to = strstr(t->lines[store], "outs(") + strlen("outs(");
  const char *name = ptl_arena_copy(&test.arena, to, strcspn(to, " "));
  return shift_part(t, find(t, ptl_arena_printf(&test.arena, "%s = pto.partition", name), NULL, 0),
                    1, 32);
}
static bool moved_acc_to_acc(text *t) {
  int store = store_of(t, UP);
  if (store < 0) {
    return false;
  }
  const char *types = strstr(t->lines[store], " : ") + strlen(" : ");
  const char *type = ptl_arena_copy(&test.arena, types, strcspn(types, ">") + 1);
  insert(t, store,
         ptl_arena_printf(&test.arena, "  pto.tmov ins(%%%s_acc : %s) outs(%%%s_acc : %s)", GATE,
                          type, UP, type));
  return true;
}
static bool element_type_wrong(text *t) {
  const char *acc =
      strstr(t->of->text, "loc=acc, dtype=i32") ? "loc=acc, dtype=i32" : "loc=acc, dtype=f32";
  edit_all(t, acc, strstr(acc, "i32") ? "loc=acc, dtype=f32" : "loc=acc, dtype=i32");
  return true;
}
static bool extents_wrong(text *t) {
  /* Right tiles with half as many columns, as the accumulator does not have. */
  const char *at = strstr(t->of->text, "loc=right");
  at = strstr(at, "cols=") + strlen("cols=");
  int64_t cols = atoll(at);
  for (int i = 0; i < t->count; i++) {
    for (char *right = strstr((char *)t->lines[i], "loc=right"); right;
         right = strstr(right + 1, "loc=right")) {
      char *digits = strstr(right, "cols=") + strlen("cols=");
      if (atoll(digits) == cols) {
        digits[0] = digits[0] == '1' ? '9' : '1';
      }
    }
  }
  return true;
}
static bool first_chunk_offset_wrong(text *t) {
  int first = find(t, "pto.partition_view", part_of(t, UP), 0);
  return load_of(t, UP, 1) > 0 && shift_part(t, first, t->of->transposed ? 1 : 0, 16);
}

typedef struct kind {
  const char *name;
  bool (*apply)(text *t);
  bool effects_only; /* sound in itself: another kernel */
} kind;

#define KIND(f)                                                                                    \
  { #f, f, false }
#define OTHER_KERNEL(f)                                                                            \
  { #f, f, true }

static const kind kinds[] = {
    KIND(mat_tiles_on_one_address),
    KIND(weights_onto_a),
    KIND(mat_overlap_in_part),
    KIND(mat_past_the_end),
    KIND(acc_past_the_end),
    KIND(negative_address),
    KIND(misaligned_mat),
    KIND(misaligned_acc),
    KIND(misaligned_left),
    KIND(accs_on_one_address),
    KIND(accs_by_logical_size),
    KIND(left_tiles_overlap),
    KIND(left_slots_on_one_address),
    KIND(right_filled_too_early),
    KIND(acc_in_of_the_other),
    KIND(adds_to_the_other),
    KIND(load_of_weights_dropped),
    KIND(later_load_dropped),
    KIND(load_of_a_dropped),
    KIND(load_repeated),
    KIND(extract_of_a_dropped),
    KIND(extract_of_weights_dropped),
    KIND(matmul_acc_dropped),
    KIND(store_dropped),
    KIND(store_before_the_last_product),
    KIND(load_behind_its_extract),
    KIND(first_product_accumulates),
    KIND(later_product_starts_anew),
    KIND(product_of_the_other_weights),
    KIND(load_from_the_other_weights),
    OTHER_KERNEL(all_loads_from_the_other_weights),
    KIND(chunk_offset_wrong),
    KIND(column_of_a_chunk_wrong),
    OTHER_KERNEL(rows_of_a_wrong),
    KIND(left_offset_wrong),
    KIND(right_offset_wrong),
    KIND(loop_ends_early),
    KIND(loop_runs_on),
    KIND(loop_step_wrong),
    OTHER_KERNEL(stores_exchanged),
    OTHER_KERNEL(store_to_another_place),
    KIND(moved_acc_to_acc),
    KIND(element_type_wrong),
    KIND(extents_wrong),
    KIND(first_chunk_offset_wrong),
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

/* ---- judging ------------------------------------------------------------ */

static ptl_str joined(const text *t) {
  ptl_strbuf out;
  ptl_strbuf_init(&out, &test.arena);
  for (int i = 0; i < t->count; i++) {
    ptl_strbuf_printf(&out, "%s\n", t->lines[i]);
  }
  return (ptl_str){out.data, out.length};
}

static const char *expected[OUTPUT_COUNT]; /* effects of the kernels as they are */

static int set_up_all(void **state) {
  (void)state;
  case_open(&test);
  for (int i = 0; i < OUTPUT_COUNT; i++) {
    lower(&outputs[i]);
    test.target = ptl_target_find(outputs[i].chip);
    case_read(&test, ptl_str_of(outputs[i].text));
    assert_sound(&test);
    expected[i] = effects_of(&test);
    assert_int_not_equal(expected[i][0], '?');
  }
  return 0;
}

static int tear_down_all(void **state) {
  (void)state;
  case_close(&test);
  return 0;
}

/* The outputs are what they are here for. */
static void outputs_differ(void **state) {
  (void)state;
  assert_non_null(strstr(outputs[0].text, "scf.for"));
  assert_null(strstr(strstr(outputs[0].text, "%a_part") + 1, "%a_part_1")); /* resident */
  assert_non_null(strstr(outputs[2].text, "%a_part_1"));                    /* streamed */
  assert_non_null(strstr(outputs[3].text, "_mat_0_t ="));
  assert_non_null(strstr(outputs[4].text, "rhs_acc_1 = ")); /* cut along N */
  for (int i = 0; i < OUTPUT_COUNT; i++) {
    assert_non_null(strstr(outputs[i].text, "pto.tmatmul ins"));
  }
}

static void every_break_is_found(void **state) {
  int tried = 0, missed = 0, unused = 0;
  (void)state;
  for (int i = 0; i < KIND_COUNT; i++) {
    int applied = 0;
    for (int j = 0; j < OUTPUT_COUNT; j++) {
      text t;
      split(&t, &outputs[j]);
      if (!kinds[i].apply(&t)) {
        continue;
      }
      applied++;
      test.target = ptl_target_find(outputs[j].chip);
      case_read(&test, joined(&t));
      bool wrong = findings_of(&test).count > 0;
      bool other = strcmp(effects_of(&test), expected[j]) != 0;
      if (kinds[i].effects_only ? !other : !wrong) {
        print_error("%s: %s is not found%s\n", outputs[j].title, kinds[i].name,
                    other ? " by the checker, but by the effects" : "");
        missed++;
      }
    }
    if (applied == 0) {
      print_error("%s: no output has the lines for it\n", kinds[i].name);
      unused++;
    }
    tried += applied;
  }
  print_message("%d kinds of breaks, %d broken kernels\n", KIND_COUNT, tried);
  assert_int_equal(missed, 0);
  assert_int_equal(unused, 0);
  assert_true(KIND_COUNT >= 20);
  assert_true(tried >= 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(outputs_differ),
      cmocka_unit_test(every_break_is_found),
  };
  return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
