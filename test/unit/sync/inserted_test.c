/* The flags that ptoas 0.48 puts into a kernel. What it writes was read off its C++ for the same
 * kernel (--enable-insert-sync --pto-level=level3 --pto-arch=a3). */
#include "sync/inserted.h"

#include "kernel_fixture.h"

static const char *pipe_name(ptl_sync_pipe pipe) {
  static const char *const names[] = {"all", "S", "V", "MTE1", "MTE2", "MTE3", "M", "FIX"};
  return names[pipe];
}

static void put_flag(ptl_strbuf *out, const ptl_flag_op *flag) {
  if (flag->kind == PTL_FLAG_BARRIER) {
    ptl_strbuf_printf(out, "barrier %s\n", pipe_name(flag->from));
  } else {
    ptl_strbuf_printf(out, "%s %s %s %d\n", flag->kind == PTL_FLAG_SET ? "set" : "wait",
                      pipe_name(flag->from), pipe_name(flag->to), (int)flag->id);
  }
}

static void put_block(ptl_strbuf *out, const ptl_inserted *inserted, const ptl_block *block) {
  for (int i = 0; block && i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    for (int j = inserted->first[op->index]; j < inserted->first[op->index + 1]; j++) {
      put_flag(out, &inserted->flags[j]);
    }
    if (op->kind == PTL_OP_FOR || ptl_row(op)->effect == PTL_EFFECT_MOVES) {
      ptl_str name = ptl_op_short_name(ptl_str_of(ptl_op_table[op->id].name));
      ptl_strbuf_printf(out, "%.*s\n", (int)name.length, name.data);
    }
    put_block(out, inserted, op->blocks[0]);
  }
}

/* Flags and ops that move data, in their order. */
static const char *flags_of_kernel(void) {
  const ptl_inserted *inserted = ptl_kernel_flags(&test.arena, test.kernel, test.target);
  assert_non_null(inserted);
  ptl_strbuf *out = ptl_arena_alloc(&test.arena, sizeof(*out));
  ptl_strbuf_init(out, &test.arena);
  put_block(out, inserted, test.kernel->body);
  return out->data;
}

/* A loop that loads x and w, multiplies them once or in a loop, and stores. */
static void multiply(bool in_loop) {
  ptl_strbuf k = kernel_begin(&test, NULL);
  ptl_strbuf_puts(&k, "scf.for %j = %c0 to %c512 step %c64 {\n");
  load_x(&k, "%c0");
  load_w(&k, "%w_mat", "%a", "%c0", "%j");
  ptl_strbuf_puts(&k, in_loop ? "scf.for %i = %c0 to %c16 step %c1 {\n" : "");
  move_x(&k);
  move_w(&k, "%w_mat");
  matmul(&k, "%g_acc");
  ptl_strbuf_puts(&k, in_loop ? "}\n" : "");
  store(&k, "%g_acc", "%g", "%j");
  ptl_strbuf_puts(&k, "}\n");
  kernel_end(&test, &k);
}

static void carried_flags_are_set_before_and_awaited_behind(void **state) {
  (void)state;
  multiply(false);
  assert_string_equal(flags_of_kernel(),
                      "set MTE1 MTE2 0\nset MTE1 MTE2 1\nset M MTE1 0\nset FIX M 0\n"
                      "for\n"
                      "wait MTE1 MTE2 0\ntload\nset MTE2 MTE1 0\n"
                      "wait MTE1 MTE2 1\ntload\nset MTE2 MTE1 1\n"
                      "wait MTE2 MTE1 0\nwait M MTE1 0\ntmov\nset MTE1 MTE2 0\n"
                      "wait MTE2 MTE1 1\ntmov\nset MTE1 M 0\nset MTE1 MTE2 1\n"
                      "wait MTE1 M 0\nwait FIX M 0\ntmatmul\nset M FIX 0\nset M MTE1 0\n"
                      "wait M FIX 0\ntstore\nset FIX M 0\n"
                      "wait MTE1 MTE2 0\nwait MTE1 MTE2 1\nwait M MTE1 0\nwait FIX M 0\n"
                      "barrier all\n");
}

/* Flags of what an inner loop reads are moved out of it. There the two of both loads meet; ptoas
 * keeps one, for which the first load waits, and so both. */
static void loads_of_two_tiles_share_a_flag(void **state) {
  (void)state;
  multiply(true);
  const char *flags = flags_of_kernel();
  const char *first = strstr(flags, "wait MTE1 MTE2 0\ntload\n");
  assert_non_null(first);
  assert_non_null(strstr(first, "tload\ntload\nset MTE2 MTE1 0\nwait MTE2 MTE1 0\n"));
  assert_null(strstr(flags, "MTE1 MTE2 1"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(carried_flags_are_set_before_and_awaited_behind),
      TEST(loads_of_two_tiles_share_a_flag),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
