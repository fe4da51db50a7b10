/* Walks functions and compares the two of a mixed kernel: their pipes, and the flags between the
 * cores. */
#include "api/walked.h"

#include <string.h>

#include "api/peers.h"
#include "ir/build.h"

/* ---- one function --------------------------------------------------------- */

bool ptl_can_be_walked(MlirOperation func) {
  return !mlirBlockIsNull(ptl_body_of(func)) && !ptl_has_attr(func, ptl_attr_opaque) &&
         !ptl_has_branches(func);
}

/* What ptoas wrote, from the function of that name on: functions are walked in the order in which
 * they are written, so that each search goes on where the last one ended. The whole text, if there
 * is none in it that is sure to be the function. */
static ptl_str written_of(ptl_walks *walks, const char *name) {
  const char *text = walks->written.data;
  const char *mark = ptl_arena_printf(&walks->session->arena, "AICORE void %s(", name);
  const char *at = text ? strstr(text + walks->found, mark) : NULL;
  at = text && !at ? strstr(text, mark) : at;
  const char *end = at ? at + strcspn(at, "\n") : NULL;
  if (!at || end[-1] != '{') {
    return walks->written;
  }
  walks->found = (size_t)(at - text);
  return (ptl_str){at, walks->written.length - walks->found};
}

ptl_walked *ptl_walk_function(ptl_walks *walks, MlirOperation func) {
  ptl_arena *arena = &walks->session->arena;
  for (int i = 0; i < walks->count; i++) {
    if (mlirOperationEqual(walks->items[i]->func, func)) {
      return walks->items[i];
    }
  }
  ptl_walked *w = ptl_arena_alloc(arena, sizeof(*w));
  w->func = func;
  w->kernel = ptl_kernel_decode(arena, func);
  w->record = ptl_pipe_record_new(arena, w->kernel, walks->session->target,
                                  !mlirOperationIsNull(ptl_peer_of(func)));
  w->findings = ptl_check_recorded(arena, w->kernel, walks->session->target, &w->noted, w->record,
                                   written_of(walks, w->kernel->name));
  w->pipes.arena = arena;
  walks->items =
      ptl_arena_more(arena, walks->items, walks->count, &walks->capacity, sizeof(*walks->items));
  walks->items[walks->count++] = w;
  return w;
}

/* ---- both functions of a mixed kernel ------------------------------------- */

static void hand_out(const ptl_pipe_findings *found, ptl_walked *cube, ptl_walked *vector) {
  for (int i = 0; i < found->count; i++) {
    ptl_walked *w = found->items[i].in_vector ? vector : cube;
    size_t count = (size_t)w->pipes.count;
    w->pipes.items =
        ptl_arena_grow(found->arena, w->pipes.items, count, count + 1, sizeof(ptl_pipe_finding));
    w->pipes.items[w->pipes.count++] = found->items[i];
  }
}

static bool is_followed(const ptl_walked *w) { return w->record && !w->findings.is_cut_short; }

/* Half of a kernel is no proof. */
static void tell_lone_half(ptl_walked *w, const char *why) {
  ptl_pipe_findings found = {.arena = w->pipes.arena};
  const ptl_op *first = ptl_pipe_record_first(w->record);
  if (first) {
    ptl_pipe_find(&found, PTL_CODE_NOT_FOLLOWED, w->record, first,
                  "the function at the other end of its pipes %s", why);
    hand_out(&found, w, w);
  }
}

static bool are_flags_proved(const ptl_walked *w) {
  ptl_flags_verdict verdict = w->findings.flags.verdict;
  return verdict == PTL_FLAGS_PROVED || (verdict == PTL_FLAGS_NOT_ASKED && !w->kernel->has_tiles);
}

/* The worst counts. */
static void know_flags(ptl_walked *w, const ptl_pipe_finding *finding) {
  ptl_flags_verdict verdict =
      finding->fault == PTL_CODE_NOT_FOLLOWED ? PTL_FLAGS_NOT_FOLLOWED : PTL_FLAGS_WRONG;
  if (verdict > w->findings.flags.verdict) {
    w->findings.flags = (ptl_flags_known){verdict, finding->op, finding->text};
  }
}

/* What the cores tell each other, and what this orders. A half whose own flags are not proved says
 * so. */
static void compare_flags(ptl_walks *walks, ptl_walked *cube, ptl_walked *vector) {
  const ptl_flag_trace *traces[2] = {cube->findings.trace, vector->findings.trace};
  ptl_pipe_findings found = {.arena = &walks->session->arena};
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

static void tell_lone(ptl_walked *w, const ptl_op *op, const char *what, const char *why) {
  if (op) {
    w->pipes.items = ptl_arena_grow(w->pipes.arena, w->pipes.items, (size_t)w->pipes.count,
                                    (size_t)w->pipes.count + 1, sizeof(ptl_pipe_finding));
    const char *text =
        ptl_arena_printf(w->pipes.arena, "the function of the core that %s %s", what, why);
    w->pipes.items[w->pipes.count++] =
        (ptl_pipe_finding){.fault = PTL_CODE_NOT_FOLLOWED, .op = op, .text = text};
    know_flags(w, &w->pipes.items[w->pipes.count - 1]);
  }
}

/* Flags between the cores, and slots that the other core may guard, of which only one is known. */
static void tell_lone_signal(ptl_walked *w, const char *why) {
  const ptl_flag_trace *trace = w->findings.trace;
  if (trace) {
    tell_lone(w, ptl_flag_trace_signal(trace), "this flag is shared with", why);
    tell_lone(w, ptl_flag_trace_open_slot(trace),
              "may keep this slot from being overwritten while it is read", why);
  }
}

/* Both functions get what is found, the first time that one of them comes up. */
void ptl_compare_with_peer(ptl_walks *walks, ptl_walked *w) {
  ptl_arena *arena = &walks->session->arena;
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
  ptl_walked *peer =
      mlirOperationIsNull(func) || !ptl_can_be_walked(func) ? NULL : ptl_walk_function(walks, func);
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
  ptl_walked *vector = ptl_pipe_record_is_vector(w->record) ? w : peer;
  ptl_walked *cube = vector == w ? peer : w;
  int *cube_keys, *vector_keys;
  found = (ptl_pipe_findings){.arena = arena};
  ptl_peer_arguments(arena, cube->func, vector->func, &cube_keys, &vector_keys);
  ptl_pipes_compare(cube->record, cube_keys, vector->record, vector_keys, &found);
  hand_out(&found, cube, vector);
  compare_flags(walks, cube, vector);
}
