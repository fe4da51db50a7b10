/* The checker of a plan on schedules of which one item is missing or another. */
#include "plan/plan_check.h"
#include "plan/plan_check_fixture.h"

static bool passes(fixture *f, const ptl_plan *plan, const ptl_schedule *schedule) {
  ptl_checker c = {&f->arena, ptl_target_find("a2a3"), plan, NULL};
  ptl_check_run(&c, schedule);
  return c.why == NULL;
}

typedef struct change {
  fixture *f;
  const ptl_plan *plan;
  ptl_schedule schedule;
  int at; /* the item that is changed */
} change;

/* Checks with an item in the place of that one, and puts it back. */
static bool passes_with(change *c, ptl_item item) {
  ptl_item *place = &c->schedule.items[c->at];
  ptl_item kept = *place;
  *place = item;
  bool ok = passes(c->f, c->plan, &c->schedule);
  *place = kept;
  return ok;
}

static bool passes_without(change *c) {
  ptl_item *place = &c->schedule.items[c->at];
  ptl_item kept = *place;
  int after = c->schedule.count - 1 - c->at;
  memmove(place, place + 1, (size_t)after * sizeof(*place));
  c->schedule.count--;
  bool ok = passes(c->f, c->plan, &c->schedule);
  c->schedule.count++;
  memmove(place + 1, place, (size_t)after * sizeof(*place));
  *place = kept;
  return ok;
}

/* With the next slot for that one of the item; rejected if there is another. */
static void rejects_another(change *c, ptl_item *item, int16_t *slot, int count) {
  int16_t kept = *slot;
  *slot = (int16_t)((kept + 1) % count);
  bool ok = count == 1 || !passes_with(c, *item);
  if (!ok) {
    print_error("item %d passes with rhs%d, mat%d, slot%d, acc%d, left%d, right%d\n", c->at,
                item->rhs, item->mat_slot, item->slot, item->acc, item->left_slot,
                item->right_slot);
  }
  assert_true(ok);
  *slot = kept;
}

static void change_data(change *c, const ptl_item *kept) {
  bool store = kept->kind == PTL_ITEM_STORE;
  bool lhs = kept->kind == PTL_ITEM_LOAD_LHS || kept->kind == PTL_ITEM_EXTRACT_LHS;
  ptl_item item = *kept;
  item.k_base += 32;
  assert_true(passes_with(c, item) == store);
  item = *kept;
  item.k_valid -= 1;
  assert_true(passes_with(c, item) == store);
  item = *kept;
  item.n += 32;
  assert_true(passes_with(c, item) == lhs);
  item = *kept;
  item.n_base += 32;
  assert_true(passes_with(c, item) == lhs);
  item = *kept;
  rejects_another(c, &item, &item.rhs, lhs ? 1 : c->plan->problem.rhs_count);
}

static void change_places(change *c, const ptl_item *kept) {
  const ptl_tiling *t = &c->plan->tiling;
  ptl_item item = *kept;
  bool lhs = kept->kind == PTL_ITEM_LOAD_LHS || kept->kind == PTL_ITEM_EXTRACT_LHS;
  bool extract = kept->kind == PTL_ITEM_EXTRACT_LHS || kept->kind == PTL_ITEM_EXTRACT_RHS;
  if (extract || kept->kind == PTL_ITEM_LOAD_LHS || kept->kind == PTL_ITEM_LOAD_RHS) {
    rejects_another(c, &item, &item.mat_slot, lhs ? t->lhs_slots : t->mat_slots);
  }
  item = *kept;
  if (extract) {
    rejects_another(c, &item, &item.slot, lhs ? t->left_slots : t->right_slots);
    item = *kept;
    item.k_in_mat += 32;
    assert_false(passes_with(c, item));
    item = *kept;
    item.n_in_mat += 32;
    assert_true(passes_with(c, item) == lhs);
  }
}

static void change_row(change *c, const ptl_item *kept) {
  ptl_item item = *kept;
  if (kept->kind != PTL_ITEM_LOAD_RHS && kept->kind != PTL_ITEM_EXTRACT_RHS) {
    rejects_another(c, &item, &item.row, 2);
  }
  item.row = -1;
  assert_false(passes_with(c, item));
}

static void change_accumulator(change *c, const ptl_item *kept) {
  const ptl_tiling *t = &c->plan->tiling;
  ptl_item item = *kept;
  if (kept->kind == PTL_ITEM_MATMUL || kept->kind == PTL_ITEM_STORE) {
    rejects_another(c, &item, &item.acc, t->columns_at_once * t->n_parts);
  }
  item = *kept;
  if (kept->kind == PTL_ITEM_MATMUL) {
    item.starts = !kept->starts;
    assert_false(passes_with(c, item));
    item = *kept;
    rejects_another(c, &item, &item.left_slot, t->left_slots);
    item = *kept;
    rejects_another(c, &item, &item.right_slot, t->right_slots);
  }
}

static bool is_loop(const ptl_item *item) { return item->kind >= PTL_ITEM_LOOP_N; }

/* Every instruction of a schedule is needed, and needed just so. */
static void rejects_each_changed_item(void **state) {
  fixture *f = *state;
  const ptl_plan *plans[] = {&f->good, &f->narrow, &f->mixed, &f->halves, &f->rows, &f->kept};
  for (size_t which = 0; which < sizeof(plans) / sizeof(plans[0]); which++) {
    change c = {.f = f, .plan = plans[which]};
    c.schedule = ptl_schedule_build(&f->arena, ptl_target_find("a2a3"), c.plan);
    assert_true(passes(f, c.plan, &c.schedule));
    for (c.at = 0; c.at < c.schedule.count; c.at++) {
      ptl_item kept = c.schedule.items[c.at];
      if (!is_loop(&kept)) {
        change_data(&c, &kept);
        change_places(&c, &kept);
        change_accumulator(&c, &kept);
        change_row(&c, &kept);
        assert_false(passes_without(&c));
      }
    }
    assert_true(passes(f, c.plan, &c.schedule));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rejects_each_changed_item),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
