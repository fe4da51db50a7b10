/* Counts what the scalar unit issues for an instruction: the instruction itself and the flags and
 * barriers that order it after others, placed as ptoas places them.
 *
 * Each pipe knows how far each pipe has come: by its own waits, and by what the instructions that
 * it waited for knew when they ran. An instruction that conflicts with one that its pipe does not
 * know to be done needs a set and a wait, or a barrier where both run on the same pipe. */
#include <string.h>

#include "plan/timeline_state.h"

/* The last instruction of each pipe that has to be done; NULL: none. */
typedef struct need {
  const ptl_use *until[PTL_PIPE_COUNT];
} need;

static void need_until(need *n, int pipe, const ptl_use *use) {
  if (use->number > 0 && (!n->until[pipe] || use->number > n->until[pipe]->number)) {
    n->until[pipe] = use;
  }
}

static void need_cell(need *n, const ptl_cell *cell, bool for_write) {
  need_until(n, cell->writer, &cell->written);
  for (int pipe = 0; for_write && pipe < PTL_PIPE_COUNT; pipe++) {
    need_until(n, pipe, &cell->read[pipe]);
  }
}

static void need_range(const ptl_timeline *timeline, need *n, int index, bool for_write) {
  const ptl_cell *own = &timeline->cells[index];
  need_cell(n, own, for_write);
  for (int i = 0; own->shares_bytes && i < timeline->cell_count; i++) {
    if (ptl_timeline_cells_overlap(timeline, i, index)) {
      need_cell(n, &timeline->cells[i], for_write);
    }
  }
}

/* Items that make `pipe` wait for another, or for itself; none if it knows that one done. */
static int wait_for(ptl_timeline *timeline, ptl_pipe pipe, int other, const need *n) {
  int64_t *known = timeline->known[pipe];
  const ptl_use *use = n->until[other];
  if (!use || use->number <= known[other]) {
    return 0;
  }
  bool is_carried =
      use->number > timeline->pass_begin[other] && use->number <= timeline->pass_end[other];
  timeline->carried += is_carried && other != (int)pipe;
  known[other] = use->number;
  for (int i = 0; i < PTL_PIPE_COUNT; i++) {
    known[i] = use->knew[i] > known[i] ? use->knew[i] : known[i];
  }
  return other == (int)pipe ? 1 : 2;
}

int ptl_timeline_items(ptl_timeline *timeline, ptl_pipe pipe, const int *reads, int read_count,
                       int write) {
  need n = {{NULL}};
  for (int i = 0; i < read_count; i++) {
    need_range(timeline, &n, reads[i], false);
  }
  if (write >= 0) {
    need_range(timeline, &n, write, true);
  }
  int items = 1;
  for (int other = 0; other < PTL_PIPE_COUNT; other++) {
    items += other != (int)pipe ? wait_for(timeline, pipe, other, &n) : 0;
  }
  items += wait_for(timeline, pipe, (int)pipe, &n);
  ptl_use use = {.number = ++timeline->issued[pipe]};
  memcpy(use.knew, timeline->known[pipe], sizeof(use.knew));
  for (int i = 0; i < read_count; i++) {
    timeline->cells[reads[i]].read[pipe] = use;
  }
  if (write >= 0) {
    timeline->cells[write].writer = pipe;
    timeline->cells[write].written = use;
  }
  return items;
}
