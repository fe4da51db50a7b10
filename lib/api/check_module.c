/* ptolower_check: every function of a module is proved, refuted, or not followed. */
#include <inttypes.h>
#include <stdlib.h>

#include "api/absent_ops.h"
#include "api/api.h"
#include "api/baseline.h"
#include "api/remarks.h"
#include "api/walked.h"
#include "asm/lexer.h"
#include "ir/build.h"
#include "kernel/describe.h"

/* One call. */
typedef struct module_check {
  ptl_session *session;
  ptl_str source;
  ptl_allowances allowances;
  ptl_baseline baseline;
  ptl_walks walks;
  bool wants_map;
  cJSON *functions;
} module_check;

/* ---- reserved bytes ------------------------------------------------------- */

/* Such that its end can be computed, too. */
static bool lies_in_buffer(const ptl_reserved *reserved, const ptl_target *target) {
  int64_t capacity = target->capacity_bytes[reserved->space];
  return reserved->base >= 0 && reserved->bytes >= 0 && reserved->bytes <= capacity &&
         reserved->base <= capacity - reserved->bytes;
}

static void check_tiles_beside(ptl_remarks *r, ptl_usage *usage, const ptl_reserved *reserved) {
  for (int i = 0; i < usage->tile_count; i++) {
    const ptl_usage_tile *tile = &usage->tiles[i];
    if (tile->has_address && tile->type->space == reserved->space &&
        tile->address < reserved->base + reserved->bytes &&
        reserved->base < tile->address + tile->bytes) {
      ptl_usage_mark(usage, &(ptl_finding){.op = tile->alloc}, PTL_MARK_ERROR);
      ptl_remarks_add(r,
                      (ptl_remark){.code = PTL_CODE_RESERVED_BYTES,
                                   .op = tile->alloc,
                                   .other = reserved->where,
                                   .text = ptl_arena_printf(
                                       r->arena,
                                       "the %s takes bytes %" PRId64 " to %" PRId64
                                       "; the buffer '%s' has %" PRId64 " to %" PRId64,
                                       ptl_tile_text(r->arena, usage->kernel,
                                                     tile->alloc->first_result, tile->address),
                                       tile->address, tile->address + tile->bytes, reserved->name,
                                       reserved->base, reserved->base + reserved->bytes)});
    }
  }
}

static void say_it_does_not_fit(ptl_remarks *r, const ptl_reserved *reserved,
                                const ptl_target *target) {
  ptl_remarks_add(
      r, (ptl_remark){.code = PTL_CODE_OUTSIDE_OF_BUFFER,
                      .op = reserved->op,
                      .text = ptl_arena_printf(r->arena,
                                               "the buffer '%s' takes %" PRId64
                                               " bytes from %" PRId64 " of %s, which has %" PRId64,
                                               reserved->name, reserved->bytes, reserved->base,
                                               ptl_space_name(reserved->space),
                                               target->capacity_bytes[reserved->space])});
}

static void check_reservations(ptl_remarks *r, const ptl_reservations *reservations,
                               ptl_usage *usage, const ptl_target *target) {
  for (int i = 0; i < reservations->count; i++) {
    const ptl_reserved *reserved = &reservations->items[i];
    if (reserved->is_missing) {
      ptl_remarks_add(r, (ptl_remark){.code = PTL_CODE_NOT_RESERVED,
                                      .op = reserved->op,
                                      .other = reserved->where,
                                      .text = ptl_arena_printf(
                                          r->arena,
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

/* ---- the pipes of a mixed kernel ------------------------------------------ */

static void tell_pipes(ptl_remarks *r, const ptl_walked *w) {
  for (int i = 0; i < w->pipes.count; i++) {
    const ptl_pipe_finding *finding = &w->pipes.items[i];
    ptl_remarks_add(r, (ptl_remark){.code = finding->fault,
                                    .op = finding->op,
                                    .other = finding->other,
                                    .note = finding->fault == PTL_CODE_NOT_FOLLOWED
                                                ? "the other end of the pipe is here"
                                                : NULL,
                                    .text = finding->text});
  }
}

/* A pipe may take more than was reserved for it. */
static void widen_reservations(ptl_reservations *reservations, const ptl_pipe_record *record) {
  for (int i = 0; record && i < reservations->count; i++) {
    ptl_reserved *reserved = &reservations->items[i];
    int64_t bytes = ptl_pipe_ring_bytes(record, reserved->op->op);
    reserved->bytes = bytes > reserved->bytes ? bytes : reserved->bytes;
  }
}

/* ---- one function --------------------------------------------------------- */

static void add_findings(ptl_remarks *r, const ptl_kernel *kernel, const ptl_findings *findings,
                         ptl_usage *usage) {
  for (int i = 0; i < findings->count; i++) {
    const ptl_finding *finding = &findings->items[i];
    ptl_severity severity = ptl_grade_severity(ptl_diag_row_of(finding->fault)->grade);
    ptl_remark item = {.code = finding->fault,
                       .op = finding->op,
                       .text = finding->text,
                       .evidence = finding->evidence};
    if (finding->other) {
      item.other = finding->other->op;
      item.note = finding->note ? finding->note
                                : ptl_note_text(r->arena, finding->fault, kernel, finding->other);
    }
    ptl_remarks_add(r, item);
    if (severity != PTL_REMARK) {
      ptl_usage_mark(usage, finding, severity == PTL_ERROR ? PTL_MARK_ERROR : PTL_MARK_WARNING);
    }
  }
}

static ptl_verdict check_kernel(module_check *c, MlirOperation func, cJSON *function) {
  ptl_arena *arena = &c->session->arena;
  const ptl_target *target = c->session->target;
  ptl_walked *w = ptl_walk_function(&c->walks, func);
  const ptl_kernel *kernel = w->kernel;
  ptl_usage *usage = ptl_usage_of(arena, kernel, target, &w->noted);
  ptl_reservations reservations = ptl_reservations_of(arena, kernel);
  ptl_remarks found = {
      .arena = arena, .function = kernel->name, .line = ptl_loc_of(c->session, func).line};
  ptl_compare_with_peer(&c->walks, w);
  add_findings(&found, kernel, &w->findings, usage);
  tell_pipes(&found, w);
  widen_reservations(&reservations, w->record);
  check_reservations(&found, &reservations, usage, target);
  ptl_tell_absent_ops(&found, kernel, target->ptoas);
  c->baseline.keys = cJSON_AddArrayToObject(function, "keys");
  ptl_verdict verdict = ptl_remarks_tell(c->session, &found, &c->allowances);
  ptl_report_spaces(function, usage, target);
  ptl_report_assumptions(function, &w->findings.assumptions);
  ptl_report_flags(arena, function, &w->findings.flags);
  if (c->wants_map) {
    ptl_report_map(arena, function, usage, &reservations);
  }
  return verdict == PTL_VERDICT_PROVED && !kernel->has_tiles ? PTL_VERDICT_NO_TILES : verdict;
}

/* ---- the module ----------------------------------------------------------- */

/* Where the reader gave the function up: there is no other such place from its begin to that. */
static ptl_loc place_unread(const ptl_diags *diags, ptl_loc func) {
  ptl_loc place = func;
  for (size_t i = 0; i < diags->count; i++) {
    const ptl_diag *diag = &diags->items[i];
    bool is_nearer = place.line == func.line || diag->loc.line < place.line;
    if (diag->code == PTL_CODE_NOT_READ && diag->loc.line >= func.line && is_nearer) {
      place = diag->loc;
    }
  }
  return place;
}

static ptl_verdict check_branching(module_check *c, const char *name, ptl_loc loc) {
  ptl_diag_add(&c->session->diags, PTL_CODE_NOT_FOLLOWED, loc,
               "not proved: the function branches between blocks");
  ptl_tell_not_followed(c->session, name, loc, "it branches between blocks");
  return PTL_VERDICT_NOT_FOLLOWED;
}

static ptl_verdict check_unread(module_check *c, MlirOperation func, const char *name,
                                ptl_loc loc) {
  ptl_str why = ptl_string_attr(func, ptl_attr_opaque);
  const char *text = ptl_arena_copy(&c->session->arena, why.data, why.length);
  ptl_tell_not_followed(c->session, name, place_unread(&c->session->diags, loc),
                        ptl_arena_printf(&c->session->arena, "it is not read: %s", text));
  return PTL_VERDICT_NOT_FOLLOWED;
}

/* The line after a function. */
static int end_of(const module_check *c, MlirOperation func, int line) {
  MlirAttribute range = ptl_attr(func, ptl_attr_range);
  bool is_known = !mlirAttributeIsNull(range) && mlirAttributeIsADenseI64Array(range) &&
                  mlirDenseArrayGetNumElements(range) == 2;
  int64_t end = is_known ? mlirDenseI64ArrayGetElement(range, 1) : 0;
  if (end <= 0 || (size_t)end > c->source.length) {
    return line + 1;
  }
  return ptl_text_place(c->source, c->session->file, c->source.data + end).line + 1;
}

static void check_function(module_check *c, MlirOperation func) {
  bool is_opaque = ptl_has_attr(func, ptl_attr_opaque);
  if (mlirBlockIsNull(ptl_body_of(func)) && !is_opaque) {
    return; /* a declaration */
  }
  ptl_arena *arena = &c->session->arena;
  ptl_str symbol = ptl_string_attr(func, "sym_name");
  const char *name = ptl_arena_copy(arena, symbol.data, symbol.length);
  ptl_loc loc = ptl_loc_of(c->session, func);
  cJSON *function = cJSON_CreateObject();
  cJSON_AddItemToArray(c->functions, function);
  cJSON_AddStringToObject(function, "name", name);
  cJSON_AddNumberToObject(function, "line", loc.line);
  cJSON_AddNumberToObject(function, "column", loc.column);
  size_t first = c->session->diags.count;
  ptl_verdict verdict = is_opaque                ? check_unread(c, func, name, loc)
                        : ptl_has_branches(func) ? check_branching(c, name, loc)
                                                 : check_kernel(c, func, function);
  if (verdict == PTL_VERDICT_NOT_FOLLOWED) {
    ptl_allowances_skip(&c->allowances, loc.line, end_of(c, func, loc.line));
  }
  cJSON_AddStringToObject(function, "verdict", ptl_verdict_name(verdict));
  cJSON_AddNumberToObject(function, "first_diagnostic", (double)first);
  cJSON_AddNumberToObject(function, "diagnostics", (double)(c->session->diags.count - first));
}

static void check_block(module_check *c, MlirBlock block) {
  MlirOperation op =
      mlirBlockIsNull(block) ? (MlirOperation){NULL} : mlirBlockGetFirstOperation(block);
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    if (ptl_op_is(op, PTL_FUNC_FUNC)) {
      check_function(c, op);
    } else if (ptl_op_is(op, PTL_BUILTIN_MODULE)) {
      check_block(c, ptl_body_of(op));
    }
  }
}

static void warn_of_emptiness(ptl_session *session) {
  ptl_loc file = {session->file, 0, 0, NULL};
  ptl_diag_add(&session->diags, PTL_CODE_NOTHING_TO_CHECK, file,
               "there is no function with a body in this file: nothing was checked");
}

/* Of the reader as well. */
static void raise_warnings(ptl_diags *diags) {
  for (size_t i = 0; i < diags->count; i++) {
    if (diags->items[i].severity == PTL_WARNING) {
      diags->items[i].severity = PTL_ERROR;
      diags->error_count++;
    }
  }
}

static ptl_status check_module(ptolower_result *result, const ptolower_options *options,
                               const char *written) {
  ptl_session *session = &result->session;
  module_check c = {
      .session = session,
      .source = result->source,
      .walks = {.session = session, .written = written ? ptl_str_of(written) : (ptl_str){NULL, 0}},
      .wants_map = ptl_api_is_set(options->map),
      .baseline = {.source = result->source}};
  ptl_status status = ptl_baseline_read(&c.baseline, options->baseline, &session->diags);
  if (status != PTL_OK) {
    ptl_baseline_free(&c.baseline);
    return status;
  }
  c.allowances = ptl_allowances_of(c.source, session->file, &session->diags);
  c.allowances.baseline = &c.baseline;
  ptl_allow_findings(&c.allowances, &session->diags, 0, 0);
  cJSON *document = cJSON_CreateObject();
  cJSON_AddStringToObject(document, "file", session->file);
  cJSON_AddStringToObject(document, "target", session->target->name);
  c.functions = cJSON_AddArrayToObject(document, "functions");
  check_block(&c, mlirModuleGetBody(session->module));
  if (cJSON_GetArraySize(c.functions) == 0) {
    warn_of_emptiness(session);
  }
  ptl_allowances_finish(&c.allowances, &session->diags);
  if (ptl_api_is_set(options->werror)) {
    raise_warnings(&session->diags);
  }
  char *text = cJSON_PrintUnformatted(document);
  ptl_strbuf_puts(&result->report, text ? text : "{}");
  free(text);
  cJSON_Delete(document);
  ptl_baseline_free(&c.baseline);
  return session->diags.error_count > 0 ? PTL_REFUSED : PTL_OK;
}

/* ---- the two steps of a check --------------------------------------------- */

/* ptoas has one level for a module: the third, if a tile has an address, else the second, if there
 * is one to place. Halves of mixed kernels may have no tiles but those that they pop. */
typedef struct form_search {
  ptl_arena *arena;
  bool has_addresses, has_tiles;
} form_search;

static void note_level(MlirOperation op, void *user) {
  form_search *search = user;
  if (ptl_op_is(op, PTL_FUNC_FUNC) && ptl_can_be_walked(op)) {
    const ptl_kernel *kernel = ptl_kernel_decode(search->arena, op);
    search->has_addresses |= kernel->has_addresses;
    search->has_tiles |= kernel->has_tiles;
  }
}

ptolower_form ptolower_check_form(ptolower_result *result) {
  ptl_session *session = &result->session;
  form_search search = {.arena = &session->arena};
  if (result->status != PTL_OK) {
    return (ptolower_form){NULL, 0};
  }
  ptl_for_each_op(mlirModuleGetOperation(session->module), note_level, &search);
  return (ptolower_form){session->target->family->arch,
                         search.has_tiles && !search.has_addresses ? 2 : 3};
}

ptolower_status ptolower_check_begin(const ptolower_options *options, const char *text,
                                     size_t length, ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  result->source = (ptl_str){text, length};
  result->session.unread = PTL_WARNING;
  result->status = ptl_api_open(result, options, result->source);
  return (ptolower_status)result->status;
}

ptolower_status ptolower_check_end(ptolower_result *result, const ptolower_options *options,
                                   const char *written) {
  if (result->status == PTL_OK) {
    result->status = check_module(result, options, written);
  }
  ptl_api_close(result);
  return (ptolower_status)result->status;
}

ptolower_status ptolower_check(const ptolower_options *options, const char *text, size_t length,
                               ptolower_result **out) {
  ptolower_status status = ptolower_check_begin(options, text, length, out);
  return *out ? ptolower_check_end(*out, options, options->written) : status;
}

const char *ptolower_result_report(const ptolower_result *result) {
  return result ? result->report.data : NULL;
}

ptolower_rule ptolower_check_rule(size_t index) {
  for (size_t i = 0; i < ptl_diag_row_count; i++) {
    const ptl_diag_row *row = &ptl_diag_rows[i];
    if (ptl_code_is_of_check(row->code) && row->grade != PTL_GRADE_RETIRED && index-- == 0) {
      return (ptolower_rule){(ptolower_severity)ptl_grade_severity(row->grade), row->code,
                             row->name, row->summary};
    }
  }
  return (ptolower_rule){PTOLOWER_NOTE, 0, NULL, NULL};
}
