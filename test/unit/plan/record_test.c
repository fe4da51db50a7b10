/* What a timeline tells of each instruction: when it runs, and what it waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/record.h"

static const ptl_range MAT = {.space = PTL_SPACE_MAT, .end_bytes = 100};
static const ptl_range HALF = {.space = PTL_SPACE_MAT, .begin_bytes = 50, .end_bytes = 150};
static const ptl_range LEFT = {.space = PTL_SPACE_LEFT, .end_bytes = 100};
static const ptl_range RIGHT = {.space = PTL_SPACE_RIGHT, .end_bytes = 100};
static const ptl_range ACC = {.space = PTL_SPACE_ACC, .end_bytes = 1024};

typedef struct fixture {
  ptl_arena arena;
  ptl_rates rates;
  ptl_timeline *timeline;
  const ptl_record *record;
} fixture;

static void start(fixture *f, double issue_cycles) {
  ptl_arena_init(&f->arena);
  f->rates = (ptl_rates){.name = "simple",
                         .gm_to_mat_bytes_per_cycle = 10,
                         .mat_to_left_bytes_per_cycle = 10,
                         .mat_to_right_bytes_per_cycle = 20,
                         .acc_drain_bytes_per_cycle = 10,
                         .drain_row_cycles = 1,
                         .matmul_head_cycles = 2,
                         .issue_cycles = issue_cycles};
  f->timeline = ptl_timeline_create(&f->arena, ptl_target_find("a2a3"), &f->rates, 1);
  f->record = ptl_record_of(&f->arena, f->timeline);
}

static void expect(const fixture *f, int index, ptl_instruction wanted) {
  assert_in_range(index, 0, f->record->count - 1);
  const ptl_instruction *got = &f->record->items[index];
  assert_int_equal(got->pipe, wanted.pipe);
  assert_true(got->free == wanted.free && got->begin == wanted.begin && got->end == wanted.end);
  assert_true(got->ready == wanted.ready);
  assert_int_equal(got->wait, wanted.wait);
  assert_int_equal(got->waits_for, wanted.waits_for);
}

static void tells_when_an_instruction_that_is_held_could_begin(void **state) {
  (void)state;
  fixture f;
  start(&f, 0);
  ptl_timeline_load(f.timeline, MAT, 100);
  ptl_timeline_hold(f.timeline, PTL_PIPE_MTE2, &(ptl_cycles){{50}});
  ptl_timeline_load(f.timeline, MAT, 100);
  ptl_timeline_load(f.timeline, MAT, 100);
  expect(&f, 1, (ptl_instruction){PTL_PIPE_MTE2, 10, 10, 50, 60, PTL_WAIT_ISSUE, -1});
  expect(&f, 2, (ptl_instruction){PTL_PIPE_MTE2, 60, 60, 60, 70, PTL_WAIT_NONE, -1});
  ptl_arena_free(&f.arena);
}

static void tells_what_an_instruction_waits_for(void **state) {
  (void)state;
  fixture f;
  start(&f, 0);
  ptl_timeline_load(f.timeline, MAT, 100);
  ptl_timeline_extract(f.timeline, MAT, LEFT, 100, PTL_ELEM_I8, true);
  ptl_timeline_extract(f.timeline, MAT, RIGHT, 100, PTL_ELEM_I8, true);
  ptl_timeline_matmul(f.timeline, LEFT, RIGHT, ACC, 16, 32, 16, PTL_ELEM_I8, false);
  ptl_timeline_load(f.timeline, HALF, 100); /* bytes that the extracts read */
  ptl_timeline_extract(f.timeline, MAT, LEFT, 100, PTL_ELEM_I8,
                       true); /* bytes of which that load wrote some */
  ptl_timeline_drain(f.timeline, ACC, 16, 160);
  assert_int_equal(f.record->count, 7);
  assert_false(f.record->is_cut);
  expect(&f, 0, (ptl_instruction){PTL_PIPE_MTE2, 0, 0, 0, 10, PTL_WAIT_NONE, -1});
  expect(&f, 1, (ptl_instruction){PTL_PIPE_MTE1, 0, 10, 10, 20, PTL_WAIT_DATA, 0});
  expect(&f, 2, (ptl_instruction){PTL_PIPE_MTE1, 20, 20, 20, 25, PTL_WAIT_NONE, -1});
  expect(&f, 3, (ptl_instruction){PTL_PIPE_M, 0, 25, 25, 28, PTL_WAIT_DATA, 2});
  expect(&f, 4, (ptl_instruction){PTL_PIPE_MTE2, 10, 25, 25, 35, PTL_WAIT_ROOM, 2});
  expect(&f, 5, (ptl_instruction){PTL_PIPE_MTE1, 25, 35, 35, 45, PTL_WAIT_DATA, 4});
  expect(&f, 6, (ptl_instruction){PTL_PIPE_FIX, 0, 28, 28, 44, PTL_WAIT_DATA, 3});
  ptl_arena_free(&f.arena);
}

static void tells_what_is_issued_late(void **state) {
  (void)state;
  fixture f;
  start(&f, 30);
  ptl_timeline_load(f.timeline, MAT, 100);  /* issued at 30 */
  ptl_timeline_load(f.timeline, HALF, 100); /* a barrier, then issued at 90 */
  expect(&f, 0, (ptl_instruction){PTL_PIPE_MTE2, 0, 30, 30, 40, PTL_WAIT_ISSUE, -1});
  expect(&f, 1, (ptl_instruction){PTL_PIPE_MTE2, 40, 90, 90, 100, PTL_WAIT_ISSUE, -1});
  ptl_arena_free(&f.arena);
}

static void adds_up_to_the_busy_cycles(void **state) {
  (void)state;
  fixture f;
  start(&f, 3);
  for (int i = 0; i < 20; i++) {
    ptl_timeline_load(f.timeline, i % 2 ? MAT : HALF, 100 + i);
    ptl_timeline_extract(f.timeline, i % 2 ? MAT : HALF, i % 3 ? LEFT : RIGHT, 100, PTL_ELEM_I8,
                         true);
  }
  double busy[PTL_PIPE_COUNT] = {0}, last[PTL_PIPE_COUNT] = {0};
  for (int i = 0; i < f.record->count; i++) {
    const ptl_instruction *item = &f.record->items[i];
    assert_true(item->free == last[item->pipe] && item->begin >= item->free);
    assert_true((item->begin > item->free) == (item->wait != PTL_WAIT_NONE));
    assert_true(item->waits_for < i);
    assert_true(item->waits_for < 0 || f.record->items[item->waits_for].end == item->begin);
    busy[item->pipe] += item->end - item->begin;
    last[item->pipe] = item->end;
  }
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    double off = busy[pipe] - ptl_timeline_busy_cycles(f.timeline, (ptl_pipe)pipe).by[0];
    assert_true(off < 1e-6 && off > -1e-6);
  }
  ptl_arena_free(&f.arena);
}

static void keeps_no_more_than_there_is_room_for(void **state) {
  (void)state;
  fixture f;
  start(&f, 0);
  for (int i = 0; i <= PTL_RECORD_MOST; i++) {
    assert_false(f.record->is_cut);
    ptl_timeline_load(f.timeline, MAT, 100);
  }
  assert_true(f.record->is_cut);
  assert_int_equal(f.record->count, PTL_RECORD_MOST);
  ptl_arena_free(&f.arena);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tells_when_an_instruction_that_is_held_could_begin),
      cmocka_unit_test(tells_what_an_instruction_waits_for),
      cmocka_unit_test(tells_what_is_issued_late),
      cmocka_unit_test(adds_up_to_the_busy_cycles),
      cmocka_unit_test(keeps_no_more_than_there_is_room_for),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
