/* The contents of the buffers as a list of byte ranges. A write drops what it covers, and spoils
 * what it overlaps in part. */
#include "walk/memory.h"

#include <string.h>

int64_t ptl_tile_bytes(const ptl_target *target, const ptl_tile_type *type) {
  return type->space == PTL_SPACE_ACC ? ptl_acc_bytes(target, type->elem, type->rows, type->cols)
                                      : type->rows * type->cols * ptl_elem_bytes(type->elem);
}

bool ptl_address_is_possible(int64_t address) {
  const int64_t most = (int64_t)1 << 40;
  return -most <= address && address <= most;
}

ptl_memory ptl_memory_copy(const ptl_memory *memory) {
  ptl_memory copy = *memory;
  copy.contents = ptl_arena_grow(memory->arena, memory->contents, (size_t)memory->count,
                                 (size_t)memory->count, sizeof(ptl_content));
  copy.capacity = memory->count;
  return copy;
}

static void append(ptl_memory *memory, const ptl_content *content) {
  memory->contents = ptl_arena_more(memory->arena, memory->contents, memory->count,
                                    &memory->capacity, sizeof(ptl_content));
  memory->contents[memory->count++] = *content;
}

static void make_unknown(ptl_content *content, const ptl_op *op, const char *why) {
  content->holds = PTL_HOLDS_UNKNOWN;
  content->why = why;
  content->writer = op;
  content->sum = NULL;
  content->is_carried = false;
  content->is_torn = false;
  content->forked = NULL;
  content->pitch.most = 0;
}

/* Drops what the range covers and spoils what it overlaps in part; `tears`: by a write. */
static const ptl_content *clear(ptl_memory *memory, ptl_range range, const ptl_op *op,
                                const char *why, bool tears) {
  const ptl_content *lost = NULL;
  int kept = 0;
  for (int i = 0; i < memory->count; i++) {
    ptl_content *content = &memory->contents[i];
    bool may_be_apart = ptl_ranges_may_be_apart(&content->range, &range);
    if (ptl_ranges_overlap(&content->range, &range) && !may_be_apart && !content->is_read &&
        content->holds != PTL_HOLDS_UNKNOWN) {
      ptl_content *copy = ptl_arena_alloc(memory->arena, sizeof(*copy));
      *copy = *content;
      lost = copy;
    }
    if (ptl_range_covers(&range, &content->range)) {
      continue;
    }
    if (ptl_ranges_overlap(&content->range, &range)) {
      bool is_torn =
          tears && !may_be_apart && (content->is_torn || content->holds != PTL_HOLDS_UNKNOWN);
      make_unknown(content, op, why);
      content->is_torn = is_torn;
      content->torn_by_bytes = range.begin_bytes;
    }
    if (kept != i) {
      memory->contents[kept] = *content;
    }
    kept++;
  }
  memory->count = kept;
  return lost;
}

void ptl_memory_write(ptl_memory *memory, const ptl_content *content, const ptl_content **lost) {
  *lost = clear(memory, content->range, content->writer, "it was overwritten in part", true);
  append(memory, content);
}

void ptl_memory_forget(ptl_memory *memory, ptl_range range, const ptl_op *op, const char *why) {
  (void)clear(memory, range, op, why, false);
  ptl_content content = {.range = range};
  make_unknown(&content, op, why);
  append(memory, &content);
}

/* The sum of `content`, left open, if it is open or goes on from what was there `before`. */
static const ptl_sum *opened(ptl_memory *memory, const ptl_content *content,
                             const ptl_memory *before) {
  if (!content || content->holds != PTL_HOLDS_SUM) {
    return NULL;
  }
  const ptl_content *old = before ? ptl_memory_find((ptl_memory *)before, content->range) : NULL;
  bool goes_on = old && old->holds == PTL_HOLDS_SUM && old->sum->first == content->sum->first;
  if (!content->sum->is_open && !goes_on) {
    return NULL;
  }
  ptl_sum *sum = ptl_arena_alloc(memory->arena, sizeof(*sum));
  *sum = *content->sum;
  sum->is_open = true;
  return sum;
}

void ptl_memory_forget_carried(ptl_memory *memory, ptl_range range, const ptl_op *op,
                               const char *why, const ptl_memory *before) {
  ptl_content *content = ptl_memory_find(memory, range);
  const ptl_sum *sum = opened(memory, content, before);
  if (sum) {
    content->sum = sum;
    content->is_read = true; /* an iteration may begin it anew */
    return;
  }
  ptl_memory_forget(memory, range, op, why);
  ptl_memory_find(memory, range)->is_carried = true;
}

void ptl_memory_mark_read(ptl_memory *memory, ptl_range range) {
  for (int i = 0; i < memory->count; i++) {
    ptl_content *content = &memory->contents[i];
    content->is_read = content->is_read || ptl_ranges_overlap(&content->range, &range);
  }
}

ptl_content *ptl_memory_find(ptl_memory *memory, ptl_range range) {
  for (int i = 0; i < memory->count; i++) {
    ptl_content *content = &memory->contents[i];
    if (ptl_range_equal(&content->range, &range)) {
      return content;
    }
  }
  return NULL;
}

const ptl_content *ptl_memory_overlap(const ptl_memory *memory, ptl_range range) {
  for (int i = 0; i < memory->count; i++) {
    if (ptl_ranges_overlap(&memory->contents[i].range, &range)) {
      return &memory->contents[i];
    }
  }
  return NULL;
}

bool ptl_region_equal(const ptl_region *a, const ptl_region *b) {
  return a->root == b->root && a->instance == b->instance && a->elem == b->elem &&
         a->row_stride == b->row_stride && a->col_stride == b->col_stride && a->row == b->row &&
         a->col == b->col && a->rows == b->rows && a->cols == b->cols;
}

ptl_region ptl_region_turned(const ptl_region *region) {
  ptl_region turned = *region;
  turned.row_stride = region->col_stride;
  turned.col_stride = region->row_stride;
  turned.row = region->col;
  turned.col = region->row;
  turned.rows = region->cols;
  turned.cols = region->rows;
  turned.view_rows = region->view_cols;
  turned.view_cols = region->view_rows;
  turned.is_remade = true;
  return turned;
}

static bool content_equal(const ptl_content *a, const ptl_content *b) {
  if (a->holds != b->holds || a->holds == PTL_HOLDS_UNKNOWN) {
    return false;
  }
  if (a->holds == PTL_HOLDS_SUM) {
    return a->sum == b->sum;
  }
  return a->transposed == b->transposed && ptl_region_equal(&a->region, &b->region);
}

static bool is_open(const ptl_content *content) {
  return content && content->holds == PTL_HOLDS_SUM && content->sum->is_open;
}

/* Where products are found, paths that leave different numbers of segments leave an open sum;
 * false if they do not. */
static bool meet_open(ptl_content *mine, const ptl_content *theirs) {
  if (is_open(theirs) && !is_open(mine)) {
    mine->holds = PTL_HOLDS_SUM;
    mine->sum = theirs->sum;
    mine->is_read = mine->is_read || theirs->is_read;
  }
  return is_open(mine);
}

static void spoil_where_different(ptl_memory *memory, const ptl_memory *other,
                                  const ptl_meeting *meeting) {
  for (int i = 0; i < memory->count; i++) {
    ptl_content *mine = &memory->contents[i];
    const ptl_content *theirs = ptl_memory_find((ptl_memory *)other, mine->range);
    if (meet_open(mine, theirs)) {
      continue;
    }
    bool is_carried = mine->is_carried || (theirs && theirs->is_carried);
    if (!theirs || !content_equal(mine, theirs)) {
      ptl_acc_pitch pitch = mine->pitch;
      bool same_pitch = theirs && pitch.most > 0 && theirs->pitch.most == pitch.most &&
                        theirs->pitch.rows == pitch.rows;
      const ptl_forked *forked =
          theirs ? ptl_forked_meet(memory->arena, mine, theirs, meeting) : NULL;
      make_unknown(mine, meeting->op, "the branches of an scf.if leave different data in it");
      mine->forked = forked;
      mine->is_carried = is_carried;
      mine->pitch = same_pitch ? pitch : mine->pitch;
    } else {
      mine->is_read = mine->is_read || theirs->is_read;
    }
  }
}

void ptl_memory_meet(ptl_memory *memory, const ptl_memory *other, const ptl_meeting *meeting) {
  spoil_where_different(memory, other, meeting);
  for (int i = 0; i < other->count; i++) {
    if (!ptl_memory_overlap(memory, other->contents[i].range)) {
      ptl_content content = other->contents[i];
      make_unknown(&content, meeting->op, "the branches of an scf.if leave different data in it");
      append(memory, &content);
    }
  }
}
