/* Counts what the scalar unit issues for an instruction: the instruction itself and the flags and
 * barriers that order it after others, placed as ptoas places them.
 *
 * Each pipe knows how far each pipe has come: by its own waits, and by what the instructions that
 * it waited for knew when they ran. An instruction that conflicts with one that its pipe does not
 * know to be done needs a set and a wait, or a barrier where both run on the same pipe. */
#include "plan/timeline_state.h"

/* What an instruction uses. */
typedef struct uses {
  const int *reads;
  int read_count, write; /* < 0: none */
} uses;

static void take_later(ptl_numbers *n, const ptl_numbers *other) {
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    n->of[pipe] = other->of[pipe] > n->of[pipe] ? other->of[pipe] : n->of[pipe];
  }
}

static void need_cell(ptl_numbers *need, const ptl_cell *cell, bool for_write) {
  take_later(need, &cell->written);
  if (for_write) {
    take_later(need, &cell->read);
  }
}

/* The other cells with bytes of this one. */
static void need_bytes(const ptl_timeline *timeline, ptl_numbers *need, int index, bool for_write) {
  for (int i = 0; timeline->places[index].shares_bytes && i < timeline->cell_count; i++) {
    if (ptl_timeline_cells_overlap(timeline, i, index)) {
      need_cell(need, &timeline->cells[i], for_write);
    }
  }
}

/* Of each pipe the last instruction that has to be done. */
static ptl_numbers needed(const ptl_timeline *timeline, const uses *u) {
  ptl_numbers need = {{0}};
  for (int i = 0; i < u->read_count; i++) {
    need_cell(&need, &timeline->cells[u->reads[i]], false);
  }
  if (u->write >= 0) {
    need_cell(&need, &timeline->cells[u->write], true);
  }
  for (int i = 0; timeline->shares_bytes && i < u->read_count; i++) {
    need_bytes(timeline, &need, u->reads[i], false);
  }
  if (timeline->shares_bytes && u->write >= 0) {
    need_bytes(timeline, &need, u->write, true);
  }
  return need;
}

static bool are_known(const ptl_numbers *need, const ptl_numbers *known) {
  bool all = true;
  for (int pipe = 0; pipe < PTL_PIPE_COUNT; pipe++) {
    all &= need->of[pipe] <= known->of[pipe];
  }
  return all;
}

/* What the pipe of an instruction that used this cell knew when that ran; NULL if it did not. */
static const ptl_numbers *knew_of_cell(const ptl_cell *cell, int pipe, int32_t number) {
  return cell->written.of[pipe] == number ? &cell->writer_knew
         : cell->read.of[pipe] == number  ? &cell->reader_knew[pipe]
                                          : NULL;
}

/* The same of one of those that `u` needs. */
static const ptl_numbers *knew_of(const ptl_timeline *timeline, const uses *u, int pipe,
                                  int32_t number) {
  const ptl_numbers *knew =
      u->write >= 0 ? knew_of_cell(&timeline->cells[u->write], pipe, number) : NULL;
  for (int i = 0; !knew && i < u->read_count; i++) {
    knew = knew_of_cell(&timeline->cells[u->reads[i]], pipe, number);
  }
  for (int i = 0; !knew && i < timeline->cell_count; i++) {
    knew = knew_of_cell(&timeline->cells[i], pipe, number);
  }
  return knew;
}

/* Items that make `pipe` wait for an instruction of another, or of itself; none if it has come to
 * know that one done. */
static int wait_for(ptl_timeline *timeline, const uses *u, int pipe, int other, int32_t number) {
  ptl_numbers *known = &timeline->known[pipe];
  if (number <= known->of[other]) {
    return 0;
  }
  bool is_carried =
      number > timeline->pass_begin.of[other] && number <= timeline->pass_end.of[other];
  timeline->carried += is_carried && other != pipe;
  known->of[other] = number;
  take_later(known, knew_of(timeline, u, other, number));
  return other == pipe ? 1 : 2;
}

static int wait_for_all(ptl_timeline *timeline, const uses *u, int pipe, const ptl_numbers *need) {
  int items = 0;
  for (int other = 0; other < PTL_PIPE_COUNT; other++) {
    items += other != pipe ? wait_for(timeline, u, pipe, other, need->of[other]) : 0;
  }
  return items + wait_for(timeline, u, pipe, pipe, need->of[pipe]);
}

static void note_use(ptl_timeline *timeline, const uses *u, int pipe) {
  int32_t number = ++timeline->issued.of[pipe];
  const ptl_numbers *known = &timeline->known[pipe];
  for (int i = 0; i < u->read_count; i++) {
    ptl_cell *cell = &timeline->cells[u->reads[i]];
    cell->read.of[pipe] = number;
    cell->reader_knew[pipe] = *known;
  }
  if (u->write >= 0) {
    ptl_cell *cell = &timeline->cells[u->write];
    cell->written = (ptl_numbers){{0}};
    cell->written.of[pipe] = number;
    cell->writer_knew = *known;
  }
}

int ptl_timeline_items(ptl_timeline *timeline, ptl_pipe pipe, const int *reads, int read_count,
                       int write) {
  uses u = {reads, read_count, write};
  ptl_numbers need = needed(timeline, &u);
  bool waits = !are_known(&need, &timeline->known[pipe]);
  int items = 1 + (waits ? wait_for_all(timeline, &u, (int)pipe, &need) : 0);
  note_use(timeline, &u, (int)pipe);
  return items;
}
