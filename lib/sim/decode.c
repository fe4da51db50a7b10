/* From decoded kernels to programs: how each op is run. */
#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/BuiltinTypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scalar.h"

static ptl_str name_of(const ptl_op *op) {
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(op->op));
  return (ptl_str){name.data, name.length};
}

static void append_text(MlirStringRef part, void *user) {
  ptl_strbuf_add(user, part.data, part.length);
}

static const char *attribute_text(ptl_arena *arena, const ptl_op *op, const char *name) {
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(name));
  if (mlirAttributeIsNull(attribute)) {
    return "";
  }
  ptl_strbuf text;
  ptl_strbuf_init(&text, arena);
  mlirAttributePrint(attribute, append_text, &text);
  return text.data;
}

int64_t ptl_sim_integer_attribute(const ptl_op *op, const char *name, int64_t otherwise) {
  MlirAttribute attribute =
      mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString(name));
  bool is_integer = !mlirAttributeIsNull(attribute) && mlirAttributeIsAInteger(attribute);
  return is_integer ? mlirIntegerAttrGetValueInt(attribute) : otherwise;
}

static ptl_round round_of(const char *text) {
  static const struct {
    const char *name;
    ptl_round mode;
  } modes[] = {{"ROUND>", PTL_ROUND_ROUND},
               {"FLOOR", PTL_ROUND_FLOOR},
               {"CEIL", PTL_ROUND_CEIL},
               {"TRUNC", PTL_ROUND_TRUNC},
               {"ODD", PTL_ROUND_ODD}};
  for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
    if (strstr(text, modes[i].name)) {
      return modes[i].mode;
    }
  }
  return PTL_ROUND_RINT; /* NONE, RINT, CAST_RINT */
}

/* A bit for each of four elements, the first one lowest: P0101 are the first and the third. 0:
 * there is no mask, or it picks rows. */
static int mask_of(ptl_arena *arena, const ptl_op *op) {
  const char *at = strchr(attribute_text(arena, op, "maskPattern"), 'P');
  bool by_column = strstr(attribute_text(arena, op, "axis"), "col") != NULL;
  return at && !by_column ? (int)strtol(at + 1, NULL, 2) : 0;
}

static void decode_attributes(ptl_arena *arena, const ptl_op *op, ptl_sim_code *code) {
  if (code->exec == ptl_sim_convert) {
    code->round = round_of(attribute_text(arena, op, "rmode"));
  } else if (code->exec == ptl_sim_store) {
    code->adds = strstr(attribute_text(arena, op, "atomicType"), "atomic_add") != NULL;
    code->relu = strstr(attribute_text(arena, op, "reluPreMode"), "normal_relu") != NULL;
  } else if (code->exec == ptl_sim_make_view) {
    code->function = strstr(attribute_text(arena, op, "layout"), "dn") != NULL;
  } else if (code->exec == ptl_sim_count) {
    code->function = strcmp(attribute_text(arena, op, "descending"), "true") == 0;
  } else if (code->exec == ptl_sim_pick) {
    code->function = mask_of(arena, op);
  } else if (code->exec == ptl_sim_real_compare) {
    code->function = (int)ptl_sim_integer_attribute(op, "predicate", 0);
  } else if (code->exec == ptl_sim_constant && op->kind != PTL_OP_CONST) {
    MlirAttribute value =
        mlirOperationGetAttributeByName(op->op, mlirStringRefCreateFromCString("value"));
    code->real = mlirAttributeIsAFloat(value) ? mlirFloatAttrGetValueDouble(value) : 0.0;
  }
  code->split = ptl_sim_integer_attribute(op, "split", 0);
  code->pipe = ptl_sim_integer_attribute(op, "id", 0);
}

/* Ops with a kind have the operands that their kind says; forms that the decoder left
 * as OTHER are only run where the family is ready for them. */
static bool has_known_form(const ptl_op *op, const ptl_sim_code *code) {
  if (code->exec == ptl_sim_move || code->exec == ptl_sim_extract ||
      code->exec == ptl_sim_make_view || code->exec == ptl_sim_part || code->exec == ptl_sim_load ||
      code->exec == ptl_sim_compare || code->exec == ptl_sim_set_valid ||
      code->exec == ptl_sim_alloc || code->exec == ptl_sim_alloc_multi ||
      code->exec == ptl_sim_slot) {
    return op->kind != PTL_OP_OTHER && op->rank <= PTL_SIM_MAX_RANK;
  }
  if (code->exec == ptl_sim_matmul) {
    return op->operand_count == (code->function == 0 ? 3 : 4);
  }
  if (code->exec == ptl_sim_pick) {
    return (op->operand_count == 2) == (code->function != 0);
  }
  if (code->exec == ptl_sim_store) {
    return op->operand_count == 2 || op->operand_count == 3;
  }
  return code->pipe >= 0 && code->pipe < PTL_SIM_PIPES;
}

/* ---- types -------------------------------------------------------------- */

static int bits_of(MlirType type) {
  return mlirTypeIsAIndex(type)     ? 64
         : mlirTypeIsAInteger(type) ? (int)mlirIntegerTypeGetWidth(type)
                                    : 0;
}

static ptl_elem real_of(MlirType type) {
  return mlirTypeIsAF32(type)    ? PTL_ELEM_F32
         : mlirTypeIsAF16(type)  ? PTL_ELEM_F16
         : mlirTypeIsABF16(type) ? PTL_ELEM_BF16
                                 : PTL_ELEM_NONE;
}

/* Larger tiles fit no buffer; their bytes would not fit an int64_t either. */
enum { MAX_EXTENT = 1 << 20 };

static void decode_type(ptl_arena *arena, const ptl_value *value, const ptl_target *target,
                        ptl_sim_type *out) {
  MlirType type = mlirValueGetType(value->value);
  out->bits = bits_of(type);
  out->real = real_of(type);
  bool has_tile = value->is_tile || value->slot_count > 0;
  if (has_tile && value->tile.rows <= MAX_EXTENT && value->tile.cols <= MAX_EXTENT) {
    out->elem = value->tile.elem;
    out->layout = ptl_sim_layout_of(&value->tile, target);
  } else if (mlirTypeIsAOpaque(type)) {
    ptl_str str = ptl_type_text(arena, type);
    out->elem = ptl_ptr_type_parse(str);
    ptl_view_shape view;
    out->is_view = ptl_view_shape_parse(str, &view);
    if (out->is_view) {
      out->elem = ptl_elem_find(view.elem);
    }
  }
}

/* ---- programs ----------------------------------------------------------- */

typedef struct preparation {
  ptl_arena *arena;
  const ptl_target *target;
  ptl_diags *diags;
  ptl_sim_program *program;
  bool tells_move, tells_size[PTL_SPACE_COUNT]; /* what was told of the function already */
} preparation;

/* Whether all operands and results are of types that are known. */
static bool has_known_types(const ptl_sim_program *program, const ptl_op *op) {
  for (int i = 0; i < op->operand_count + op->result_count; i++) {
    int number = i < op->operand_count ? op->operands[i] : op->first_result + i - op->operand_count;
    const ptl_sim_type *type = &program->types[number];
    MlirType mlir = mlirValueGetType(program->kernel->values[number].value);
    bool is_real = type->real != PTL_ELEM_NONE || mlirTypeIsAF64(mlir);
    if (type->bits == 0 && !is_real && type->elem == PTL_ELEM_NONE) {
      return false;
    }
  }
  return true;
}

static void note_extents(ptl_sim_program *program, const ptl_op *op) {
  const ptl_block *body = program->kernel->body;
  for (int i = 0; op->kind == PTL_OP_VIEW && i < op->rank; i++) {
    int argument = op->operands[1 + i] - body->first_argument;
    if (argument >= 0 && argument < body->argument_count) {
      program->is_extent[argument] = true;
    }
  }
}

static const ptl_tile_type *tile_of(const ptl_sim_program *program, int value) {
  const ptl_value *known = &program->kernel->values[value];
  return known->is_tile || known->slot_count > 0 ? &known->tile : NULL;
}

static bool is_told(const ptl_diags *diags, ptl_code code, const ptl_loc *loc) {
  for (size_t i = 0; i < diags->count; i++) {
    const ptl_diag *diag = &diags->items[i];
    if (diag->code == code && diag->loc.line == loc->line && diag->loc.column == loc->column) {
      return true;
    }
  }
  return false;
}

/* Says what of an op runs here, though no chip can do it. */
static void tell_beyond(preparation *p, const ptl_op *op, const char *text) {
  ptl_loc loc = ptl_op_loc(p->diags->arena, op);
  if (!is_told(p->diags, PTL_CODE_SIM_BEYOND_CHIP, &loc)) {
    ptl_diag_add(p->diags, PTL_CODE_SIM_BEYOND_CHIP, loc, "%s", text);
  }
}

/* The first move between accumulators. */
static void tell_move(preparation *p, const ptl_op *op) {
  const ptl_tile_type *from = tile_of(p->program, op->operands[0]);
  const ptl_tile_type *to = tile_of(p->program, op->operands[1]);
  if (!p->tells_move && from && to && from->space == PTL_SPACE_ACC && to->space == PTL_SPACE_ACC) {
    tell_beyond(p, op, "this is run as a copy: no chip moves an accumulator into another");
    p->tells_move = true;
  }
}

/* The first tile of a space without an address that is larger than its buffer. */
static void tell_size(preparation *p, const ptl_op *op) {
  const ptl_tile_type *type = tile_of(p->program, op->first_result);
  int64_t bytes = p->program->types[op->first_result].layout.bytes;
  int64_t room = type ? p->target->capacity_bytes[type->space] : bytes;
  if (op->address < 0 && bytes > room && !p->tells_size[type->space]) {
    tell_beyond(p, op,
                ptl_arena_printf(p->diags->arena,
                                 "this tile of %lld bytes has bytes of its own: '%s' has %lld",
                                 (long long)bytes, ptl_space_name(type->space), (long long)room));
    p->tells_size[type->space] = true;
  }
}

static void tell_what_no_chip_does(preparation *p, const ptl_op *op) {
  if (op->kind == PTL_OP_MOVE) {
    tell_move(p, op);
  } else if (op->kind == PTL_OP_ALLOC || op->kind == PTL_OP_ALLOC_MULTI) {
    tell_size(p, op);
  }
}

static bool prepare_op(preparation *p, const ptl_op *op) {
  const ptl_op_row *row = ptl_row(op);
  ptl_sim_code *code = &p->program->code[op->index];
  bool known = row->run == PTL_RUN_STRUCTURE;
  note_extents(p->program, op);
  code->exec = ptl_sim_exec_of(row->run);
  if (code->exec) {
    code->function = row->function;
    code->by_row = row->by_row;
    decode_attributes(p->arena, op, code);
    known = has_known_form(op, code) && has_known_types(p->program, op) &&
            ptl_sim_has_form(p->program, op, code);
  }
  if (!known) {
    ptl_str name = name_of(op);
    ptl_diag_add(p->diags, PTL_CODE_NOT_SIMULATED, ptl_op_loc(p->diags->arena, op),
                 "'%.*s' %s not simulated", (int)name.length, name.data,
                 code->exec ? "with these operands is" : "is");
  } else {
    tell_what_no_chip_does(p, op);
  }
  return known;
}

static ptl_status prepare_block(preparation *p, const ptl_block *block) {
  for (int i = 0; i < block->op_count; i++) {
    const ptl_op *op = &block->ops[i];
    if (!prepare_op(p, op)) {
      return PTL_REFUSED;
    }
    for (int j = 0; j < 2; j++) {
      if (op->blocks[j] && prepare_block(p, op->blocks[j]) != PTL_OK) {
        return PTL_REFUSED;
      }
    }
  }
  return PTL_OK;
}

ptl_status ptl_sim_prepare(ptl_arena *arena, const ptl_kernel *kernel, const ptl_target *target,
                           ptl_diags *diags, ptl_sim_program **out) {
  ptl_sim_program *program = ptl_arena_alloc(arena, sizeof(*program));
  preparation p = {.arena = arena, .target = target, .diags = diags, .program = program};
  program->kernel = kernel;
  program->code = ptl_arena_array(arena, (size_t)kernel->op_count, sizeof(ptl_sim_code));
  program->types = ptl_arena_array(arena, (size_t)kernel->value_count, sizeof(ptl_sim_type));
  int arguments = kernel->body->argument_count;
  program->arg_names = ptl_arena_array(arena, (size_t)arguments, sizeof(char *));
  program->is_extent = ptl_arena_array(arena, (size_t)arguments, sizeof(bool));
  for (int i = 0; i < kernel->value_count; i++) {
    decode_type(arena, &kernel->values[i], target, &program->types[i]);
  }
  for (int i = 0; i < arguments; i++) {
    program->arg_names[i] = ptl_sim_argument_name(arena, kernel, i);
  }
  *out = program;
  return prepare_block(&p, kernel->body);
}

const char *ptl_sim_argument_name(ptl_arena *arena, const ptl_kernel *kernel, int index) {
  const char *name = ptl_argument_name(arena, kernel->func, index);
  return name ? name : ptl_arena_printf(arena, "arg%d", index);
}
