/* An array in pieces that forks share until one of them writes. */
#include "walk/marks.h"

enum { PIECE_SIZE = 8 };

typedef struct ptl_mark_piece {
  int64_t owner;
  ptl_mark items[PIECE_SIZE];
} ptl_mark_piece;

void ptl_marks_init(ptl_marks *marks, ptl_arena *arena, int count) {
  marks->arena = arena;
  marks->piece_count = count / PIECE_SIZE + 1;
  marks->pieces = ptl_arena_array(arena, (size_t)marks->piece_count, sizeof(*marks->pieces));
  marks->owners = ptl_arena_array(arena, 1, sizeof(int64_t));
  marks->owner = ++*marks->owners;
}

ptl_mark ptl_marks_at(const ptl_marks *marks, int index) {
  const ptl_mark_piece *piece = marks->pieces[index / PIECE_SIZE];
  return piece ? piece->items[index % PIECE_SIZE] : (ptl_mark){0};
}

/* The piece of an index, of which this is the only owner. */
static ptl_mark_piece *own_piece(ptl_marks *marks, int number) {
  ptl_mark_piece *piece = marks->pieces[number];
  if (piece && piece->owner == marks->owner) {
    return piece;
  }
  ptl_mark_piece *mine = ptl_arena_alloc(marks->arena, sizeof(*mine));
  if (piece) {
    *mine = *piece;
  }
  mine->owner = marks->owner;
  marks->pieces[number] = mine;
  return mine;
}

void ptl_marks_set(ptl_marks *marks, int index, ptl_mark mark) {
  own_piece(marks, index / PIECE_SIZE)->items[index % PIECE_SIZE] = mark;
}

ptl_marks ptl_marks_fork(ptl_marks *marks) {
  ptl_marks fork = *marks;
  size_t count = (size_t)marks->piece_count;
  fork.pieces = ptl_arena_grow(marks->arena, marks->pieces, count, count, sizeof(*fork.pieces));
  marks->owner = ++*marks->owners;
  fork.owner = ++*marks->owners;
  return fork;
}

void ptl_mark_widen(ptl_mark *mark, int64_t begin, int64_t end) {
  mark->lost_begin = begin < mark->lost_begin ? begin : mark->lost_begin;
  mark->lost_end = end > mark->lost_end ? end : mark->lost_end;
}

static bool is_same(const ptl_mark *a, const ptl_mark *b) {
  return a->is_written == b->is_written && a->when == b->when && a->is_lost == b->is_lost &&
         a->lost_when == b->lost_when && a->lost_begin == b->lost_begin &&
         a->lost_end == b->lost_end;
}

/* It was lost on no more paths than are taken for it, and written on no fewer. */
static ptl_mark meet(ptl_arena *arena, ptl_exprs *exprs, const ptl_meeting *meeting,
                     const ptl_mark *a, const ptl_mark *b) {
  ptl_mark met = {.is_written = a->is_written || b->is_written,
                  .is_lost = a->is_lost || b->is_lost};
  if (met.is_written) {
    met.when = ptl_when_meet(arena, exprs, meeting, a->is_written ? a->when : ptl_never,
                             b->is_written ? b->when : ptl_never, true);
  }
  if (met.is_lost) {
    met.lost_when = ptl_when_meet(arena, exprs, meeting, a->is_lost ? a->lost_when : ptl_never,
                                  b->is_lost ? b->lost_when : ptl_never, false);
    met.lost_begin = a->is_lost ? a->lost_begin : b->lost_begin;
    met.lost_end = a->is_lost ? a->lost_end : b->lost_end;
    ptl_mark_widen(&met, b->is_lost ? b->lost_begin : met.lost_begin,
                   b->is_lost ? b->lost_end : met.lost_end);
  }
  return met;
}

void ptl_marks_meet(ptl_marks *marks, const ptl_marks *second, ptl_exprs *exprs,
                    const ptl_meeting *meeting) {
  for (int i = 0; i < marks->piece_count; i++) {
    if (marks->pieces[i] == second->pieces[i]) {
      continue;
    }
    ptl_mark_piece *mine = own_piece(marks, i);
    for (int j = 0; j < PIECE_SIZE; j++) {
      ptl_mark b = ptl_marks_at(second, i * PIECE_SIZE + j);
      if (!is_same(&mine->items[j], &b)) {
        mine->items[j] = meet(marks->arena, exprs, meeting, &mine->items[j], &b);
      }
    }
  }
}
