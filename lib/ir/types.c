/* The types that a session has met. */
#include "ir/types.h"

static const ptl_type_facts *read_facts(ptl_session *session, MlirType type) {
  ptl_type_facts *facts = ptl_arena_alloc(&session->arena, sizeof(*facts));
  ptl_str text = ptl_type_text(&session->arena, type);
  facts->key = type.ptr;
  facts->is_tile = ptl_tile_type_parse(text, &facts->tile);
  facts->is_matrix = !facts->is_tile && ptl_view_type_parse(text, &facts->view);
  facts->is_partition = ptl_str_starts_with(text, "!pto.partition_tensor_view<");
  facts->is_view =
      facts->is_matrix || facts->is_partition || ptl_str_starts_with(text, "!pto.tensor_view<");
  return facts;
}

const ptl_type_facts *ptl_type_facts_of(ptl_session *session, MlirType type) {
  ptl_known_types *known = &session->types;
  uint32_t hash = (uint32_t)ptl_hash(0, (uint64_t)(uintptr_t)type.ptr);
  uint32_t at = hash;
  int item;
  while ((item = ptl_map_next(&known->map, hash, &at)) >= 0) {
    if (known->items[item]->key == type.ptr) {
      return known->items[item];
    }
  }
  known->items = ptl_arena_more(&session->arena, (void *)known->items, known->count,
                                &known->capacity, sizeof(*known->items));
  ptl_map_reserve(&known->map, &session->arena, 64);
  ptl_map_add(&known->map, hash, known->count);
  known->items[known->count] = read_facts(session, type);
  return known->items[known->count++];
}

const ptl_tile_type *ptl_tile_of(ptl_session *session, MlirValue value) {
  const ptl_type_facts *facts = ptl_type_facts_of(session, mlirValueGetType(value));
  return facts->is_tile ? &facts->tile : NULL;
}
