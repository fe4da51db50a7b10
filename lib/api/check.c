/* ptolower_check: every function of a module is proved, refuted, or not followed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/api.h"
#include "api/report.h"
#include "api/rules.h"
#include "ir/build.h"

/* One call. */
typedef struct module_check {
  ptl_session *session;
  bool werror;
  bool wants_map;
  cJSON *functions;
} module_check;

/* What is said of a function. */
typedef struct remark {
  const ptl_rule *rule;
  const ptl_op *op;
  MlirOperation other; /* null if there is none */
  const char *text;
} remark;

typedef struct remarks {
  ptl_arena *arena;
  remark *items;
  int count, capacity;
} remarks;

static void add(remarks *r, remark item) {
  if (r->count == r->capacity) {
    int capacity = r->capacity ? r->capacity * 2 : 16;
    r->items =
        ptl_arena_grow(r->arena, r->items, (size_t)r->count, (size_t)capacity, sizeof(remark));
    r->capacity = capacity;
  }
  r->items[r->count++] = item;
}

/* ---- reserved bytes ------------------------------------------------------- */

/* Such that its end can be computed, too. */
static bool lies_in_buffer(const ptl_reserved *reserved, const ptl_target *target) {
  int64_t capacity = target->capacity_bytes[reserved->space];
  return reserved->base >= 0 && reserved->bytes >= 0 && reserved->bytes <= capacity &&
         reserved->base <= capacity - reserved->bytes;
}

static void check_tiles_beside(remarks *r, ptl_usage *usage, const ptl_reserved *reserved) {
  for (int i = 0; i < usage->tile_count; i++) {
    const ptl_usage_tile *tile = &usage->tiles[i];
    if (tile->has_address && tile->type->space == reserved->space &&
        tile->address < reserved->base + reserved->bytes &&
        reserved->base < tile->address + tile->bytes) {
      ptl_usage_mark(usage, &(ptl_finding){.op = tile->alloc}, PTL_MARK_ERROR);
      add(r,
          (remark){ptl_rule_of_code(213), tile->alloc, reserved->where,
                   ptl_arena_printf(r->arena,
                                    "the %s tile at bytes %" PRId64 " to %" PRId64
                                    " lies in the buffer '%s', which has %" PRId64 " to %" PRId64,
                                    ptl_space_name(reserved->space), tile->address,
                                    tile->address + tile->bytes, reserved->name, reserved->base,
                                    reserved->base + reserved->bytes)});
    }
  }
}

static void say_it_does_not_fit(remarks *r, const ptl_reserved *reserved,
                                const ptl_target *target) {
  add(r, (remark){ptl_rule_of_code(210),
                  reserved->op,
                  {NULL},
                  ptl_arena_printf(r->arena,
                                   "the buffer '%s' takes %" PRId64 " bytes from %" PRId64
                                   " of %s, which has %" PRId64,
                                   reserved->name, reserved->bytes, reserved->base,
                                   ptl_space_name(reserved->space),
                                   target->capacity_bytes[reserved->space])});
}

static void check_reservations(remarks *r, const ptl_reservations *reservations, ptl_usage *usage,
                               const ptl_target *target) {
  for (int i = 0; i < reservations->count; i++) {
    const ptl_reserved *reserved = &reservations->items[i];
    if (reserved->is_missing) {
      add(r, (remark){ptl_rule_of_code(214), reserved->op, reserved->where,
                      ptl_arena_printf(r->arena,
                                       "the buffer '%s' is imported from a function that does "
                                       "not reserve it",
                                       reserved->name)});
    } else if (reserved->is_placed && lies_in_buffer(reserved, target)) {
      check_tiles_beside(r, usage, reserved);
    } else if (reserved->is_placed && !reserved->is_import) {
      say_it_does_not_fit(r, reserved, target);
    }
  }
}

/* ---- one function --------------------------------------------------------- */

static void check_plan(module_check *c, remarks *r, const ptl_kernel *kernel, ptl_usage *usage) {
  ptl_findings findings = ptl_check_kernel(r->arena, kernel, c->session->target);
  for (int i = 0; i < findings.count; i++) {
    const ptl_finding *finding = &findings.items[i];
    const ptl_rule *rule = ptl_rule_of_fault(finding->fault);
    MlirOperation none = {NULL};
    add(r, (remark){rule, finding->op, finding->other ? finding->other->op : none, finding->text});
    if (rule->severity != PTL_REMARK) {
      ptl_usage_mark(usage, finding,
                     rule->severity == PTL_ERROR ? PTL_MARK_ERROR : PTL_MARK_WARNING);
    }
  }
}

static int by_place(const void *a, const void *b) {
  const remark *left = a, *right = b;
  int order = (left->op->index > right->op->index) - (left->op->index < right->op->index);
  return order ? order
               : (left->rule->code > right->rule->code) - (left->rule->code < right->rule->code);
}

/* Tells what was found, in program order. */
static ptl_verdict tell(module_check *c, const remarks *r) {
  ptl_diags *diags = &c->session->diags;
  ptl_verdict verdict = PTL_VERDICT_PROVED;
  if (r->count > 0) {
    qsort(r->items, (size_t)r->count, sizeof(remark), by_place);
  }
  for (int i = 0; i < r->count; i++) {
    const remark *item = &r->items[i];
    const ptl_rule *rule = item->rule;
    bool is_raised = c->werror && rule->severity == PTL_WARNING;
    bool is_finding = rule->severity != PTL_REMARK;
    ptl_diag_add(diags, is_raised ? PTL_ERROR : rule->severity, rule->code,
                 ptl_op_loc(r->arena, item->op), is_finding ? "%s" : "not proved: %s", item->text);
    if (!mlirOperationIsNull(item->other)) {
      ptl_diag_note(diags, ptl_loc_of(c->session, item->other), "%s", rule->note);
    }
    if (verdict != PTL_VERDICT_FINDINGS) {
      verdict = is_finding ? PTL_VERDICT_FINDINGS : PTL_VERDICT_NOT_FOLLOWED;
    }
  }
  return verdict;
}

static ptl_verdict check_kernel(module_check *c, MlirOperation func, cJSON *function) {
  ptl_arena *arena = &c->session->arena;
  const ptl_kernel *kernel = ptl_kernel_decode(arena, func);
  ptl_usage *usage = ptl_usage_of(arena, kernel, c->session->target);
  ptl_reservations reservations = ptl_reservations_of(arena, kernel);
  remarks found = {.arena = arena};
  check_plan(c, &found, kernel, usage);
  check_reservations(&found, &reservations, usage, c->session->target);
  ptl_verdict verdict = tell(c, &found);
  ptl_report_spaces(function, usage, c->session->target);
  if (c->wants_map) {
    ptl_report_map(arena, function, usage, &reservations);
  }
  return verdict == PTL_VERDICT_PROVED && !kernel->has_tiles ? PTL_VERDICT_NO_TILES : verdict;
}

/* ---- the module ----------------------------------------------------------- */

static MlirBlock body_of(MlirOperation op) {
  MlirBlock none = {NULL};
  return mlirOperationGetNumRegions(op) == 1
             ? mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0))
             : none;
}

/* The body of a function that branches between blocks is not decoded. */
static bool has_branches(MlirOperation func) {
  return !mlirBlockIsNull(mlirBlockGetNextInRegion(body_of(func)));
}

static ptl_verdict check_branching(module_check *c, MlirOperation func) {
  ptl_diag_add(&c->session->diags, PTL_REMARK, 230, ptl_loc_of(c->session, func),
               "not proved: the function branches between blocks");
  return PTL_VERDICT_NOT_FOLLOWED;
}

static void check_function(module_check *c, MlirOperation func) {
  bool is_opaque = ptl_has_attr(func, ptl_attr_opaque);
  if (mlirBlockIsNull(body_of(func)) && !is_opaque) {
    return; /* a declaration */
  }
  ptl_arena *arena = &c->session->arena;
  ptl_str name = ptl_string_attr(func, "sym_name");
  ptl_loc loc = ptl_loc_of(c->session, func);
  cJSON *function = cJSON_CreateObject();
  cJSON_AddItemToArray(c->functions, function);
  cJSON_AddStringToObject(function, "name", ptl_arena_copy(arena, name.data, name.length));
  cJSON_AddNumberToObject(function, "line", loc.line);
  cJSON_AddNumberToObject(function, "column", loc.column);
  size_t first = c->session->diags.count;
  ptl_verdict verdict = is_opaque            ? PTL_VERDICT_NOT_FOLLOWED
                        : has_branches(func) ? check_branching(c, func)
                                             : check_kernel(c, func, function);
  cJSON_AddStringToObject(function, "verdict", ptl_verdict_name(verdict));
  cJSON_AddNumberToObject(function, "first_diagnostic", (double)first);
  cJSON_AddNumberToObject(function, "diagnostics", (double)(c->session->diags.count - first));
}

static void check_block(module_check *c, MlirBlock block) {
  MlirOperation op =
      mlirBlockIsNull(block) ? (MlirOperation){NULL} : mlirBlockGetFirstOperation(block);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (ptl_op_is(op, "func.func")) {
      check_function(c, op);
    } else if (ptl_op_is(op, "builtin.module")) {
      check_block(c, body_of(op));
    }
  }
}

static ptl_status check_module(ptolower_result *result, const ptolower_options *options) {
  ptl_session *session = &result->session;
  module_check c = {.session = session,
                    .werror = ptl_api_is_set(options->werror),
                    .wants_map = ptl_api_is_set(options->map)};
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "file", session->file);
  cJSON_AddStringToObject(document, "target", session->target->name);
  c.functions = cJSON_AddArrayToObject(document, "functions");
  check_block(&c, mlirModuleGetBody(session->module));
  char *text = cJSON_PrintUnformatted(document);
  ptl_strbuf_puts(&result->report, text ? text : "{}");
  free(text);
  cJSON_Delete(document);
  return session->diags.error_count > 0 ? PTL_REFUSED : PTL_OK;
}

ptolower_status ptolower_check(const ptolower_options *options, const char *text, size_t length,
                               ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  return (ptolower_status)ptl_api_run(result, options, (ptl_str){text, length}, check_module);
}

const char *ptolower_result_report(const ptolower_result *result) { return result->report.data; }

ptolower_rule ptolower_check_rule(size_t index) {
  if (index >= PTL_RULE_COUNT) {
    return (ptolower_rule){PTOLOWER_NOTE, 0, NULL, NULL};
  }
  const ptl_rule *rule = &ptl_rules[index];
  return (ptolower_rule){(ptolower_severity)rule->severity, rule->code, rule->name, rule->text};
}
