/* ptolower_read_signature: the functions of a module, with their arguments. What stands in their
 * bodies is read by signature_body.c and signature_pipes.c. */
#include "api/signature.h"

#include "api/api.h"
#include "ir/build.h"

ptolower_place ptl_signature_place(ptl_arena *arena, MlirOperation op) {
  ptl_loc loc = ptl_loc_parts_of(arena, mlirOperationGetLocation(op)).loc;
  return (ptolower_place){loc.line, loc.column};
}

static const char *text_of(ptl_arena *arena, ptl_str text) {
  return ptl_arena_copy(arena, text.data, text.length);
}

/* ---- arguments ------------------------------------------------------------ */

static ptolower_argument argument_of(ptl_arena *arena, MlirOperation func, MlirBlock body,
                                     intptr_t index) {
  const char *name = ptl_argument_name(arena, func, index);
  const char *type = ptl_type_text(arena, mlirValueGetType(mlirBlockGetArgument(body, index))).data;
  ptl_str pointee = ptl_ptr_elem(ptl_str_of(type));
  return (ptolower_argument){.name = name ? name : "",
                             .type = type,
                             .pointee = pointee.length > 0 ? text_of(arena, pointee) : NULL};
}

static ptolower_argument *read_arguments(ptl_arena *arena, MlirOperation func,
                                         ptolower_function *out) {
  MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0));
  out->argument_count = (size_t)mlirBlockGetNumArguments(body);
  ptolower_argument *arguments =
      ptl_arena_array(arena, out->argument_count, sizeof(ptolower_argument));
  for (size_t i = 0; i < out->argument_count; i++) {
    arguments[i] = argument_of(arena, func, body, (intptr_t)i);
  }
  out->arguments = arguments;
  return arguments;
}

/* ---- functions ------------------------------------------------------------ */

static ptolower_kernel_kind kind_of(ptl_arena *arena, MlirOperation func) {
  const char *kind = ptl_attr_word(arena, func, "pto.kernel_kind");
  return ptl_str_is(ptl_str_of(kind), "cube")     ? PTOLOWER_CUBE
         : ptl_str_is(ptl_str_of(kind), "vector") ? PTOLOWER_VECTOR
                                                  : PTOLOWER_NO_KIND;
}

/* The reason for which its body is not read; NULL if it is. */
static const char *unread_of(ptl_arena *arena, MlirOperation func) {
  return ptl_has_attr(func, ptl_attr_opaque)
             ? text_of(arena, ptl_string_attr(func, ptl_attr_opaque))
         : ptl_has_branches(func) ? "it branches between blocks"
                                  : NULL;
}

static bool has_body(MlirOperation func) {
  return !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0)));
}

static void read_body(ptl_arena *arena, MlirOperation func, ptolower_function *out) {
  ptl_signature_body body = {.arena = arena,
                             .kernel = ptl_kernel_decode(arena, func),
                             .arguments = read_arguments(arena, func, out),
                             .out = out};
  ptl_signature_read_body(&body);
}

static ptolower_function read_function(ptl_arena *arena, MlirOperation func) {
  const char *unread = unread_of(arena, func);
  ptolower_function out = {
      .name = text_of(arena, ptl_string_attr(func, "sym_name")),
      .place = ptl_signature_place(arena, func),
      .kind = kind_of(arena, func),
      .is_private = !unread && ptl_str_is(ptl_string_attr(func, "sym_visibility"), "private"),
      .is_declaration = !unread && !has_body(func),
      .unread = unread};
  if (!unread && !out.is_declaration) {
    read_body(arena, func, &out);
  }
  return out;
}

/* ---- the module ----------------------------------------------------------- */

typedef struct module_reader {
  ptl_arena *arena;
  struct ptl_signature *out;
} module_reader;

static void note_arch(module_reader *in, MlirOperation module) {
  ptl_str arch = ptl_string_attr(module, "pto.target_arch");
  if (!in->out->arch && arch.length > 0) {
    in->out->arch = text_of(in->arena, arch);
  }
}

static void visit(MlirOperation op, void *user) {
  module_reader *in = user;
  struct ptl_signature *out = in->out;
  if (ptl_op_is(op, PTL_BUILTIN_MODULE)) {
    note_arch(in, op);
  } else if (ptl_op_is(op, PTL_FUNC_FUNC)) {
    out->functions = ptl_arena_more(in->arena, out->functions, out->count, &out->capacity,
                                    sizeof(ptolower_function));
    out->functions[out->count++] = read_function(in->arena, op);
  }
}

static void read_signature(ptolower_result *result) {
  ptl_arena *arena = &result->session.arena;
  MlirOperation module = mlirModuleGetOperation(result->session.module);
  result->signature = ptl_arena_alloc(arena, sizeof(*result->signature));
  module_reader in = {arena, result->signature};
  note_arch(&in, module);
  ptl_for_each_op(module, visit, &in);
}

ptolower_status ptolower_read_signature(const ptolower_options *options, const char *text,
                                        size_t length, ptolower_result **out) {
  ptolower_result *result = *out = ptl_api_result(options);
  if (!result) {
    return PTOLOWER_INTERNAL;
  }
  ptl_status status = ptl_api_read(result, (ptl_str){text, length});
  if (status == PTL_OK) {
    read_signature(result);
  }
  ptl_api_close(result);
  return (ptolower_status)status;
}

/* ---- results -------------------------------------------------------------- */

const ptolower_function *ptolower_result_function(const ptolower_result *result, size_t index) {
  const struct ptl_signature *read = result ? result->signature : NULL;
  return read && index < (size_t)read->count ? &read->functions[index] : NULL;
}

const char *ptolower_result_arch(const ptolower_result *result) {
  return result && result->signature ? result->signature->arch : NULL;
}
