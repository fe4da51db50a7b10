/* What the kinds of mutations share. */
#ifndef PTL_TEST_MUTATION_MUTATE_STATE_H
#define PTL_TEST_MUTATION_MUTATE_STATE_H

#include "mutate.h"

/* An alloc_tile. */
typedef struct site {
  const mut_op *op;
  const mut_tile_type *type;
  int value;
  int64_t address, bytes;
  int operand; /* the one that is the address; -1: none */
  bool in_loop;
} site;

typedef struct enumerator {
  const char *text;
  const mut_program *program;
  const mut_unit *unit;
  const mut_func *func;
  site *sites;
  int site_count;
  int form; /* of the next computed address */
  mut_visitor visit;
  void *user;
  mut_mutation *mutation;
} enumerator;

/* mutate.c: a mutation is begun, described, given edits, and visited. */
void mut_begin(enumerator *e, mut_kind kind, const mut_op *op);
void mut_describe(enumerator *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mut_remove(enumerator *e, const mut_op *op);
void mut_replace(enumerator *e, size_t from, size_t to, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void mut_insert(enumerator *e, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A line at the entry of a function. */
void mut_at_entry(enumerator *e, const char *format, ...) __attribute__((format(printf, 2, 3)));
void mut_finish(enumerator *e);

/* Which alloc_tiles a mutation takes along. */
typedef enum scope { ALONE, ALL_OF_ADDRESS, ALL_IN_LOOPS } scope;

bool mut_goes_along(const site *s, const site *with, scope how);
int mut_count_along(const enumerator *e, const site *with, scope how);
/* The first site of its address and space stands for all of them. */
bool mut_is_first_of_address(const enumerator *e, const site *s);
bool mut_same_type(const mut_tile_type *a, const mut_tile_type *b);
const site *mut_site_of(const enumerator *e, int value);
const char *mut_name_of(const enumerator *e, int value);

void mut_addresses(enumerator *e, const site *s);   /* mutate_address.c */
void mut_operands(enumerator *e, const mut_op *op); /* mutate_operand.c */
void mut_control(enumerator *e, const mut_op *op);  /* mutate_control.c */
void mut_pitches(enumerator *e);                    /* mutate_pitch.c */
void mut_pipes(enumerator *e, const mut_op *op);    /* mutate_pipe.c */
void mut_extents(enumerator *e);                    /* mutate_extent.c */

#endif
