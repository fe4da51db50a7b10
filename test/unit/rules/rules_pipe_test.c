/* The rules of pipes between the cores, and of reserved buffers. */
#include "rules_test.h"

#define PIPE(attributes)                                                                           \
  "pto.aic_initialize_pipe {" attributes "} (c2v_consumer_buf = %b : i32, v2c_consumer_buf = %b "  \
  ": i32)\n"
#define PUSH(attributes) "pto.tpush_to_aiv(%acc : !acc) {" attributes "}"

#define EPILOGUE "acc_push_epilogue = #pto.acc_push_epilogue<layout = nz2nd>"
#define AIV_PIPE(attributes)                                                                       \
  "pto.aiv_initialize_pipe {dir_mask = 1, slot_size = 32, " attributes "} (c2v_consumer_buf = %b " \
  ": i32)\n"
#define POP(attributes)                                                                            \
  "%t = pto.tpop_from_aic {" attributes "} -> !vec\npto.tfree_from_aic {" attributes "}"
#define TENSOR_PIPE(extents)                                                                       \
  "%g = pto.make_tensor_view %fptr, shape = [%c16, %c64], strides = [%c64, %c1] : "                \
  "!pto.tensor_view<" extents "xf32>\n"                                                            \
  "pto.aic_initialize_pipe {dir_mask = 1, slot_size = 4096} (gm_slot_tensor = %g : "               \
  "!pto.tensor_view<" extents "xf32>)\n"
#define ENTRY "%e = pto.talloc_to_aiv {split = 0} -> !pto.tensor_view<16x64xf32>"

static void pipes(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {PIPE("dir_mask = 3, slot_size = 1024") PUSH("split = 0"), NULL},
      {PIPE("dir_mask = 1, slot_size = 1024") PUSH("split = 3"), "split is 0, 1 or 2"},
      {PIPE("id = 1, dir_mask = 1, slot_size = 1024") PUSH("split = 0"), "no initialize_pipe"},
      {PIPE("dir_mask = 2, slot_size = 1024") PUSH("split = 0"), "from cube to vector"},
      {PIPE("dir_mask = 4, slot_size = 1024"), "dir_mask is 1"},
      {PIPE("dir_mask = 1, slot_size = 0"), "slot_size is at least 1"},
      {PIPE("dir_mask = 1, slot_size = 32, slot_num = 2, local_slot_num = 3"), "1 to slot_num"},
      {PIPE("dir_mask = 1, slot_size = 32") PIPE("dir_mask = 1, slot_size = 32"), "takes its own"},
      {"pto.aic_initialize_pipe {dir_mask = 3, slot_size = 32} (c2v_consumer_buf = %b : i32)",
       "takes both c2v_consumer_buf and v2c"},
      {PIPE("dir_mask = 1, slot_size = 32, " EPILOGUE), NULL},
      {PIPE("dir_mask = 3, slot_size = 32, " EPILOGUE), "dir_mask = 1, not 3"},
      {PIPE("dir_mask = 1, slot_size = 32") ENTRY, "takes a pipe with gm_slot_tensor"},
      {TENSOR_PIPE("16x64") ENTRY, NULL},
      {TENSOR_PIPE("16x32") ENTRY, "64 elements in dimension 1, a slot of its pipe 32"},
      {"pto.tpush_to_aic(%vec : !vec) {split = 0}", "belongs into a vector kernel"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case on_vector[] = {
      {PUSH("split = 0"), "belongs into a cube kernel"},
      {AIV_PIPE(EPILOGUE) POP("split = 0"), NULL},
      {AIV_PIPE(EPILOGUE) POP("split = 1"), "split is 0, not 1"},
      {AIV_PIPE("nosplit = true") POP("split = 1"), NULL},
      {AIV_PIPE("nosplit = true") "%t = pto.tpop_from_aic(%c16, %c64) {split = 0} -> !vec",
       "v_row=?, v_col=?"},
  };
  JUDGE("a2a3", IN_VECTOR, on_vector);
  static const rule_case on_a5[] = {
      {PIPE("dir_mask = 1, slot_size = 32, local_slot_num = 2"), "a2a3 only"}};
  JUDGE("a5", IN_CUBE, on_a5);
}

#define RESERVE(attributes) "%q = pto.reserve_buffer {" attributes "} -> i32\n"
#define IN(space) "location = #pto.address_space<" space ">, auto = false, "
#define HANDLE(attributes, peer)                                                                   \
  "%h1 = pto.initialize_l2l_pipe {" attributes "} (%b : i32" peer ") -> !pto.pipe\n"

static void reserved(void **state) {
  (void)state;
  static const rule_case cases[] = {
      {RESERVE("name = \"a\", size = 64, " IN("mat") "base = 0"), NULL},
      {RESERVE("name = \"a\", size = 0, " IN("mat") "base = 0"), "0 bytes"},
      {RESERVE("name = \"a\", size = 64, " IN("acc") "base = 0"), "in vec and mat"},
      {RESERVE("name = \"a\", size = 64, location = #pto.address_space<mat>, auto = false"),
       "takes a base"},
      {RESERVE("name = \"a\", size = 64, " IN("mat") "base = -32"), "addresses begin at 0"},
      {RESERVE("name = \"a\", size = 64, " IN("mat") "base = 0") "%q2 = pto.reserve_buffer {name = "
                                                                 "\"a\", size = 64, " IN(
                                                                     "mat") "base = 64} -> i32",
       "two buffers by the name"},
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8", ""), NULL},
      {HANDLE("dir_mask = 0, slot_size = 32, slot_num = 8", ""), "dir_mask is 1"},
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8, flag_base = 15", ""), "flags"},
      {HANDLE("dir_mask = 3, slot_size = 32, slot_num = 8", ""), "address of the peer as well"},
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8", ", %b : i32"),
       "no address of the peer"},
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8",
              "") "pto.tpush(%acc, %h1 : !acc, !pto.pipe) {split = 3}",
       "split is 0, 1 or 2"},
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8",
              "") "pto.tpush(%tv, %h1 : !view, !pto.pipe) {split = 0}",
       "takes a pipe of initialize_l2g2l_pipe"},
  };
  JUDGE("a2a3", IN_CUBE, cases);
  static const rule_case outside[] = {
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8",
              "") "pto.tpush(%acc, %h1 : !acc, !pto.pipe) {split = 0}",
       "belongs into a function with a pto.kernel_kind"},
      {HANDLE("dir_mask = 1, slot_size = 32, slot_num = 8",
              "") "pto.section.cube {\npto.tpush(%acc, %h1 : !acc, !pto.pipe) {split = 0}\n}",
       NULL},
  };
  JUDGE("a2a3", "", outside);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(pipes), cmocka_unit_test(reserved)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
