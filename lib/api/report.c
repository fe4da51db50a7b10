/* Writes what a check found as JSON: verdict, use of the buffers, assumptions, and for the map
 * the tiles and their lives. */
#include "api/report.h"

#include "ir/build.h"

const char *ptl_verdict_name(ptl_verdict verdict) {
  static const char *const names[] = {[PTL_VERDICT_PROVED] = "proved",
                                      [PTL_VERDICT_FINDINGS] = "findings",
                                      [PTL_VERDICT_NOT_FOLLOWED] = "not followed",
                                      [PTL_VERDICT_NO_TILES] = "no tiles",
                                      [PTL_VERDICT_ALLOWED] = "allowed"};
  return names[verdict];
}

static void add_number(cJSON *object, const char *name, int64_t value) {
  cJSON_AddNumberToObject(object, name, (double)value);
}

static void add_mark(cJSON *object, ptl_mark mark) {
  if (mark != PTL_MARK_NONE) {
    cJSON_AddStringToObject(object, "clash", mark == PTL_MARK_ERROR ? "error" : "warning");
  }
}

void ptl_report_spaces(cJSON *function, const ptl_usage *usage, const ptl_target *target) {
  bool is_planned = usage->kernel->has_addresses;
  add_number(function, "level", is_planned ? 3 : 2);
  cJSON *spaces = cJSON_AddArrayToObject(function, "spaces");
  for (int i = 0; i < PTL_SPACE_COUNT; i++) {
    const ptl_usage_space *use = &usage->spaces[i];
    if (!use->is_used) {
      continue;
    }
    int64_t peak = is_planned ? use->top_bytes : use->live_bytes;
    cJSON *space = cJSON_CreateObject();
    cJSON_AddItemToArray(spaces, space);
    cJSON_AddStringToObject(space, "space", ptl_space_name((ptl_space)i));
    add_number(space, "peak_bytes", peak);
    add_number(space, "live_bytes", use->live_bytes);
    add_number(space, "capacity_bytes", target->capacity_bytes[i]);
    int64_t per_mille = peak * 1000 / target->capacity_bytes[i];
    cJSON_AddNumberToObject(space, "percent", (double)per_mille / 10);
  }
}

void ptl_report_assumptions(cJSON *function, const ptl_assumptions *assumptions) {
  static const char *const kinds[] = {[PTL_ASSUMES_SIGN] = "sign",
                                      [PTL_ASSUMES_NO_ALIAS] = "aliasing",
                                      [PTL_ASSUMES_BOUND] = "bound"};
  cJSON *array = cJSON_AddArrayToObject(function, "assumptions");
  for (int i = 0; i < assumptions->count; i++) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    cJSON_AddStringToObject(object, "kind", kinds[assumptions->items[i].kind]);
    cJSON_AddStringToObject(object, "text", assumptions->items[i].text);
  }
}

void ptl_report_flags(ptl_arena *arena, cJSON *function, const ptl_flags_known *flags) {
  static const char *const names[] = {[PTL_FLAGS_PROVED] = "proved",
                                      [PTL_FLAGS_NOT_FOLLOWED] = "not followed",
                                      [PTL_FLAGS_UNPROVED] = "unproved",
                                      [PTL_FLAGS_WRONG] = "wrong"};
  if (flags->verdict == PTL_FLAGS_NOT_ASKED) {
    return;
  }
  cJSON *object = cJSON_AddObjectToObject(function, "flags");
  cJSON_AddStringToObject(object, "verdict", names[flags->verdict]);
  if (flags->op) {
    add_number(object, "line", ptl_op_loc(arena, flags->op).line);
    cJSON_AddStringToObject(object, "text", flags->text);
  }
}

static void add_tile(ptl_arena *arena, cJSON *tiles, const ptl_usage_tile *tile) {
  ptl_loc_parts parts = ptl_loc_parts_of(arena, mlirOperationGetLocation(tile->alloc->op));
  const ptl_tile_type *type = tile->type;
  cJSON *object = cJSON_CreateObject();
  cJSON_AddItemToArray(tiles, object);
  cJSON_AddStringToObject(object, "name", parts.name ? parts.name : "");
  cJSON_AddStringToObject(object, "space", ptl_space_name(type->space));
  cJSON_AddStringToObject(object, "elem", ptl_elem_name(type->elem));
  add_number(object, "rows", type->rows);
  add_number(object, "cols", type->cols);
  if (tile->has_address) {
    add_number(object, "address", tile->address);
  }
  add_number(object, "bytes", tile->bytes);
  add_number(object, "line", parts.loc.line);
  if (parts.loc.model) {
    cJSON_AddStringToObject(object, "model", parts.loc.model);
  }
  if (tile->first >= 0) {
    add_number(object, "first", tile->first);
    add_number(object, "last", tile->last);
  }
  add_mark(object, tile->mark);
}

static void add_lives(cJSON *function, const ptl_usage *usage) {
  cJSON *lives = cJSON_AddArrayToObject(function, "lives");
  for (int i = 0; i < usage->life_count; i++) {
    const ptl_life *life = &usage->lives[i];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(lives, object);
    cJSON_AddItemToObject(object, "tiles", cJSON_CreateIntArray(life->tiles, life->tile_count));
    add_number(object, "bytes", life->bytes);
    add_number(object, "first", life->first);
    add_number(object, "last", life->last);
    add_mark(object, life->mark);
  }
}

static void add_steps(ptl_arena *arena, cJSON *function, const ptl_usage *usage) {
  cJSON *steps = cJSON_AddArrayToObject(function, "steps");
  for (int i = 0; i < usage->step_count; i++) {
    const ptl_op *op = usage->steps[i].op;
    ptl_str name = ptl_op_name(op->op);
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(steps, object);
    cJSON_AddStringToObject(object, "op", ptl_arena_copy(arena, name.data, name.length));
    add_number(object, "line", ptl_op_loc(arena, op).line);
    add_number(object, "depth", usage->steps[i].depth);
  }
  cJSON *loops = cJSON_AddArrayToObject(function, "loops");
  for (int i = 0; i < usage->loop_count; i++) {
    const ptl_usage_loop *loop = &usage->loops[i];
    if (loop->first <= loop->last) {
      cJSON *object = cJSON_CreateObject();
      cJSON_AddItemToArray(loops, object);
      add_number(object, "line", ptl_op_loc(arena, loop->op).line);
      add_number(object, "first", loop->first);
      add_number(object, "last", loop->last);
      add_number(object, "depth", loop->depth);
    }
  }
}

static void add_reserved(ptl_arena *arena, cJSON *function, const ptl_reservations *reservations) {
  cJSON *array = cJSON_AddArrayToObject(function, "reserved");
  for (int i = 0; i < reservations->count; i++) {
    const ptl_reserved *reserved = &reservations->items[i];
    if (!reserved->is_placed) {
      continue;
    }
    cJSON *object = cJSON_CreateObject();
    cJSON_AddItemToArray(array, object);
    cJSON_AddStringToObject(object, "name", reserved->name);
    cJSON_AddStringToObject(object, "space", ptl_space_name(reserved->space));
    add_number(object, "address", reserved->base);
    add_number(object, "bytes", reserved->bytes);
    add_number(object, "line", ptl_op_loc(arena, reserved->op).line);
    cJSON_AddBoolToObject(object, "imported", reserved->is_import);
  }
}

void ptl_report_map(ptl_arena *arena, cJSON *function, const ptl_usage *usage,
                    const ptl_reservations *reservations) {
  cJSON *tiles = cJSON_AddArrayToObject(function, "tiles");
  for (int i = 0; i < usage->tile_count; i++) {
    add_tile(arena, tiles, &usage->tiles[i]);
  }
  add_lives(function, usage);
  add_steps(arena, function, usage);
  add_reserved(arena, function, reservations);
}
