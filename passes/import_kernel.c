/* Makes the kernel of a function on tensors: its arguments, their names, and where rows that are
 * dynamic come in. */
#include <inttypes.h>
#include <string.h>

#include "asm/asm.h"
#include "ir/dynamic_rows.h"
#include "passes/import.h"

static MlirType pointer_type(ptl_importer *im, MlirType type) {
  return mlirTypeIsATensor(type) ? ptl_type(im->session->context,
                                            ptl_arena_printf(&im->session->arena, "!pto.ptr<%s>",
                                                             ptl_elem_name(ptl_tensor_elem(type))))
                                 : type;
}

MlirType ptl_import_result_type(ptl_importer *im, intptr_t index) {
  return mlirValueGetType(mlirOperationGetOperand(im->in.terminator, index));
}

/* "gate" for `return %gate, ...`, made different from the names before it. */
static const char *result_name(ptl_importer *im, intptr_t index) {
  MlirValue value = mlirOperationGetOperand(im->in.terminator, index);
  MlirOperation op = mlirOpResultGetOwner(value);
  const char *name = ptl_places_get(&im->session->places, mlirOperationGetLocation(op)).name;
  bool is_own = name && !(name[0] >= '0' && name[0] <= '9') && !ptl_is_dual(op);
  const char *base = is_own ? name : ptl_arena_printf(&im->session->arena, "out%" PRIdPTR, index);
  for (intptr_t i = 0; i < im->argument_count + index; i++) {
    if (strcmp(im->names[i], base) == 0) {
      base = ptl_arena_printf(&im->session->arena, "%s_%" PRIdPTR, base, index);
      i = -1;
    }
  }
  return base;
}

static const char *argument_name(ptl_importer *im, intptr_t index) {
  MlirAttribute names = ptl_attr(im->in.func, ptl_attr_names);
  if (mlirAttributeIsNull(names) || !mlirAttributeIsAArray(names) ||
      index >= mlirArrayAttrGetNumElements(names)) {
    return ptl_arena_printf(&im->session->arena, "arg%" PRIdPTR, index);
  }
  MlirStringRef text = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, index));
  return ptl_arena_copy(&im->session->arena, text.data, text.length);
}

static void create_kernel(ptl_importer *im, const MlirType *types, const MlirLocation *locations) {
  MlirContext context = im->session->context;
  intptr_t count = im->argument_count + im->result_count + im->rows_count;
  MlirAttribute *names = ptl_arena_array(&im->session->arena, (size_t)count, sizeof(*names));
  for (intptr_t i = 0; i < count; i++) {
    names[i] = ptl_string(context, ptl_str_of(im->names[i]));
  }
  MlirBlock block = mlirBlockCreate(count, types, locations);
  MlirRegion region = mlirRegionCreate();
  mlirRegionAppendOwnedBlock(region, block);
  MlirType type = mlirFunctionTypeGet(context, count, types, 0, NULL);
  MlirNamedAttribute attributes[] = {
      ptl_named(context, "sym_name", ptl_attr(im->in.func, "sym_name")),
      ptl_named(context, "function_type", mlirTypeAttrGet(type)),
      ptl_named(
          context, "pto.kernel_kind",
          mlirAttributeParseGet(context, mlirStringRefCreateFromCString("#pto.kernel_kind<cube>"))),
      ptl_named(context, ptl_attr_names, mlirArrayAttrGet(context, count, names)),
      ptl_named(context, ptl_attr_imported, mlirUnitAttrGet(context)),
      ptl_named(context, ptl_attr_changed, mlirUnitAttrGet(context)),
  };
  ptl_builder at = ptl_builder_before(im->session, im->in.func);
  ptl_op_spec spec = {.id = PTL_FUNC_FUNC,
                      .attributes = attributes,
                      .attribute_count = sizeof(attributes) / sizeof(attributes[0]),
                      .region = region};
  im->kernel = ptl_build(&at, &spec);
  im->builder = ptl_builder_at_end(im->session, block, mlirOperationGetLocation(im->in.func));
  im->builder.entry = block;
}

static MlirValue argument_of(const ptl_importer *im, intptr_t index) {
  return mlirBlockGetArgument(im->in.block, index);
}

/* Where the kernel takes the rows of an argument that has dynamic ones. */
intptr_t ptl_import_rows_argument(const ptl_importer *im, intptr_t argument) {
  return im->argument_count + im->result_count + ptl_dynamic_rows_number(im->in.block, argument);
}

static void count_arguments(ptl_importer *im) {
  im->argument_count = mlirBlockGetNumArguments(im->in.block);
  im->result_count = mlirOperationGetNumOperands(im->in.terminator);
  im->rows_count = ptl_dynamic_rows_number(im->in.block, im->argument_count);
  size_t count = (size_t)(im->argument_count + im->result_count + im->rows_count);
  ptl_arena *arena = &im->session->arena;
  im->names = ptl_arena_array(arena, count, sizeof(*im->names));
  im->views = ptl_arena_array(arena, count, sizeof(*im->views));
  im->parts = ptl_arena_array(arena, count, sizeof(*im->parts));
  im->batch_parts = ptl_arena_array(arena, count, sizeof(*im->batch_parts));
  im->rows = ptl_arena_array(arena, count, sizeof(*im->rows));
  im->pointers = ptl_arena_array(arena, count, sizeof(*im->pointers));
}

/* Tensors as pointers, results, and the rows that are dynamic. */
static void describe_arguments(ptl_importer *im, MlirType *types) {
  for (intptr_t i = 0; i < im->argument_count; i++) {
    MlirType type = mlirValueGetType(argument_of(im, i));
    types[i] = pointer_type(im, type);
    im->names[i] = argument_name(im, i);
    if (ptl_has_dynamic_rows(type)) {
      intptr_t at = ptl_import_rows_argument(im, i);
      types[at] = mlirIndexTypeGet(im->session->context);
      im->names[at] = ptl_arena_printf(&im->session->arena, "%s_rows", im->names[i]);
    }
  }
  for (intptr_t i = 0; i < im->result_count; i++) {
    types[im->argument_count + i] = pointer_type(im, ptl_import_result_type(im, i));
    im->names[im->argument_count + i] = result_name(im, i);
  }
}

void ptl_import_begin_kernel(ptl_importer *im) {
  count_arguments(im);
  size_t count = (size_t)(im->argument_count + im->result_count + im->rows_count);
  ptl_arena *arena = &im->session->arena;
  MlirType *types = ptl_arena_array(arena, count, sizeof(*types));
  MlirLocation *locations = ptl_arena_array(arena, count, sizeof(*locations));
  describe_arguments(im, types);
  for (size_t i = 0; i < count; i++) {
    locations[i] = mlirOperationGetLocation(im->in.func);
  }
  create_kernel(im, types, locations);
  for (size_t i = 0; i < count; i++) {
    im->pointers[i] = mlirBlockGetArgument(
        mlirRegionGetFirstBlock(mlirOperationGetRegion(im->kernel, 0)), (intptr_t)i);
  }
}
