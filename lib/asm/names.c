/* The SSA names of a function that is written: those that the locations keep, with a suffix where
 * two values would have one name; numbers for values without. And the locations themselves. */
#include "asm/writer.h"

#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <stdint.h>
#include <string.h>

static uint32_t hash_of(const void *key) {
  uint64_t value = (uint64_t)(uintptr_t)key * 0x9e3779b97f4a7c15u;
  return (uint32_t)(value ^ (value >> 32));
}

/* -1: it is not there. */
static int find(const ptl_pointers *pointers, const void *key, uint32_t hash) {
  uint32_t at = hash;
  int found;
  do {
    found = ptl_map_next(&pointers->map, hash, &at);
  } while (found >= 0 && pointers->items[found].key != key);
  return found;
}

ptl_str ptl_pointers_get(const ptl_pointers *pointers, const void *key) {
  int found = find(pointers, key, hash_of(key));
  return found < 0 ? (ptl_str){"", 0} : pointers->items[found].text;
}

void ptl_pointers_set(ptl_pointers *pointers, const void *key, ptl_str text) {
  uint32_t hash = hash_of(key);
  int found = find(pointers, key, hash);
  if (found < 0) {
    found = pointers->count++;
    pointers->items = ptl_arena_more(pointers->arena, pointers->items, found, &pointers->capacity,
                                     sizeof(ptl_pointer));
    ptl_map_reserve(&pointers->map, pointers->arena, 64);
    ptl_map_add(&pointers->map, hash, found);
  }
  pointers->items[found] = (ptl_pointer){key, text};
}

ptl_loc_parts ptl_place_of(ptl_writer *writer, MlirOperation op) {
  return ptl_places_get(writer->places, mlirOperationGetLocation(op));
}

/* In `used`, `number` is twice the next suffix to try, plus 1 while the name is used. */
static bool take(ptl_writer *writer, ptl_str name) {
  ptl_symbol *symbol = ptl_symbols_entry(&writer->used, name);
  if (symbol->number & 1) {
    return false;
  }
  symbol->number |= 1;
  writer->scope_names = ptl_arena_more(writer->arena, writer->scope_names, (int)writer->scope_count,
                                       &writer->scope_capacity, sizeof(ptl_str));
  writer->scope_names[writer->scope_count++] = name;
  return true;
}

size_t ptl_names_open(const ptl_writer *writer) { return writer->scope_count; }

void ptl_names_close(ptl_writer *writer, size_t mark) {
  while (writer->scope_count > mark) {
    ptl_str name = writer->scope_names[--writer->scope_count];
    ptl_symbols_entry(&writer->used, name)->number &= ~1;
  }
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool is_number(const char *name) {
  while (is_digit(*name)) {
    name++;
  }
  return *name == '\0';
}

/* `%` and a copy that is an SSA name: other characters become `_`. */
static ptl_str clean(ptl_arena *arena, const char *wish) {
  size_t length = strlen(wish);
  char *name = ptl_arena_alloc(arena, length + 3);
  char *to = name;
  *to++ = '%';
  if (is_digit(wish[0]) && !is_number(wish)) {
    *to++ = '_';
  }
  for (const char *at = wish; *at; at++) {
    bool letter = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z');
    *to++ = *at;
    if (!letter && !is_digit(*at) && !strchr("_$.-", *at)) {
      to[-1] = '_';
    }
  }
  return (ptl_str){name, (size_t)(to - name)};
}

/* A name, what stands between, and a number. */
static ptl_str numbered(ptl_arena *arena, ptl_str name, const char *between, int number) {
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  ptl_strbuf_add_str(&text, name);
  ptl_strbuf_puts(&text, between);
  ptl_strbuf_number(&text, number);
  return (ptl_str){text.data, text.length};
}

static ptl_str take_number(ptl_writer *writer) {
  for (;;) {
    ptl_str name = numbered(writer->arena, ptl_str_of("%"), "", writer->next_number++);
    if (take(writer, name)) {
      return name;
    }
  }
}

static ptl_str take_name(ptl_writer *writer, const char *wish) {
  if (!wish || !*wish) {
    return take_number(writer);
  }
  ptl_str base = clean(writer->arena, wish);
  if (take(writer, base)) {
    return base;
  }
  if (is_number(base.data + 1)) {
    return take_number(writer);
  }
  for (;;) {
    ptl_symbol *symbol = ptl_symbols_entry(&writer->used, base);
    symbol->number += 2;
    ptl_str name = numbered(writer->arena, base, "_", symbol->number / 2);
    if (take(writer, name)) {
      return name;
    }
  }
}

void ptl_names_give(ptl_writer *writer, MlirValue value, const char *wish) {
  ptl_pointers_set(&writer->values, value.ptr, take_name(writer, wish));
}

/* What pypto calls a constant: c16_index, cn1_i32, cst. */
static const char *constant_name(ptl_writer *writer, MlirOperation op) {
  MlirAttribute value = ptl_attribute_of(op, "value");
  if (!ptl_op_is(op, PTL_ARITH_CONSTANT) || mlirAttributeIsNull(value)) {
    return NULL;
  }
  if (!mlirAttributeIsAInteger(value) || mlirAttributeIsABool(value)) {
    return "cst";
  }
  MlirType type = mlirAttributeGetType(value);
  long long number = mlirTypeIsAIndex(type) || mlirIntegerTypeGetWidth(type) <= 64
                         ? (long long)mlirIntegerAttrGetValueInt(value)
                         : 0;
  ptl_strbuf text;
  ptl_strbuf_init(&text, writer->arena);
  unsigned long long magnitude =
      number < 0 ? 0ull - (unsigned long long)number : (unsigned long long)number;
  ptl_strbuf_printf(&text, "c%s%llu_", number < 0 ? "n" : "", magnitude);
  ptl_str type_text = {"index", 5};
  if (!mlirTypeIsAIndex(type)) {
    type_text = ptl_str_of(ptl_arena_printf(writer->arena, "i%u", mlirIntegerTypeGetWidth(type)));
  }
  ptl_strbuf_add_str(&text, type_text);
  return text.data;
}

void ptl_names_give_results(ptl_writer *writer, MlirOperation op) {
  intptr_t count = mlirOperationGetNumResults(op);
  if (count == 0) {
    return;
  }
  const char *name_of_place = ptl_place_of(writer, op).name;
  const char *wish = name_of_place ? name_of_place : constant_name(writer, op);
  ptl_str name = take_name(writer, wish);
  for (intptr_t i = 0; i < count; i++) {
    ptl_str own = name;
    if (count > 1) {
      own = numbered(writer->arena, name, "#", (int)i);
    }
    ptl_pointers_set(&writer->values, mlirOperationGetResult(op, i).ptr, own);
  }
}

const char *ptl_argument_name(ptl_arena *arena, MlirOperation op, intptr_t index) {
  MlirAttribute names = ptl_attribute_of(op, "ptolower.arg_names");
  if (mlirAttributeIsNull(names) || !mlirAttributeIsAArray(names) || index < 0 ||
      index >= mlirArrayAttrGetNumElements(names)) {
    return NULL;
  }
  MlirAttribute name = mlirArrayAttrGetElement(names, index);
  if (!mlirAttributeIsAString(name)) {
    return NULL;
  }
  MlirStringRef text = mlirStringAttrGetValue(name);
  return ptl_arena_copy(arena, text.data, text.length);
}
