/* The entries of pipes between the cores.
 *
 * a2a3: in GM, packed by what is valid at the producer, and copied by each pop to the
 * consumer's local slot, as what is valid there tells (pto-isa:include/pto/npu/a2a3/TPush.hpp).
 * a5: the producer writes into the consumer's own slot when it pushes; what it wrote there is
 * kept in an area aside, and the slot gets marks, which show whether somebody else wrote over
 * them before the pop.
 */
#include "machine_state.h"

#include <stdlib.h>

enum { A5_KEY = 1000 };

static slot_area *area_of(mut_chip *chip, int64_t key) {
  for (int i = 0; i < MAX_SLOT_AREAS; i++) {
    slot_area *area = &chip->areas[i];
    if (!area->bytes) {
      area->bytes = calloc(SLOT_BYTES, sizeof(uint64_t));
      area->tags = calloc(SLOT_BYTES, sizeof(uint32_t));
      if (!area->bytes || !area->tags) {
        abort();
      }
      area->key = -1;
    }
    if (area->key == key || area->key < 0) {
      area->key = key;
      return area;
    }
  }
  abort();
}

void mut_clear_slots(mut_chip *chip) {
  for (int i = 0; i < MAX_SLOT_AREAS; i++) {
    slot_area *area = &chip->areas[i];
    if (area->bytes) {
      memset(area->bytes, 0, (size_t)area->used * sizeof(uint64_t));
      memset(area->tags, 0, (size_t)area->used * sizeof(uint32_t));
    }
    area->used = 0;
    area->key = -1;
  }
}

/* An entry as one of the cores sees it: where its first element lies in the area, and its rows. */
typedef struct entry {
  slot_area *area;
  int64_t first, row_bytes;
  int64_t bytes; /* of the whole entry */
  uint64_t which;
  int64_t row, col; /* of its first element in the whole entry */
} entry;

/* `vector` is the core whose part it is, if entries are split. */
static entry entry_of(mut_machine *m, const pipe_end *end, const mut_machine *vector, const tile *t,
                      bool to_vector, int split) {
  bool shares = split != 0 && !m->is_cube; /* `t` is one half of the entry */
  bool by_rows = split == 1 || split == 3;
  int64_t elem = t->type.elem_bytes, lane = vector ? vector->lane : 0;
  int64_t half = t->valid_rows * t->valid_cols * elem;
  int64_t key = m->is_a5 || end->gm_root < 0 ? A5_KEY + (end - &m->ends[0][0]) * 4 + to_vector * 2
                                             : end->gm_root;
  entry e = {.area = area_of(m->chip, key), .bytes = shares ? 2 * half : half};
  e.row_bytes = t->valid_cols * elem * (shares && !by_rows ? 2 : 1);
  e.first = (end->gm_root < 0 ? 0 : end->gm_offset) + end->count % end->slots * end->slot_bytes;
  e.which = mut_mix2((uint64_t)(end - &m->ends[0][0]), (uint64_t)end->count);
  if (shares) {
    e.first += lane * (by_rows ? half : t->valid_cols * elem);
    e.row = by_rows ? lane * t->valid_rows : 0;
    e.col = by_rows ? 0 : lane * t->valid_cols;
  }
  return e;
}

static uint32_t tag_of(const entry *e, int64_t row, int64_t col) {
  return (uint32_t)mut_mix2(e->which, (uint64_t)((e->row + row) << 16 | (e->col + col))) | 1;
}

static bool is_inside(mut_machine *m, const entry *e, const pipe_end *end, const tile *t) {
  int64_t last = e->first + (t->valid_rows - 1) * e->row_bytes + t->valid_cols * t->type.elem_bytes;
  bool inside = e->bytes <= end->slot_bytes && e->first >= 0 && last <= SLOT_BYTES;
  m->memory.outside += !inside;
  return inside;
}

static uint64_t mark_of(const pipe_end *end, bool to_vector, const mut_machine *consumer) {
  uint64_t which = (uint64_t)to_vector << 1 | (uint64_t)consumer->lane;
  return mut_mix2(mut_mix2(9191, which), (uint64_t)end->count);
}

static void mark_slot(const mut_machine *m, const pipe_end *end, mut_machine *consumer,
                      const entry *e, bool to_vector, int split) {
  int64_t bytes = split != 0 && to_vector ? e->bytes / 2 : e->bytes;
  int64_t slot = end->base + end->count % end->slots * end->slot_bytes;
  mut_space space = to_vector ? MUT_VEC : MUT_MAT;
  if (m->is_a5 && bytes > 0) {
    mut_memory_write(&consumer->memory, space, slot, bytes, mark_of(end, to_vector, consumer), 0);
  }
}

/* Half of what the cube sends belongs to each vector core: all of it goes to the area at once. */
void mut_send_entry(mut_machine *m, const pipe_end *end, const mut_machine *peer, const tile *t,
                    bool to_vector, int split) {
  entry e = entry_of(m, end, m, t, to_vector, split);
  if (t->valid_rows <= 0 || t->valid_cols <= 0 || !is_inside(m, &e, end, t) ||
      !mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->from)) {
    return;
  }
  uint64_t hash = mut_mix(99);
  for (int64_t r = 0; r < t->valid_rows; r++) {
    for (int64_t c = 0; c < t->valid_cols; c++) {
      uint64_t id = read_element(m, t, &m->from, r, c);
      int64_t at = e.first + r * e.row_bytes + c * t->type.elem_bytes;
      mut_bytes_write(e.area->bytes + at, t->type.elem_bytes, id);
      e.area->tags[at] = tag_of(&e, r, c);
      hash += mut_mix2(id, (uint64_t)(r * t->valid_cols + c));
    }
  }
  int64_t end_of_entry = e.first + t->valid_rows * e.row_bytes;
  e.area->used = end_of_entry > e.area->used ? smaller(end_of_entry, SLOT_BYTES) : e.area->used;
  if (peer) {
    mark_slot(m, end, (mut_machine *)peer, &e, to_vector, split);
  } else {
    mut_add_store(m, hash);
  }
}

static bool has_marks(const mut_machine *m, int64_t slot, int64_t address, int64_t bytes,
                      mut_space space, uint64_t mark) {
  for (int64_t i = address; i < address + bytes; i++) {
    if (i < slot || i >= m->memory.room[space] ||
        m->memory.bytes[space][i] != mark + mut_memory_step(i - slot)) {
      return false;
    }
  }
  return true;
}

void mut_take_entry(mut_machine *m, const pipe_end *end, const tile *t, bool to_vector, int split) {
  entry e = entry_of(m, end, m, t, to_vector, split);
  if (t->valid_rows <= 0 || t->valid_cols <= 0 || !is_inside(m, &e, end, t) ||
      !mut_map_tile(m, t, t->valid_rows, t->valid_cols, &m->to)) {
    return;
  }
  int64_t elem = t->type.elem_bytes, slot = t->address;
  uint64_t mark = mark_of(end, to_vector, m);
  for (int64_t r = 0; r < t->valid_rows; r++) {
    for (int64_t c = 0; c < t->valid_cols; c++) {
      const uint64_t *at = e.area->bytes + e.first + r * e.row_bytes + c * elem;
      uint64_t place = (uint64_t)(at - e.area->bytes) | 1ull << 50;
      int64_t address = m->to.rows[r] + m->to.cols[c];
      m->record->misplaced += e.area->tags[at - e.area->bytes] != tag_of(&e, r, c);
      if (m->is_a5 && !has_marks(m, slot, address, elem, t->type.space, mark)) {
        continue;
      }
      write_element(m, t, &m->to, r, c,
                    mut_bytes_are_whole(at, elem) ? at[0]
                                                  : mut_memory_pieces(&m->memory, place, at, elem));
    }
  }
}
