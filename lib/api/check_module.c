/* ptolower_check: every function of a module is proved, refuted, or not followed. */
#include <inttypes.h>
#include <stdlib.h>

#include "api/absent_ops.h"
#include "api/api.h"
#include "api/baseline.h"
#include "api/peers.h"
#include "api/remarks.h"
#include "asm/lexer.h"
#include "ir/build.h"
#include "kernel/describe.h"

/* A function, walked. The other one of a mixed kernel is walked with it. */
typedef struct walked {
  MlirOperation func;
  const ptl_kernel *kernel;
  ptl_noted noted;
  ptl_findings findings;
  ptl_pipe_record *record; /* NULL: it sets up no pipe */
  ptl_pipe_findings pipes;
  bool is_compared;
} walked;

/* One call. */
typedef struct module_check {
  ptl_session *session;
  ptl_str source;
  ptl_allowances allowances;
  ptl_baseline baseline;
  ptl_str written; /* the C++ that ptoas made of the module; no data: there is none */
  bool wants_map;
  cJSON *functions;
  walked **walked;
  int walked_count, walked_capacity;
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

static walked *walk_function(module_check *c, MlirOperation func) {
  ptl_arena *arena = &c->session->arena;
  for (int i = 0; i < c->walked_count; i++) {
    if (mlirOperationEqual(c->walked[i]->func, func)) {
      return c->walked[i];
    }
  }
  walked *w = ptl_arena_alloc(arena, sizeof(*w));
  w->func = func;
  w->kernel = ptl_kernel_decode(arena, func);
  w->record = ptl_pipe_record_new(arena, w->kernel, c->session->target,
                                  !mlirOperationIsNull(ptl_peer_of(func)));
  w->findings =
      ptl_check_recorded(arena, w->kernel, c->session->target, &w->noted, w->record, c->written);
  w->pipes.arena = arena;
  c->walked =
      ptl_arena_more(arena, c->walked, c->walked_count, &c->walked_capacity, sizeof(*c->walked));
  c->walked[c->walked_count++] = w;
  return w;
}

static void hand_out(const ptl_pipe_findings *found, walked *cube, walked *vector) {
  for (int i = 0; i < found->count; i++) {
    walked *w = found->items[i].in_vector ? vector : cube;
    size_t count = (size_t)w->pipes.count;
    w->pipes.items =
        ptl_arena_grow(found->arena, w->pipes.items, count, count + 1, sizeof(ptl_pipe_finding));
    w->pipes.items[w->pipes.count++] = found->items[i];
  }
}

static bool can_be_walked(MlirOperation func);

static bool is_followed(const walked *w) { return w->record && !w->findings.is_cut_short; }

/* Half of a kernel is no proof. */
static void tell_lone_half(walked *w, const char *why) {
  ptl_pipe_findings found = {.arena = w->pipes.arena};
  const ptl_op *first = ptl_pipe_record_first(w->record);
  if (first) {
    ptl_pipe_find(&found, PTL_CODE_NOT_FOLLOWED, w->record, first,
                  "the function at the other end of its pipes %s", why);
    hand_out(&found, w, w);
  }
}

static bool are_flags_proved(const walked *w) {
  ptl_flags_verdict verdict = w->findings.flags.verdict;
  return verdict == PTL_FLAGS_PROVED || (verdict == PTL_FLAGS_NOT_ASKED && !w->kernel->has_tiles);
}

/* The worst counts. */
static void know_flags(walked *w, const ptl_pipe_finding *finding) {
  ptl_flags_verdict verdict =
      finding->fault == PTL_CODE_NOT_FOLLOWED ? PTL_FLAGS_NOT_FOLLOWED : PTL_FLAGS_WRONG;
  if (verdict > w->findings.flags.verdict) {
    w->findings.flags = (ptl_flags_known){verdict, finding->op, finding->text};
  }
}

/* What the cores tell each other, and what this orders. A half whose own flags are not proved says
 * so. */
static void compare_flags(module_check *c, walked *cube, walked *vector) {
  const ptl_flag_trace *traces[2] = {cube->findings.trace, vector->findings.trace};
  ptl_pipe_findings found = {.arena = &c->session->arena};
  if (!traces[0] || !traces[1]) {
    return;
  }
  ptl_flags_check_cores(traces[0], cube->record, traces[1], vector->record,
                        are_flags_proved(cube) && are_flags_proved(vector), &found);
  for (int i = 0; i < found.count; i++) {
    know_flags(found.items[i].in_vector ? vector : cube, &found.items[i]);
  }
  hand_out(&found, cube, vector);
}

/* Flags between the cores of which only one is known. */
static void tell_lone_signal(walked *w, const char *why) {
  const ptl_op *signal = w->findings.trace ? ptl_flag_trace_signal(w->findings.trace) : NULL;
  if (signal) {
    w->pipes.items = ptl_arena_grow(w->pipes.arena, w->pipes.items, (size_t)w->pipes.count,
                                    (size_t)w->pipes.count + 1, sizeof(ptl_pipe_finding));
    const char *text = ptl_arena_printf(
        w->pipes.arena, "the function of the core that this flag is shared with %s", why);
    w->pipes.items[w->pipes.count++] =
        (ptl_pipe_finding){.fault = PTL_CODE_NOT_FOLLOWED, .op = signal, .text = text};
    know_flags(w, &w->pipes.items[w->pipes.count - 1]);
  }
}

/* Both functions get what is found, the first time that one of them comes up. */
static void compare_with_peer(module_check *c, walked *w) {
  ptl_arena *arena = &c->session->arena;
  if (!w->record) {
    tell_lone_signal(w, "is not in this module");
  }
  if (w->is_compared || !is_followed(w)) {
    return;
  }
  w->is_compared = true;
  ptl_pipe_findings found = {.arena = arena};
  ptl_pipes_check_memory(w->record, &found);
  hand_out(&found, w, w);
  MlirOperation func = ptl_peer_of(w->func);
  walked *peer = mlirOperationIsNull(func) || !can_be_walked(func) ? NULL : walk_function(c, func);
  if (!peer || !is_followed(peer) ||
      ptl_pipe_record_has_pipes(w->record) != ptl_pipe_record_has_pipes(peer->record) ||
      ptl_pipe_record_is_vector(peer->record) == ptl_pipe_record_is_vector(w->record)) {
    const char *why = mlirOperationIsNull(func) ? "is not in this module"
                      : !peer || !is_followed(peer) || ptl_pipe_record_has_pipes(peer->record)
                          ? "is not followed"
                          : "sets up none";
    tell_lone_half(w, why);
    tell_lone_signal(w, mlirOperationIsNull(func) ? why : "is not followed");
    return;
  }
  if (peer->is_compared) {
    return;
  }
  walked *vector = ptl_pipe_record_is_vector(w->record) ? w : peer;
  walked *cube = vector == w ? peer : w;
  int *cube_keys, *vector_keys;
  found = (ptl_pipe_findings){.arena = arena};
  ptl_peer_arguments(arena, cube->func, vector->func, &cube_keys, &vector_keys);
  ptl_pipes_compare(cube->record, cube_keys, vector->record, vector_keys, &found);
  hand_out(&found, cube, vector);
  compare_flags(c, cube, vector);
}

static void tell_pipes(ptl_remarks *r, const walked *w) {
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
  walked *w = walk_function(c, func);
  const ptl_kernel *kernel = w->kernel;
  ptl_usage *usage = ptl_usage_of(arena, kernel, target, &w->noted);
  ptl_reservations reservations = ptl_reservations_of(arena, kernel);
  ptl_remarks found = {
      .arena = arena, .function = kernel->name, .line = ptl_loc_of(c->session, func).line};
  compare_with_peer(c, w);
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

static MlirBlock body_of(MlirOperation op) {
  MlirBlock none = {NULL};
  return mlirOperationGetNumRegions(op) == 1
             ? mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0))
             : none;
}

static bool can_be_walked(MlirOperation func) {
  return !mlirBlockIsNull(body_of(func)) && !ptl_has_attr(func, ptl_attr_opaque) &&
         !ptl_has_branches(func);
}

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
  if (mlirBlockIsNull(body_of(func)) && !is_opaque) {
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
      check_block(c, body_of(op));
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
                               ptl_str source) {
  ptl_session *session = &result->session;
  module_check c = {.session = session,
                    .source = source,
                    .wants_map = ptl_api_is_set(options->map),
                    .baseline = {.source = source}};
  ptl_status status = ptl_baseline_read(&c.baseline, options->baseline, &session->diags);
  if (status != PTL_OK) {
    ptl_baseline_free(&c.baseline);
    return status;
  }
  c.written = options->written ? ptl_str_of(options->written) : (ptl_str){NULL, 0};
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

ptolower_status ptolower_check(const ptolower_options *options, const char *text, size_t length,
                               ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  ptl_str source = {text, length};
  result->session.unread = PTL_WARNING;
  ptl_status status = ptl_api_open(result, options, source);
  status = status == PTL_OK ? check_module(result, options, source) : status;
  ptl_api_close(result);
  return (ptolower_status)status;
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
