/* ptolower_time: times the kernels of a module, rewrites them, and times what was emitted. */
#include "ptolower/time.h"

#include <string.h>
#include <strings.h>

#include "api/api.h"
#include "api/timeline.h"
#include "flags/written.h"
#include "ir/build.h"
#include "passes/outcomes.h"
#include "passes/passes.h"
#include "summary/cost.h"

/* What one call has timed. */
struct ptl_timed {
  const ptl_target *target;
  const ptl_rates *recorded; /* the calibration of the timelines; NULL: there are none */
  const char *written, *written_lowered; /* what ptoas made of input and output; NULL: not known */
  ptolower_timed *kernels;
  int count, capacity;
};

const char *ptolower_unit_name(ptolower_unit unit) {
  return unit == PTOLOWER_SCALAR ? "issue" : ptl_pipe_name((ptl_pipe)unit);
}

/* ---- one kernel ----------------------------------------------------------- */

static ptolower_cost cost_of(const ptl_spent *time) {
  ptolower_cost out = {.cycles = time->cycles, .busy = {[PTOLOWER_SCALAR] = time->issue}};
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    out.busy[pipe] = time->busy[pipe];
  }
  for (int unit = 0; unit < PTOLOWER_UNITS; unit++) {
    out.bound = out.busy[unit] > out.busy[out.bound] ? (ptolower_unit)unit : out.bound;
  }
  return out;
}

/* The flags in `written`; NULL with `why`: they are not known. */
static const ptl_flags_beside *written_flags(ptl_session *session, const ptl_kernel *kernel,
                                             ptl_str written, const char **why) {
  const ptl_flags_beside *flags =
      ptl_flags_written(&session->arena, written, kernel, session->target, why);
  if (flags && !ptl_can_play(kernel, flags)) {
    *why = "an event id is computed";
    return NULL;
  }
  return flags;
}

/* Those that ptoas would put in, as far as they are known. */
static const ptl_flags_beside *likely_flags(ptl_session *session, const ptl_kernel *kernel) {
  const ptl_inserted *inserted = ptl_kernel_flags(&session->arena, kernel, session->target);
  if (!inserted || inserted->has_slots) {
    return NULL;
  }
  ptl_flags_beside *flags = ptl_arena_alloc(&session->arena, sizeof(*flags));
  *flags = (ptl_flags_beside){.flags = inserted->flags, .first = inserted->first};
  return flags;
}

/* Plays the flags in `written`, or those that ptoas would put in, and draws the timeline. */
static void play(ptolower_result *result, const ptl_kernel *kernel, ptl_str written,
                 ptolower_times *out) {
  ptl_session *session = &result->session;
  ptl_arena *arena = &session->arena;
  const ptl_rates *recorded = result->timed->recorded;
  if (!written.data && !recorded) {
    return;
  }
  const char *why = NULL;
  const ptl_flags_beside *flags =
      written.data ? written_flags(session, kernel, written, &why) : NULL;
  bool is_known = flags != NULL;
  flags = flags ? flags : likely_flags(session, kernel);
  const ptl_rates *rates = recorded ? recorded : session->target->rates;
  ptl_played played = ptl_play(arena, kernel, session->target, rates, flags);
  if (is_known) {
    played.data_cycles = ptl_play(arena, kernel, session->target, rates, NULL).cycles;
    out->played = ptl_stalls_of(arena, &played);
  } else if (written.data) {
    ptolower_played *unknown = ptl_arena_alloc(arena, sizeof(*unknown));
    *unknown = (ptolower_played){.unknown = why};
    out->played = unknown;
  }
  out->timeline = recorded ? ptl_timeline_of(session, kernel, &played.recording) : NULL;
}

static const ptolower_times *time_kernel(ptolower_result *result, const ptl_kernel *kernel,
                                         const char *written) {
  ptl_session *session = &result->session;
  const ptl_target *target = session->target;
  ptl_cost cost = ptl_kernel_cost(&session->arena, kernel, target);
  ptolower_cost *costs = ptl_arena_array(&session->arena, PTL_MAX_RATES, sizeof(*costs));
  for (int i = 0; i < target->rate_count; i++) {
    costs[i] = cost_of(&cost.most[i]);
  }
  ptolower_times *out = ptl_arena_alloc(&session->arena, sizeof(*out));
  *out = (ptolower_times){.costs = costs,
                          .is_complete = cost.is_complete,
                          .has_open_loops = cost.has_open_loops,
                          .has_branches = cost.has_branches,
                          .has_gaps = cost.has_gaps};
  play(result, kernel, written ? ptl_str_of(written) : (ptl_str){NULL, 0}, out);
  return out;
}

/* ---- before --------------------------------------------------------------- */

static ptolower_timed *add_kernel(ptolower_result *result, const char *name, int line) {
  struct ptl_timed *timed = result->timed;
  timed->kernels = ptl_arena_more(&result->session.arena, timed->kernels, timed->count,
                                  &timed->capacity, sizeof(*timed->kernels));
  timed->kernels[timed->count] = (ptolower_timed){.name = name, .line = line};
  return &timed->kernels[timed->count++];
}

static bool has_body(MlirOperation func) {
  return !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0)));
}

static void time_function(ptolower_result *result, MlirOperation func) {
  ptl_session *session = &result->session;
  int line = ptl_loc_of(session, func).line;
  const char *unread = ptl_unread_reason(session, func);
  if (unread) {
    ptolower_timed *row = add_kernel(result, ptl_function_name(session, func), line);
    row->code = PTL_CODE_NOT_READ;
    row->reason = unread;
  } else if (has_body(func)) {
    const ptl_kernel *kernel = ptl_kernel_decode(&session->arena, func);
    if (ptl_cube_ops(kernel) > 0) {
      ptolower_timed *row = add_kernel(result, kernel->name, line);
      row->before =
          ptl_has_branches(func) ? NULL : time_kernel(result, kernel, result->timed->written);
    }
  }
}

static void visit(MlirOperation op, void *user) {
  if (ptl_op_is(op, PTL_FUNC_FUNC)) {
    time_function(user, op);
  }
}

/* ---- after ---------------------------------------------------------------- */

static ptolower_timed *find_kernel(const ptolower_result *result, const char *name) {
  for (int i = 0; i < result->timed->count; i++) {
    if (strcmp(result->timed->kernels[i].name, name) == 0) {
      return &result->timed->kernels[i];
    }
  }
  return NULL;
}

static void note_outcomes(ptolower_result *result) {
  const ptl_session *session = &result->session;
  for (const ptl_outcome *at = session->outcomes; at; at = at->next) {
    ptolower_timed *row = find_kernel(result, at->name);
    ptl_code code = PTL_CODE_NONE;
    if (row) {
      row->reason = ptl_outcome_reason(session, at, &code);
      row->code = code;
    }
  }
}

static void time_emitted(ptolower_result *result, const ptl_emitted *emitted) {
  ptl_session *session = &result->session;
  MlirModule module = ptl_read_emitted(session, emitted, true);
  if (mlirModuleIsNull(module)) {
    return;
  }
  const ptl_kernel *kernel =
      ptl_kernel_decode(&session->arena, mlirBlockGetFirstOperation(mlirModuleGetBody(module)));
  ptolower_timed *row = find_kernel(result, kernel->name);
  if (!row) { /* it was a function on tensors */
    row = add_kernel(result, kernel->name, ptl_loc_of(session, emitted->func).line);
  }
  row->after = time_kernel(result, kernel, result->timed->written_lowered);
  mlirModuleDestroy(module);
}

/* NULL: the target has none of that name. */
static const ptl_rates *find_rates(const ptl_target *target, const char *name) {
  for (int i = 0; name && i < target->rate_count; i++) {
    if (strcmp(name, "first") == 0 || strcasecmp(name, target->rates[i].name) == 0) {
      return &target->rates[i];
    }
  }
  return NULL;
}

static ptl_status time_module(ptolower_result *result, const ptolower_options *options,
                              ptl_str source) {
  ptl_session *session = &result->session;
  result->timed = ptl_arena_alloc(&session->arena, sizeof(*result->timed));
  result->timed->target = session->target;
  result->timed->recorded = find_rates(session->target, options->timeline);
  result->timed->written = options->written;
  result->timed->written_lowered = options->written_lowered;
  ptl_for_each_op(mlirModuleGetOperation(session->module), visit, result);
  ptl_status status = ptl_api_lower(result, options, source);
  note_outcomes(result);
  for (size_t i = 0; status == PTL_OK && i < session->emitted_count; i++) {
    time_emitted(result, &session->emitted[i]);
  }
  return status;
}

ptolower_status ptolower_time(const ptolower_options *options, const char *text, size_t length,
                              ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  ptl_status status = ptl_api_begin(result, options);
  if (status == PTL_OK) {
    ptl_str source = {text, length};
    status = ptl_api_open(result, options, source);
    status = status == PTL_OK ? time_module(result, options, source) : status;
    ptl_api_close(result);
  }
  return (ptolower_status)status;
}

/* ---- results -------------------------------------------------------------- */

const ptolower_timed *ptolower_result_timed(const ptolower_result *result, size_t index) {
  const struct ptl_timed *timed = result ? result->timed : NULL;
  return timed && index < (size_t)timed->count ? &timed->kernels[index] : NULL;
}

const char *ptolower_result_calibration(const ptolower_result *result, size_t index) {
  const struct ptl_timed *timed = result ? result->timed : NULL;
  return timed && index < (size_t)timed->target->rate_count ? timed->target->rates[index].name
                                                            : NULL;
}
