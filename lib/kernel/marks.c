#include "kernel/marks.h"

enum { PIECE_SIZE = 64 };

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
  return piece ? piece->items[index % PIECE_SIZE] : (ptl_mark){0, NULL};
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

static ptl_mark meet(ptl_arena *arena, ptl_exprs *exprs, const ptl_meeting *meeting, ptl_mark a,
                     ptl_mark b) {
  if (a.time == 0 && b.time == 0) {
    return a;
  }
  const ptl_when *first = a.time > 0 ? a.when : ptl_never;
  const ptl_when *second = b.time > 0 ? b.when : ptl_never;
  int64_t time = a.time == 0 || (b.time > 0 && b.time < a.time) ? b.time : a.time;
  return (ptl_mark){time, ptl_when_meet(arena, exprs, meeting, first, second, true)};
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
      if (mine->items[j].time != b.time || mine->items[j].when != b.when) {
        mine->items[j] = meet(marks->arena, exprs, meeting, mine->items[j], b);
      }
    }
  }
}
