/* Listens to a timeline: keeps who wrote and who read each byte range last, so that the end which
 * an instruction waited for has an instruction. */
#include "plan/record.h"

/* New cells have no writer and no reader. */
static void add_cells(ptl_record *record, int count) {
  if (count <= record->cell_count) {
    return;
  }
  size_t old = (size_t)record->cell_count, new = (size_t)count;
  record->writers = ptl_arena_grow(record->arena, record->writers, old, new, sizeof(int));
  record->readers = ptl_arena_grow(record->arena, record->readers, old, new, sizeof(int));
  for (int i = record->cell_count; i < count; i++) {
    record->writers[i] = record->readers[i] = -1;
  }
  record->cell_count = count;
}

/* Takes an earlier instruction as the reason if the new one begins when that ends. */
static void consider(const ptl_record *record, ptl_instruction *item, int earlier, ptl_wait wait) {
  if (earlier >= 0 && item->wait == PTL_WAIT_NONE && record->items[earlier].end == item->begin) {
    item->wait = wait;
    item->waits_for = earlier;
  }
}

static void consider_cell(const ptl_record *record, const ptl_timeline *timeline,
                          ptl_instruction *item, int cell, bool writes) {
  for (int i = 0; i < record->cell_count; i++) {
    if (ptl_timeline_cells_overlap(timeline, i, cell)) {
      consider(record, item, record->writers[i], writes ? PTL_WAIT_ROOM : PTL_WAIT_DATA);
      consider(record, item, writes ? record->readers[i] : -1, PTL_WAIT_ROOM);
    }
  }
}

static void find_reason(const ptl_record *record, const ptl_timeline *timeline,
                        const ptl_issued *issued, ptl_instruction *item) {
  if (item->begin <= item->free) {
    return;
  }
  for (int i = 0; i < issued->read_count; i++) {
    consider_cell(record, timeline, item, issued->reads[i], false);
  }
  if (issued->write >= 0) {
    consider_cell(record, timeline, item, issued->write, true);
  }
  if (item->wait == PTL_WAIT_NONE) {
    item->wait = PTL_WAIT_ISSUE;
  }
}

/* The last reader is the one that ends last. */
static void note_uses(ptl_record *record, const ptl_issued *issued, int index) {
  for (int i = 0; i < issued->read_count; i++) {
    int *reader = &record->readers[issued->reads[i]];
    if (*reader < 0 || record->items[*reader].end <= issued->end) {
      *reader = index;
    }
  }
  if (issued->write >= 0) {
    record->writers[issued->write] = index;
  }
}

static void listen(void *user, const ptl_timeline *timeline, const ptl_issued *issued) {
  ptl_record *record = user;
  record->is_cut = record->is_cut || record->count == PTL_RECORD_MOST;
  if (record->is_cut) {
    return;
  }
  add_cells(record, ptl_timeline_cell_count(timeline));
  record->items = ptl_arena_more(record->arena, record->items, record->count, &record->capacity,
                                 sizeof(*record->items));
  ptl_instruction *item = &record->items[record->count];
  *item = (ptl_instruction){.pipe = issued->pipe,
                            .free = issued->free,
                            .ready = issued->ready,
                            .begin = issued->begin,
                            .end = issued->end,
                            .waits_for = -1};
  find_reason(record, timeline, issued, item);
  note_uses(record, issued, record->count++);
}

ptl_record *ptl_record_of(ptl_arena *arena, ptl_timeline *timeline) {
  ptl_record *record = ptl_arena_alloc(arena, sizeof(*record));
  record->arena = arena;
  ptl_timeline_listen(timeline, listen, record);
  return record;
}
