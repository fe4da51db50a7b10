/* Findings of the proof of flags: their words, and what leads to them. */
#include <inttypes.h>

#include "flags/flags_state.h"
#include "kernel/describe.h"
#include "walk/evidence.h"

static const char *short_name(ptl_sync_pipe pipe) {
  return ptl_sync_pipe_name((ptl_sync_pipe)((int)pipe % PTL_SYNC_PIPE_COUNT)) + sizeof("PIPE_") - 1;
}

static const ptl_kernel *kernel_of(const ptl_flag_found *f, ptl_sync_pipe pipe) {
  return f->trace->woven ? f->trace->woven->halves[ptl_flag_core(pipe)]->kernel : f->trace->kernel;
}

/* Who works there. */
static const char *worker_text(const ptl_flag_found *f, ptl_sync_pipe pipe) {
  return f->trace->woven ? ptl_arena_printf(f->trace->arena, "%s of the %s core", short_name(pipe),
                                            ptl_flag_core(pipe) == 0 ? "cube" : "vector")
                         : short_name(pipe);
}

bool ptl_flag_is_found(const ptl_flag_found *f, ptl_code fault, const ptl_op *op,
                       const ptl_op *other) {
  for (int i = 0; i < f->count; i++) {
    const ptl_flag_finding *finding = &f->items[i].finding;
    if (finding->fault == fault && finding->op == op && (!other || finding->other == other)) {
      return true;
    }
  }
  return false;
}

void ptl_flag_find(ptl_flag_found *f, const ptl_flag_node *node, ptl_code fault,
                   const ptl_op *other, const char *text, const char *note) {
  f->items = ptl_arena_more(f->trace->arena, f->items, f->count, &f->capacity, sizeof(*f->items));
  f->items[f->count++] = (ptl_flag_fault){node->step,
                                          {.fault = fault,
                                           .op = node->op,
                                           .other = other,
                                           .text = text,
                                           .note = note,
                                           .core = ptl_flag_core(node->pipe)}};
}

static const char *place_text(const ptl_flag_found *f, const ptl_flag_bytes *bytes,
                              ptl_sync_pipe pipe) {
  const ptl_kernel *kernel = kernel_of(f, pipe);
  if (!bytes->gm && bytes->value < 0) {
    return ptl_arena_printf(f->trace->arena, "scratch tile that ptoas adds (at %lld)",
                            (long long)bytes->range.begin_bytes);
  }
  if (!bytes->gm) {
    return ptl_tile_text(f->trace->arena, kernel, bytes->value, bytes->range.begin_bytes);
  }
  int value = bytes->gm->root >= 0 && !f->trace->woven ? bytes->gm->root : bytes->value;
  const char *name = ptl_value_name(kernel, value);
  return *name ? ptl_arena_printf(f->trace->arena, "memory of %s", name) : "global memory";
}

/* What is missing between the two. */
static const char *lack_text(const ptl_flag_found *f, ptl_sync_pipe from, ptl_sync_pipe to) {
  bool is_of_core = ptl_flag_core(from) == ptl_flag_core(to);
  return f->trace->woven && !is_of_core
             ? "no push and pop, and no flag between the cores, orders them"
         : f->trace->woven
             ? ptl_arena_printf(f->trace->arena,
                                "no flag %s -> %s orders them, and neither does the other core",
                                short_name(from), short_name(to))
         : from == to ? ptl_arena_printf(f->trace->arena, "no barrier of %s stands between them",
                                         ptl_sync_pipe_name(from))
                      : ptl_arena_printf(f->trace->arena, "no flag %s -> %s orders them",
                                         short_name(from), short_name(to));
}

/* "the vec tile %x is read here by MTE3 while V may still write it". */
static const char *clash_text(const ptl_flag_found *f, const ptl_flag_node *node,
                              const ptl_flag_bytes *now, const ptl_flag_access *old) {
  const char *place = place_text(f, now, node->pipe), *by = worker_text(f, node->pipe);
  const char *other = worker_text(f, old->pipe), *does = old->bytes.is_write ? "write" : "read";
  const char *format = old->bytes.role == PTL_FLAG_ROLE_ARRIVAL
                           ? "the %s is read here by %s before %s has waited for it"
                       : now->role == PTL_FLAG_ROLE_FREE
                           ? "the slot of the %s is given back here by %s while %s may still %s it"
                       : old->bytes.value != now->value && now->role == PTL_FLAG_ROLE_POPPED
                           ? "the slot of the %s is overwritten here by %s while %s may still %s "
                             "what was popped there before"
                       : now->is_write ? "the %s is overwritten here by %s while %s may still %s it"
                                       : "the %s is read here by %s while %s may still %s it";
  return ptl_arena_printf(f->trace->arena, format, place, by, other, does);
}

void ptl_flag_find_race(ptl_flag_found *f, const ptl_flag_node *node, const ptl_flag_bytes *now,
                        const ptl_flag_access *old) {
  if (ptl_flag_is_found(f, PTL_CODE_RACE, node->op, old->op)) {
    return;
  }
  const char *text = ptl_arena_printf(f->trace->arena, "%s: %s", clash_text(f, node, now, old),
                                      lack_text(f, old->pipe, node->pipe));
  const char *does = old->bytes.role == PTL_FLAG_ROLE_ARRIVAL ? "awaited"
                     : old->bytes.is_write                    ? "written"
                                                              : "read";
  const char *note =
      ptl_arena_printf(f->trace->arena, "the %s is %s here by %s",
                       place_text(f, &old->bytes, old->pipe), does, worker_text(f, old->pipe));
  ptl_flag_find(f, node, PTL_CODE_RACE, old->op, text, note);
}

/* Two places of which it is not known whether they are one. */
void ptl_flag_find_doubt(ptl_flag_found *f, const ptl_flag_node *node, const ptl_flag_bytes *now,
                         const ptl_flag_access *old) {
  if (ptl_flag_is_found(f, PTL_CODE_NOT_FOLLOWED, node->op, old->op)) {
    return;
  }
  ptl_flag_find(
      f, node, PTL_CODE_NOT_FOLLOWED, old->op,
      ptl_arena_printf(f->trace->arena,
                       "it is not known whether the %s that %s %s here is what %s may still %s: %s",
                       place_text(f, now, node->pipe), worker_text(f, node->pipe),
                       now->is_write ? "overwrites" : "reads", worker_text(f, old->pipe),
                       old->bytes.is_write ? "write" : "read", lack_text(f, old->pipe, node->pipe)),
      NULL);
}

const char *ptl_flag_text(const ptl_flag_found *f, const ptl_flag_op *flag) {
  return ptl_arena_printf(f->trace->arena, "%s -> %s, EVENT_ID%" PRId64, short_name(flag->from),
                          short_name(flag->to), flag->id);
}

typedef struct evidence_seeker {
  ptl_flag_found *found;
  int64_t step;
} evidence_seeker;

static void listen_for_evidence(void *user, ptl_walk *walk, const ptl_event *event) {
  evidence_seeker *seeker = user;
  if (event->kind != PTL_EVENT_STEP) {
    return;
  }
  seeker->step++;
  for (int i = 0; i < seeker->found->count; i++) {
    ptl_flag_fault *place = &seeker->found->items[i];
    if (place->step == seeker->step && !place->finding.evidence) {
      place->finding.evidence = ptl_evidence_text(walk, event->op);
    }
  }
}

void ptl_flag_seek_evidence(ptl_flag_found *f) {
  const ptl_flag_trace *trace = f->trace;
  ptl_exprs *exprs = ptl_arena_alloc(f->trace->arena, sizeof(*exprs));
  ptl_exprs_init(exprs, f->trace->arena);
  evidence_seeker seeker = {.found = f};
  ptl_status status = ptl_walk_run(f->trace->arena, trace->kernel, trace->target, trace->mode,
                                   exprs, listen_for_evidence, &seeker);
  (void)status; /* as the first time */
}

ptl_flag_findings ptl_flag_findings_of(const ptl_flag_found *f) {
  ptl_flag_findings out = {.count = f->count};
  out.items = ptl_arena_array(f->trace->arena, (size_t)f->count + 1, sizeof(*out.items));
  for (int i = 0; i < f->count; i++) {
    out.items[i] = f->items[i].finding;
  }
  return out;
}
