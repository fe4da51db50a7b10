/* What ptolower_read_signature tells of functions. Only the public header is included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <ptolower/signature.h>

#include "api/call_fixture.h"

static ptolower_status read_text(const char *text) {
  ptolower_result_destroy(result);
  return ptolower_read_signature(options, text, strlen(text), &result);
}

static const ptolower_function *function(size_t index) {
  const ptolower_function *found = ptolower_result_function(result, index);
  assert_non_null(found);
  return found;
}

/* The function of a module of one, whose arguments and body these are. */
static const ptolower_function *read_body(const char *arguments, const char *body) {
  static char text[8192];
  snprintf(text, sizeof(text), "module {\n  func.func @f(%s) {\n%s    return\n  }\n}\n", arguments,
           body);
  assert_int_equal(read_text(text), PTOLOWER_OK);
  assert_null(ptolower_result_function(result, 1));
  assert_null(function(0)->unread);
  return function(0);
}

static void assert_integer(ptolower_integer integer, ptolower_integer_kind kind, int64_t value) {
  assert_int_equal(integer.kind, kind);
  assert_int_equal(integer.value, value);
}

static void assert_place(ptolower_place place, int line, int column) {
  assert_int_equal(place.line, line);
  assert_int_equal(place.column, column);
}

/* ---- functions ------------------------------------------------------------ */

static void tells_functions(void **state) {
  (void)state;
  assert_int_equal(
      read_text("module attributes {pto.target_arch = \"a5\"} {\n"
                "  func.func @cube() attributes {pto.kernel_kind = #pto.kernel_kind<cube>} {\n"
                "    return\n  }\n"
                "  module {\n"
                "    func.func @vector() attributes {pto.kernel_kind = "
                "#pto.kernel_kind<vector>} {\n      return\n    }\n  }\n"
                "  func.func private @hidden() {\n    return\n  }\n"
                "  func.func private @elsewhere(i32)\n"
                "  func.func @strange() {\n    pto.no_such_op\n    return\n  }\n"
                "}\n"),
      PTOLOWER_OK);
  assert_string_equal(ptolower_result_arch(result), "a5");
  assert_string_equal(function(0)->name, "cube");
  assert_place(function(0)->place, 2, 3);
  assert_int_equal(function(0)->kind, PTOLOWER_CUBE);
  assert_string_equal(function(1)->name, "vector");
  assert_place(function(1)->place, 6, 5);
  assert_int_equal(function(1)->kind, PTOLOWER_VECTOR);
  assert_true(function(2)->is_private && !function(2)->is_declaration);
  assert_int_equal(function(2)->kind, PTOLOWER_NO_KIND);
  assert_true(function(3)->is_private && function(3)->is_declaration);
  assert_string_equal(function(4)->name, "strange");
  assert_non_null(strstr(function(4)->unread, "pto.no_such_op"));
  assert_false(function(4)->is_private || function(4)->is_declaration);
  assert_null(ptolower_result_function(result, 5));
}

static void tells_arguments(void **state) {
  (void)state;
  const ptolower_function *f =
      read_body("%x: !pto.ptr<i8>, %y : !pto.ptr<strange, gm>, %n: index, %m: memref<4xf32>", "");
  assert_int_equal(f->argument_count, 4);
  assert_string_equal(f->arguments[0].name, "x");
  assert_string_equal(f->arguments[0].type, "!pto.ptr<i8>");
  assert_string_equal(f->arguments[0].pointee, "i8");
  assert_string_equal(f->arguments[1].pointee, "strange");
  assert_string_equal(f->arguments[2].type, "index");
  assert_null(f->arguments[2].pointee);
  assert_string_equal(f->arguments[3].type, "memref<4xf32>");
  for (size_t i = 0; i < f->argument_count; i++) {
    assert_false(f->arguments[i].is_read || f->arguments[i].is_written);
  }
}

static void refuses_what_is_no_module(void **state) {
  (void)state;
  assert_int_equal(ptolower_options_set(options, "file", "x.pto"), PTOLOWER_OK);
  assert_int_equal(read_text("module {"), PTOLOWER_REFUSED);
  assert_null(ptolower_result_function(result, 0));
  assert_null(ptolower_result_arch(result));
  assert_string_equal(ptolower_result_diagnostic(result, 0).file, "x.pto");
  assert_null(ptolower_result_function(NULL, 0));
  assert_null(ptolower_result_arch(NULL));
  assert_int_equal(read_text(""), PTOLOWER_OK);
  assert_null(ptolower_result_function(result, 0));
}

/* A result of another call has no functions. */
static void is_of_its_own_call(void **state) {
  (void)state;
  static const char text[] = "module {\n}\n";
  assert_int_equal(ptolower_check(options, text, strlen(text), &result), PTOLOWER_OK);
  assert_null(ptolower_result_function(result, 0));
  assert_null(ptolower_result_arch(result));
}

/* ---- views ---------------------------------------------------------------- */

#define CONSTANTS                                                                                  \
  "    %c0 = arith.constant 0 : index\n"                                                           \
  "    %c1 = arith.constant 1 : index\n"                                                           \
  "    %c16 = arith.constant 16 : index\n"                                                         \
  "    %c512 = arith.constant 512 : index\n"
#define VIEW(name, pointer)                                                                        \
  "    %" name " = pto.make_tensor_view %" pointer                                                 \
  ", shape = [%c16, %c512], strides = [%c512, %c1] : !pto.tensor_view<?x?xf32>\n"
#define PART(name, view)                                                                           \
  "    %" name " = pto.partition_view %" view ", offsets = [%c0, %c0], sizes = [%c16, %c16] : "    \
  "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<16x16xf32>\n"
#define TILE "    %t = pto.alloc_tile : !pto.tile_buf<vec, 16x16xf32>\n"
#define STORE(part)                                                                                \
  "    pto.tstore ins(%t : !pto.tile_buf<vec, 16x16xf32>) outs(%" part                             \
  " : !pto.partition_tensor_view<16x16xf32>)"

static void tells_views(void **state) {
  (void)state;
  const ptolower_function *f =
      read_body("%x: !pto.ptr<f32>, %n: index", CONSTANTS
                "    %n1 = arith.addi %n, %c1 : index\n"
                "    %v = pto.make_tensor_view %x, shape = [%c16, %n], strides = [%n1, %c1] "
                "{layout = #pto.layout<nd>} : !pto.tensor_view<?x?xf32>\n"
                "    %p = pto.addptr %x, %n : !pto.ptr<f32> -> !pto.ptr<f32>\n" VIEW(
                    "w", "p") "    %q = pto.castptr %n : index -> !pto.ptr<f32>\n" VIEW("z", "q"));
  assert_int_equal(f->view_count, 3);
  const ptolower_view *v = &f->views[0], *w = &f->views[1];
  assert_string_equal(v->name, "v");
  assert_place(v->place, 8, 10);
  assert_int_equal(v->argument, 0);
  assert_false(v->begins_inside);
  assert_string_equal(v->element, "f32");
  assert_string_equal(v->layout, "nd");
  assert_int_equal(v->rank, 2);
  assert_integer(v->shape[0], PTOLOWER_CONSTANT, 16);
  assert_integer(v->shape[1], PTOLOWER_GIVEN, 1);
  assert_integer(v->strides[0], PTOLOWER_COMPUTED, 0);
  assert_integer(v->strides[1], PTOLOWER_CONSTANT, 1);
  assert_int_equal(w->argument, 0);
  assert_true(w->begins_inside);
  assert_string_equal(w->layout, "");
  assert_int_equal(f->views[2].argument, -1);
  assert_false(f->arguments[0].is_read || f->arguments[0].is_written);
}

/* ---- reads and writes ----------------------------------------------------- */

static void tells_stores(void **state) {
  (void)state;
  const ptolower_function *f =
      read_body("%x: !pto.ptr<f32>, %y: !pto.ptr<f32>, %z: !pto.ptr<f32>, %s: f32",
                CONSTANTS TILE VIEW("v", "x") PART("a", "v") VIEW("w", "y") PART("b", "w")
                    STORE("b") "\n    scf.for %i = %c0 to %c16 step %c1 {\n" STORE(
                        "a") " {atomicType = #pto<atomic_type atomic_add>}\n    }\n"
                             "    pto.store_scalar %s, %z[%c0] : !pto.ptr<f32>, f32\n");
  assert_int_equal(f->store_count, 3);
  assert_int_equal(f->stores[0].argument, 1);
  assert_false(f->stores[0].adds || f->stores[0].in_loop || f->stores[0].is_scalar);
  assert_int_equal(f->stores[0].rank, 2);
  assert_integer(f->stores[0].extents[0], PTOLOWER_CONSTANT, 16);
  assert_integer(f->stores[0].extents[1], PTOLOWER_CONSTANT, 16);
  assert_place(f->stores[0].place, 12, 5);
  assert_int_equal(f->stores[1].argument, 0);
  assert_true(f->stores[1].adds && f->stores[1].in_loop);
  assert_int_equal(f->stores[2].argument, 2);
  assert_true(f->stores[2].is_scalar && f->stores[2].rank == 0);
  assert_true(f->arguments[0].is_read && f->arguments[0].is_written);
  assert_true(!f->arguments[1].is_read && f->arguments[1].is_written);
  assert_true(!f->arguments[2].is_read && f->arguments[2].is_written);
}

/* Extents that the type leaves open are those that the part was cut with. */
static void tells_open_extents(void **state) {
  (void)state;
  const ptolower_function *f = read_body(
      "%x: !pto.ptr<f32>, %n: index",
      CONSTANTS TILE VIEW(
          "v", "x") "    %p = pto.partition_view %v, offsets = [%c0, %c0], sizes = [%n, %c16] : "
                    "!pto.tensor_view<?x?xf32> -> !pto.partition_tensor_view<?x?xf32>\n"
                    "    pto.tstore ins(%t : !pto.tile_buf<vec, 16x16xf32>) outs(%p : "
                    "!pto.partition_tensor_view<?x?xf32>)\n");
  assert_int_equal(f->store_count, 1);
  assert_integer(f->stores[0].extents[0], PTOLOWER_GIVEN, 1);
  assert_integer(f->stores[0].extents[1], PTOLOWER_CONSTANT, 16);
}

static void tells_loads(void **state) {
  (void)state;
  const ptolower_function *f = read_body(
      "%x: !pto.ptr<f32>, %y: !pto.ptr<f32>, %z: !pto.ptr<f32>",
      CONSTANTS TILE VIEW("v", "x")
          PART("a", "v") "    pto.tload ins(%a : !pto.partition_tensor_view<16x16xf32>) outs(%t : "
                         "!pto.tile_buf<vec, 16x16xf32>)\n"
                         "    %e = pto.load_scalar %y[%c0] : !pto.ptr<f32> -> f32\n");
  assert_true(f->arguments[0].is_read && !f->arguments[0].is_written);
  assert_true(f->arguments[1].is_read && !f->arguments[1].is_written);
  assert_false(f->arguments[2].is_read || f->arguments[2].is_written);
  assert_int_equal(f->store_count, 0);
}

/* What is not followed is not left out: it may be read and written. */
static void takes_the_unknown_for_both(void **state) {
  (void)state;
  const ptolower_function *f =
      read_body("%a: !pto.ptr<f32>, %b: !pto.ptr<f32>, %c: !pto.ptr<f32>, %d: !pto.ptr<f32>, "
                "%i: i1",
                CONSTANTS "    %k = pto.ptrtoint %a : !pto.ptr<f32> -> i64\n"
                          "    %p = arith.select %i, %b, %c : !pto.ptr<f32>\n");
  for (int i = 0; i < 3; i++) {
    assert_true(f->arguments[i].is_read && f->arguments[i].is_written);
  }
  assert_false(f->arguments[3].is_read || f->arguments[3].is_written);
}

/* A view that a loop carries, and one that either branch gives, are views of the same memory. */
static void follows_loops_and_branches(void **state) {
  (void)state;
  const ptolower_function *f = read_body(
      "%x: !pto.ptr<f32>, %y: !pto.ptr<f32>, %z: !pto.ptr<f32>, %i: i1",
      CONSTANTS TILE VIEW("v", "x") VIEW("w", "y") VIEW(
          "u",
          "z") "    %l = scf.for %k = %c0 to %c16 step %c1 iter_args(%a = %v) -> "
               "(!pto.tensor_view<?x?xf32>) "
               "{\n" PART("p", "a") STORE(
                   "p") "\n      scf.yield %a : !pto.tensor_view<?x?xf32>\n    }\n"
                        "    %b = scf.if %i -> (!pto.tensor_view<?x?xf32>) {\n"
                        "      scf.yield %l : !pto.tensor_view<?x?xf32>\n    } else {\n"
                        "      scf.yield %v : !pto.tensor_view<?x?xf32>\n    }\n" PART("q", "b")
                            STORE(
                                "q") "\n"
                                     "    %m = scf.if %i -> (!pto.tensor_view<?x?xf32>) {\n"
                                     "      scf.yield %w : !pto.tensor_view<?x?xf32>\n    } else "
                                     "{\n"
                                     "      scf.yield %u : !pto.tensor_view<?x?xf32>\n    }\n" PART(
                                         "r", "m") STORE("r") "\n");
  assert_int_equal(f->store_count, 3);
  assert_int_equal(f->stores[0].argument, 0);
  assert_int_equal(f->stores[1].argument, 0);
  assert_int_equal(f->stores[2].argument, -1);
  assert_true(!f->arguments[0].is_read && f->arguments[0].is_written);
  assert_true(f->arguments[1].is_read && f->arguments[1].is_written);
  assert_true(f->arguments[2].is_read && f->arguments[2].is_written);
}

/* A loop that goes on with other memory than it began with. */
static void gives_up_what_loops_exchange(void **state) {
  (void)state;
  const ptolower_function *f =
      read_body("%x: !pto.ptr<f32>, %y: !pto.ptr<f32>",
                CONSTANTS VIEW("v", "x")
                    VIEW("w", "y") "    %l = scf.for %k = %c0 to %c16 step %c1 iter_args(%a = %v) "
                                   "-> (!pto.tensor_view<?x?xf32>) "
                                   "{\n      scf.yield %w : !pto.tensor_view<?x?xf32>\n    }\n");
  assert_true(f->arguments[0].is_read && f->arguments[0].is_written);
  assert_true(f->arguments[1].is_read && f->arguments[1].is_written);
}

/* The library does not look into every region of such an op. */
static void takes_all_for_both_where_it_does_not_look(void **state) {
  (void)state;
  const ptolower_function *f =
      read_body("%a: !pto.ptr<f32>, %i: index",
                "    scf.index_switch %i\n    case 0 {\n      scf.yield\n    }\n"
                "    case 1 {\n      scf.yield\n    }\n    default {\n      scf.yield\n    }\n");
  assert_true(f->arguments[0].is_read && f->arguments[0].is_written);
}

/* ---- tiles and pipes ------------------------------------------------------ */

static void counts_tiles(void **state) {
  (void)state;
  const ptolower_function *f = read_body(
      "", "    %c0 = arith.constant 0 : i64\n"
          "    %t = pto.alloc_tile : !pto.tile_buf<vec, 16x16xf32>\n"
          "    %u = pto.alloc_tile addr = %c0 : !pto.tile_buf<vec, 16x16xf32>\n"
          "    %v = pto.alloc_multi_tile : !pto.multi_tile_buf<vec, 16x16xf32, count=2>\n");
  assert_int_equal(f->tile_count, 3);
  assert_int_equal(f->placed_tile_count, 1);
}

static void tells_pipes(void **state) {
  (void)state;
  assert_int_equal(
      read_text(
          "module {\n"
          "  func.func @k_aic(%x: !pto.ptr<f32>) attributes {pto.kernel_kind = "
          "#pto.kernel_kind<cube>} {\n"
          "    %c0 = arith.constant 0 : i32\n"
          "    %b = pto.import_reserved_buffer {name = \"b\", peer_func = @k_aiv} -> i32\n"
          "    pto.aic_initialize_pipe {id = 3, dir_mask = 1, slot_size = 1024, slot_num = 2}\n"
          "        (gm_slot_buffer = %x : !pto.ptr<f32>, c2v_consumer_buf = %b : i32, "
          "v2c_consumer_buf = %c0 : i32)\n"
          "    %t = pto.alloc_tile : !pto.tile_buf<acc, 16x16xf32>\n"
          "    pto.tpush_to_aiv(%t : !pto.tile_buf<acc, 16x16xf32>) {id = 3, split = 1}\n"
          "    return\n  }\n"
          "  func.func @k_aiv() attributes {pto.kernel_kind = #pto.kernel_kind<vector>} {\n"
          "    %c0 = arith.constant 0 : i32\n"
          "    %b = pto.reserve_buffer {name = \"b\", size = 4096, location = "
          "#pto.address_space<vec>, auto = true} -> i32\n"
          "    pto.aiv_initialize_pipe {dir_mask = 3, slot_size = 512}\n"
          "        (c2v_consumer_buf = %b : i32, v2c_consumer_buf = %c0 : i32)\n"
          "    return\n  }\n"
          "}\n"),
      PTOLOWER_OK);
  const ptolower_function *cube = function(0), *vector = function(1);
  assert_int_equal(cube->pipe_count, 1);
  assert_int_equal(cube->pipes[0].id, 3);
  assert_place(cube->pipes[0].place, 5, 5);
  assert_true(cube->pipes[0].to_vector && !cube->pipes[0].to_cube && cube->pipes[0].is_split);
  assert_int_equal(cube->pipes[0].slot_bytes, 1024);
  assert_int_equal(cube->pipes[0].slots, 2);
  assert_true(cube->pipes[0].has_memory);
  assert_int_equal(cube->pipes[0].argument, 0);
  assert_string_equal(cube->pipes[0].peer, "k_aiv");
  assert_false(cube->arguments[0].is_read || cube->arguments[0].is_written);
  assert_int_equal(vector->pipes[0].id, 0);
  assert_true(vector->pipes[0].to_vector && vector->pipes[0].to_cube);
  assert_int_equal(vector->pipes[0].slots, 4);
  assert_false(vector->pipes[0].is_split || vector->pipes[0].has_memory);
  assert_int_equal(vector->pipes[0].argument, -1);
  assert_string_equal(vector->pipes[0].peer, "k_aic");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tells_functions, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_arguments, set_up, tear_down),
      cmocka_unit_test_setup_teardown(refuses_what_is_no_module, set_up, tear_down),
      cmocka_unit_test_setup_teardown(is_of_its_own_call, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_views, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_stores, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_open_extents, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_loads, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_the_unknown_for_both, set_up, tear_down),
      cmocka_unit_test_setup_teardown(follows_loops_and_branches, set_up, tear_down),
      cmocka_unit_test_setup_teardown(gives_up_what_loops_exchange, set_up, tear_down),
      cmocka_unit_test_setup_teardown(takes_all_for_both_where_it_does_not_look, set_up, tear_down),
      cmocka_unit_test_setup_teardown(counts_tiles, set_up, tear_down),
      cmocka_unit_test_setup_teardown(tells_pipes, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
