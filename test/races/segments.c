/* Memory in pieces, each of which an instruction reads or writes as a whole. */
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

enum { REPEAT = 256, MOST_PARTS = 32 };

static int compare(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static int compare_ranges(const void *a, const void *b) {
  const rac_range *x = a, *y = b;
  return x->instr != y->instr ? (x->instr < y->instr ? -1 : 1) : compare(&x->begin, &y->begin);
}

/* So many bytes of a vector tile are one piece. */
static int64_t piece_of(const rac_range *r) {
  int64_t piece = (r->end - r->begin + MOST_PARTS - 1) / MOST_PARTS;
  return (piece + REPEAT - 1) / REPEAT * REPEAT;
}

static int64_t *cuts_of(const rac_recorder *r, int *count) {
  int64_t *cuts = NULL;
  int capacity = 0;
  *count = 0;
  for (int i = 0; i < r->count; i++) {
    const rac_range *a = &r->ranges[i];
    bool is_vector = r->trace->instrs[a->instr].pipe == RAC_V;
    int64_t piece = is_vector ? piece_of(a) : a->end - a->begin;
    for (int64_t at = a->begin; at < a->end; at += piece) {
      cuts = rac_more(cuts, *count, &capacity, sizeof(int64_t));
      cuts[(*count)++] = at;
    }
    cuts = rac_more(cuts, *count, &capacity, sizeof(int64_t));
    cuts[(*count)++] = a->end;
  }
  qsort(cuts, (size_t)*count, sizeof(int64_t), compare);
  int kept = 0;
  for (int i = 0; i < *count; i++) {
    if (kept == 0 || cuts[kept - 1] != cuts[i]) {
      cuts[kept++] = cuts[i];
    }
  }
  *count = kept;
  return cuts;
}

static int find_cut(const int64_t *cuts, int count, int64_t at) {
  int low = 0, high = count;
  while (low + 1 < high) {
    int middle = (low + high) / 2;
    if (cuts[middle] <= at) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

static int repeats_of(const rac_range *r) {
  return (int)((r->end - r->begin + REPEAT - 1) / REPEAT);
}

/* An operand that is smaller than others is worked through as slowly as they are. */
static void add_parts(rac_trace *t, const rac_range *a, const int64_t *cuts, int count) {
  int64_t repeats = t->instrs[a->instr].repeats, own = repeats_of(a);
  for (int i = find_cut(cuts, count, a->begin); i < count && cuts[i] < a->end; i++) {
    int64_t first = (cuts[i] - a->begin) / REPEAT, last = (cuts[i + 1] - 1 - a->begin) / REPEAT;
    t->parts = rac_more(t->parts, t->part_count, &t->part_capacity, sizeof(rac_part));
    t->parts[t->part_count++] = (rac_part){.segment = i,
                                           .first = (int)(first * repeats / own),
                                           .last = (int)(((last + 1) * repeats - 1) / own),
                                           .is_write = a->is_write};
  }
}

/* ---- pieces that are alike --------------------------------------------------------------------
 */

typedef struct piece {
  uint64_t history; /* who reads and writes it, in which order */
  int segment;
} piece;

static int compare_pieces(const void *a, const void *b) {
  const piece *x = a, *y = b;
  return x->history != y->history ? (x->history < y->history ? -1 : 1) : x->segment - y->segment;
}

static piece *histories_of(const rac_trace *t) {
  piece *pieces = calloc((size_t)t->segments + 1, sizeof(*pieces));
  for (int s = 0; s < t->segments; s++) {
    pieces[s].segment = s;
  }
  for (int i = 0; i < t->count; i++) {
    for (int p = t->instrs[i].part_begin; p < t->instrs[i].part_end; p++) {
      const rac_part *part = &t->parts[p];
      uint64_t *history = &pieces[part->segment].history;
      *history = mut_mix2(mut_mix2(*history, (uint64_t)i * 2 + part->is_write),
                          (uint64_t)part->first << 32 | (uint64_t)part->last);
    }
  }
  return pieces;
}

/* Keeps one of all segments that the same instructions read and write. */
static void join_alike(rac_trace *t) {
  piece *pieces = histories_of(t);
  bool *is_kept = calloc((size_t)t->segments + 1, sizeof(bool));
  qsort(pieces, (size_t)t->segments, sizeof(*pieces), compare_pieces);
  for (int s = 0; s < t->segments; s++) {
    is_kept[pieces[s].segment] = s == 0 || pieces[s - 1].history != pieces[s].history;
  }
  int kept = 0;
  for (int i = 0; i < t->count; i++) {
    int begin = kept;
    for (int p = t->instrs[i].part_begin; p < t->instrs[i].part_end; p++) {
      if (is_kept[t->parts[p].segment]) {
        t->parts[kept++] = t->parts[p];
      }
    }
    t->instrs[i].part_begin = begin;
    t->instrs[i].part_end = kept;
  }
  t->part_count = kept;
  free(is_kept);
  free(pieces);
}

void rac_cut(rac_recorder *r) {
  int count;
  qsort(r->ranges, (size_t)r->count, sizeof(*r->ranges), compare_ranges);
  int64_t *cuts = cuts_of(r, &count);
  rac_trace *t = r->trace;
  int next = 0;
  t->segments = count;
  for (int i = 0; i < r->count; i++) {
    int *repeats = &t->instrs[r->ranges[i].instr].repeats;
    *repeats = repeats_of(&r->ranges[i]) > *repeats ? repeats_of(&r->ranges[i]) : *repeats;
  }
  for (int i = 0; i < t->count; i++) {
    t->instrs[i].part_begin = t->part_count;
    for (; next < r->count && r->ranges[next].instr == i; next++) {
      add_parts(t, &r->ranges[next], cuts, count);
    }
    t->instrs[i].part_end = t->part_count;
  }
  free(cuts);
  join_alike(t);
}
