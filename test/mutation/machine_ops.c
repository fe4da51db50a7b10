/* Which part of the interpreter runs an op. */
#include "machine_state.h"

bool mut_is_idle(const mut_op *op) {
  static const char *const names[] = {"return",      "func.return",     "scf.yield",
                                      "pto.barrier", "pto.fence_scope", "pto.fence.barrier_all"};
  for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
    if (strcmp(names[i], op->name) == 0) {
      return true;
    }
  }
  return false;
}

static void run_set_validshape(mut_machine *m, const mut_op *op) {
  tile *t = &operand(m, op, 0)->tile;
  t->valid_rows = operand(m, op, 1)->integer;
  t->valid_cols = operand(m, op, 2)->integer;
}

static void run_textract(mut_machine *m, const mut_op *op) {
  mut_note_read(m, op, 0);
  mut_transfer(m, &operand(m, op, 0)->tile, operand(m, op, 1)->integer, operand(m, op, 2)->integer,
               &operand(m, op, 3)->tile, true);
}

static void run_tmov(mut_machine *m, const mut_op *op) {
  mut_note_read(m, op, 0);
  mut_transfer(m, &operand(m, op, 0)->tile, 0, 0, &operand(m, op, 1)->tile, false);
}

static void run_product(mut_machine *m, const mut_op *op) { mut_run_matmul(m, op, false); }

static void run_sum(mut_machine *m, const mut_op *op) { mut_run_matmul(m, op, true); }

mut_runner mut_runner_of(const mut_op *op) {
  const char *name = op->name + strlen("pto.");
  static const struct {
    const char *name;
    mut_runner run;
  } runners[] = {{"make_tensor_view", mut_run_view},
                 {"partition_view", mut_run_part},
                 {"addptr", mut_run_add_pointer},
                 {"alloc_tile", mut_run_alloc},
                 {"subview", mut_run_subview},
                 {"treshape", mut_run_reshape},
                 {"set_validshape", run_set_validshape},
                 {"tload", mut_run_load},
                 {"tstore", mut_run_store},
                 {"textract", run_textract},
                 {"tmov", run_tmov},
                 {"tmatmul", run_product},
                 {"tmatmul.acc", run_sum},
                 {"tgetval", mut_run_getval},
                 {"tsetval", mut_run_setval},
                 {"load_scalar", mut_run_load_scalar},
                 {"store_scalar", mut_run_store_scalar},
                 {"reserve_buffer", mut_run_reserve},
                 {"import_reserved_buffer", mut_run_reserve},
                 {"aic_initialize_pipe", mut_run_initialize},
                 {"aiv_initialize_pipe", mut_run_initialize},
                 {"tpush_to_aiv", mut_run_push},
                 {"tpush_to_aic", mut_run_push},
                 {"tpop_from_aic", mut_run_pop},
                 {"tpop_from_aiv", mut_run_pop},
                 {"tfree_from_aic", mut_run_free},
                 {"tfree_from_aiv", mut_run_free}};
  if (strncmp(op->name, "pto.", 4) != 0) {
    return NULL;
  }
  for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++) {
    if (strcmp(runners[i].name, name) == 0) {
      return runners[i].run;
    }
  }
  return name[0] == 't' ? mut_run_vector : NULL;
}
