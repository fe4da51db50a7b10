/* Lists what can be launched in a module, and pairs the functions of a mixed kernel. */
#include "sim/unit.h"

#include <string.h>

#include "ir/build.h"

static bool has_body(MlirOperation op) {
  return ptl_op_is(op, PTL_FUNC_FUNC) &&
         !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)));
}

static bool ends_in(const char *name, const char *end) {
  size_t length = strlen(name), end_length = strlen(end);
  return length > end_length && strcmp(name + length - end_length, end) == 0;
}

/* The unit X of a function X_aiv whose X_aic stands before it; NULL if there is none. */
static ptl_sim_unit *partner(const ptl_sim_units *units, const char *name) {
  for (int i = 0; i < units->count && ends_in(name, "_aiv"); i++) {
    const char *cube = units->items[i].cube->name;
    size_t length = strlen(name);
    if (strlen(cube) == length && memcmp(cube, name, length - 1) == 0 && ends_in(cube, "_aic")) {
      return &units->items[i];
    }
  }
  return NULL;
}

static bool holds(const ptl_kernel *kernel, ptl_op_id id) {
  for (int i = 0; i < kernel->body->op_count; i++) {
    if (kernel->body->ops[i].id == id) {
      return true;
    }
  }
  return false;
}

/* Makes one unit of a module's two functions if they are the ends of a pipe, whatever their names.
 * It has the name of the cube function. */
static void pair_up(ptl_sim_units *units) {
  ptl_sim_unit *items = units->items;
  if (units->count != 2 || items[0].vector || items[1].vector) {
    return;
  }
  int cube = holds(items[0].cube, PTL_PTO_AIC_INITIALIZE_PIPE) ? 0 : 1;
  const ptl_kernel *vector = items[1 - cube].cube;
  if (holds(items[cube].cube, PTL_PTO_AIC_INITIALIZE_PIPE) &&
      holds(vector, PTL_PTO_AIV_INITIALIZE_PIPE)) {
    items[0] = (ptl_sim_unit){items[cube].cube->name, items[cube].cube, vector};
    units->count = 1;
  }
}

ptl_sim_units ptl_sim_units_of(ptl_arena *arena, MlirModule module) {
  ptl_sim_units units = {NULL, 0};
  size_t count = 0;
  MlirOperation first = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
  for (MlirOperation op = first; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    count += has_body(op);
  }
  units.items = ptl_arena_array(arena, count, sizeof(ptl_sim_unit));
  for (MlirOperation op = first; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (!has_body(op)) {
      continue;
    }
    const ptl_kernel *kernel = ptl_kernel_decode(arena, op);
    ptl_sim_unit *pair = partner(&units, kernel->name);
    if (pair) {
      pair->vector = kernel;
      pair->name = ptl_arena_copy(arena, kernel->name, strlen(kernel->name) - 4);
    } else {
      units.items[units.count++] = (ptl_sim_unit){kernel->name, kernel, NULL};
    }
  }
  pair_up(&units);
  return units;
}

bool ptl_sim_find_unit(const ptl_sim_units *units, const char *name, ptl_sim_unit *out) {
  if (!name) {
    *out = units->count == 1 ? units->items[0] : (ptl_sim_unit){NULL, NULL, NULL};
    return units->count == 1;
  }
  for (int i = 0; i < units->count; i++) {
    ptl_sim_unit unit = units->items[i];
    if (strcmp(unit.name, name) == 0) {
      *out = unit;
      return true;
    }
    if (unit.vector && strcmp(unit.cube->name, name) == 0) {
      *out = (ptl_sim_unit){unit.cube->name, unit.cube, NULL};
      return true;
    }
    if (unit.vector && strcmp(unit.vector->name, name) == 0) {
      *out = (ptl_sim_unit){unit.vector->name, unit.vector, NULL};
      return true;
    }
  }
  return false;
}

ptl_status ptl_sim_prepare_unit(ptl_arena *arena, const ptl_sim_unit *unit,
                                const ptl_target *target, ptl_diags *diags, ptl_sim_launch *out) {
  ptl_sim_program *cube = NULL, *vector = NULL;
  ptl_status status = ptl_sim_prepare(arena, unit->cube, target, diags, &cube);
  if (status == PTL_OK && unit->vector) {
    status = ptl_sim_prepare(arena, unit->vector, target, diags, &vector);
  }
  *out = (ptl_sim_launch){.arena = arena,
                          .diags = diags,
                          .target = target,
                          .cube = cube,
                          .vector = vector,
                          .block_count = 1,
                          .block_num = 1};
  return status;
}
