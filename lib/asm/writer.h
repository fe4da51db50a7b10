/* State of writing one function; shared by write.c (functions, regions, generic form),
 * write_std.c (arith, scf, func), write_pto.c (the op table) and names.c. */
#ifndef PTL_ASM_WRITER_H
#define PTL_ASM_WRITER_H

#include "asm/asm.h"
#include "asm/symbols.h"
#include "asm/syntax.h"

/* Texts of MLIR's objects. */
typedef struct ptl_pointer {
  const void *key;
  ptl_str text;
} ptl_pointer;

typedef struct ptl_pointers {
  ptl_arena *arena;
  ptl_pointer *items;
  int count, capacity;
  ptl_map map;
} ptl_pointers;

typedef struct ptl_writer {
  ptl_arena *arena; /* scratch */
  ptl_diags *diags;
  ptl_strbuf *out;
  ptl_status status;
  int indent;

  ptl_pointers types, attributes;
  ptl_places *places;
  ptl_layouts layouts;
  ptl_known_ops ops;
  ptl_pointers values;  /* SSA names, with % */
  ptl_symbols used;     /* names in use, with % */
  ptl_str *scope_names; /* in the order in which they came */
  size_t scope_count;
  int scope_capacity;
  int next_number;
} ptl_writer;

ptl_str ptl_pointers_get(const ptl_pointers *pointers, const void *key);
void ptl_pointers_set(ptl_pointers *pointers, const void *key, ptl_str text);

/* Names that come after `ptl_names_open` are free again after `ptl_names_close`. */
size_t ptl_names_open(const ptl_writer *writer);
void ptl_names_close(ptl_writer *writer, size_t mark);
/* Gives a value a name of its own, `wish` (without %; NULL: a number) if it is free. */
void ptl_names_give(ptl_writer *writer, MlirValue value, const char *wish);
/* Names the results of an op. */
void ptl_names_give_results(ptl_writer *writer, MlirOperation op);

void ptl_put(ptl_writer *writer, const char *text);
void ptl_put_str(ptl_writer *writer, ptl_str text);
void ptl_put_value(ptl_writer *writer, MlirValue value);
/* The op's name as it was read. */
void ptl_put_op_name(ptl_writer *writer, MlirOperation op);
/* Operands from `first` on, with commas. */
void ptl_put_operands(ptl_writer *writer, MlirOperation op, intptr_t first, intptr_t count);
void ptl_put_type(ptl_writer *writer, MlirType type);
/* The types of all results: one bare, others in parentheses. */
void ptl_put_result_types(ptl_writer *writer, MlirOperation op);

ptl_str ptl_attribute_text(ptl_writer *writer, MlirAttribute attribute);
/* As in a dictionary: i64 and f64 without their type; with `bare` all integers. */
ptl_str ptl_attribute_short_text(ptl_writer *writer, MlirAttribute attribute, bool bare);
MlirAttribute ptl_attribute_of(MlirOperation op, const char *name);
/* Adds `name = value`. */
void ptl_put_attribute(ptl_writer *writer, MlirNamedAttribute attribute, bool bare);
/* True for attributes that only the compiler itself wants. */
bool ptl_is_own_attribute(MlirNamedAttribute attribute);

ptl_loc_parts ptl_place_of(ptl_writer *writer, MlirOperation op);

void ptl_put_line_start(ptl_writer *writer);
/* ` loc(...)`, if the op has a place. */
void ptl_put_location(ptl_writer *writer, MlirOperation op);
/* The ops of a region's only block, a terminator without operands left out if `drop`. */
void ptl_put_region(ptl_writer *writer, MlirRegion region, bool drop_terminator);
void ptl_put_generic(ptl_writer *writer, MlirOperation op);

/* After `%results = `: the op in custom form. False, with nothing written: it has none. */
bool ptl_put_std(ptl_writer *writer, MlirOperation op, ptl_op_id id);
bool ptl_put_pto(ptl_writer *writer, MlirOperation op, ptl_op_id id);

#endif
