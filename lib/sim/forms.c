/* Which operands an op may have: MLIR does not know the dialect, so it has not checked them. */
#include "sim/scalar.h"

/* A letter for each operand: t tile, m multi tile, v view, p pointer, i integer, s scalar, x tile
 * or scalar, a anything; * none or more of the letter before. After >, the results. */
typedef struct exec_form {
  ptl_sim_exec *exec;
  const char *form;
} exec_form;

static const exec_form forms[] = {
    {ptl_sim_addptr, "pi>p"},      {ptl_sim_make_view, "pi*>v"}, {ptl_sim_part, "vi*>v"},
    {ptl_sim_load, "vt"},          {ptl_sim_store, "ti*v"},      {ptl_sim_load_scalar, "pi>s"},
    {ptl_sim_store_scalar, "spi"}, {ptl_sim_alloc, "i*>t"},      {ptl_sim_set_valid, "tii"},
    {ptl_sim_get_valid, "t>i*"},   {ptl_sim_subview, "tiii*>t"}, {ptl_sim_extract, "tiit"},
    {ptl_sim_move, "tt"},          {ptl_sim_matmul, "tttt*"},    {ptl_sim_reserve, ">i"},
    {ptl_sim_init_pipe, "a*"},     {ptl_sim_push_tile, "ti*"},   {ptl_sim_pop_tile, "i*>t"},
    {ptl_sim_free_slot, "a*"},     {ptl_sim_unary, "ttt*"},      {ptl_sim_binary, "xxtt*"},
    {ptl_sim_convert, "ttt*"},     {ptl_sim_expand, "ttt*"},     {ptl_sim_reduce, "ttt*"},
    {ptl_sim_splat, "st"},         {ptl_sim_concat, "ttt"},      {ptl_sim_fillpad, "tt"},
    {ptl_sim_getval, "ti>s"},      {ptl_sim_setval, "ist"},      {ptl_sim_block_value, ">i"},
    {ptl_sim_count, "it"},         {ptl_sim_transpose, "ttt*"},  {ptl_sim_pick, "ttt*"},
    {ptl_sim_same_integer, "i>i"}, {ptl_sim_nothing, "a*"},      {ptl_sim_alloc_multi, "i*>m"},
    {ptl_sim_slot, "mi>t"},        {ptl_sim_reshape, "t>t"},
};

static bool is_kind(const ptl_sim_program *program, int value, char letter) {
  const ptl_value *known = &program->kernel->values[value];
  const ptl_sim_type *type = &program->types[value];
  bool is_scalar = type->bits > 0 || type->real != PTL_ELEM_NONE;
  switch (letter) {
  case 't':
    return known->is_tile;
  case 'm':
    return known->slot_count > 0;
  case 'v':
    return !known->is_tile && type->is_view;
  case 'p':
    return !known->is_tile && !type->is_view && type->elem != PTL_ELEM_NONE;
  case 'i':
    return type->bits > 0;
  case 's':
    return is_scalar;
  case 'x':
    return is_scalar || known->is_tile;
  default:
    return true;
  }
}

/* Matches values against letters up to `>` or the end. */
static bool matches(const ptl_sim_program *program, const char *form, const int *values, int first,
                    int count) {
  int at = 0;
  while (*form && *form != '>') {
    bool repeats = form[1] == '*';
    bool fits = at < count && is_kind(program, values ? values[at] : first + at, *form);
    at += fits ? 1 : 0;
    if (!fits && !repeats) {
      return false;
    }
    if (!fits || !repeats) {
      form += repeats ? 2 : 1;
    }
  }
  return at == count;
}

static const char *results_of(const char *form) {
  while (*form && *form != '>') {
    form++;
  }
  return *form ? form + 1 : form;
}

bool ptl_sim_has_form(const ptl_sim_program *program, const ptl_op *op, const ptl_sim_code *code) {
  if (code->exec == ptl_sim_expand && code->function != PTL_FN_COPY && op->operand_count < 3) {
    return false;
  }
  for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
    if (forms[i].exec == code->exec) {
      return matches(program, forms[i].form, op->operands, 0, op->operand_count) &&
             matches(program, results_of(forms[i].form), NULL, op->first_result, op->result_count);
    }
  }
  return true; /* of arith: MLIR has looked */
}
