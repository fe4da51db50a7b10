/* What a merged function has to do: the effects of the kernels that it was made of, and those
 * kernels one after the other in a function, to be run. Made from copies of what was read; of what
 * the passes did it takes only which argument is which. */
#include "api/fusion.h"
#include "asm/asm.h"
#include "ir/build.h"
#include "kernel/kernel.h"
#include "passes/passes.h"
#include "summary/effects.h"

int ptl_fusion_argument(MlirOperation merged, int part, int argument) {
  MlirAttribute all = ptl_attr(merged, ptl_attr_merged);
  return (int)mlirDenseI64ArrayGetElement(mlirArrayAttrGetElement(all, part), argument);
}

static MlirBlock body_of(MlirOperation func) {
  return mlirRegionGetFirstBlock(mlirOperationGetRegion(func, 0));
}

/* Gives a copy the arguments of the merged function. */
static void give_arguments(MlirOperation merged, int part, MlirOperation func) {
  MlirBlock own = body_of(func), other = body_of(merged);
  intptr_t before = mlirBlockGetNumArguments(own), count = mlirBlockGetNumArguments(other);
  for (intptr_t i = 0; i < count; i++) {
    mlirBlockAddArgument(own, mlirValueGetType(mlirBlockGetArgument(other, i)),
                         mlirOperationGetLocation(func));
  }
  for (intptr_t i = before; i-- > 0;) {
    ptl_replace_uses(mlirBlockGetArgument(own, i),
                     mlirBlockGetArgument(own, before + ptl_fusion_argument(merged, part, (int)i)));
    mlirBlockEraseArgument(own, (unsigned)i);
    before--;
  }
  static const char *const taken[] = {"sym_name", "function_type", ptl_attr_names};
  for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
    ptl_set_attr(func, taken[i], ptl_attr(merged, taken[i]));
  }
}

/* The lines of one kernel, as an array attribute. What its accumulators are is asked as when it is
 * lowered. */
static MlirAttribute effects_of(ptl_session *session, MlirOperation func) {
  ptl_join_function(session, func);
  const ptl_kernel *kernel = ptl_kernel_decode(&session->arena, func);
  ptl_effects effects = ptl_kernel_effects(&session->arena, kernel, session->target);
  MlirAttribute *lines =
      ptl_arena_array(&session->arena, (size_t)effects.count + 1, sizeof(*lines));
  for (int i = 0; i < effects.count; i++) {
    lines[i] = ptl_string(session->context, ptl_str_of(effects.lines[i]));
  }
  return mlirArrayAttrGet(session->context, effects.count, lines);
}

/* Moves the body of a copy behind that of the first one. */
static void append(MlirOperation host, MlirOperation func) {
  MlirBlock to = body_of(host), from = body_of(func);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(from); i++) {
    ptl_replace_uses(mlirBlockGetArgument(from, i), mlirBlockGetArgument(to, i));
  }
  MlirOperation end = mlirBlockGetTerminator(to), last = mlirBlockGetTerminator(from);
  for (MlirOperation op = mlirBlockGetFirstOperation(from); !mlirOperationEqual(op, last);) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    mlirOperationMoveBefore(op, end);
    op = next;
  }
}

ptl_status ptl_fusion_reference(ptl_fusion *f, MlirOperation merged, ptl_str *text) {
  ptl_session *session = f->session;
  MlirAttribute *effects = ptl_arena_array(&session->arena, (size_t)f->count, sizeof(*effects));
  for (int i = 0; i < f->count; i++) {
    give_arguments(merged, i, f->parts[i].original);
    effects[i] = effects_of(session, f->parts[i].original);
  }
  ptl_set_attr(merged, ptl_attr_effects, mlirArrayAttrGet(session->context, f->count, effects));
  for (int i = 1; i < f->count; i++) {
    append(f->parts[0].original, f->parts[i].original);
  }
  ptl_strbuf out;
  ptl_strbuf_init(&out, &session->arena);
  ptl_strbuf_printf(&out, "module attributes {pto.target_arch = \"%s\"} {\n",
                    ptl_target_module_arch(session->target));
  ptl_status status =
      ptl_asm_write_func(f->parts[0].original, &session->places, &session->diags, &out);
  ptl_strbuf_puts(&out, "\n}\n");
  *text = (ptl_str){out.data, out.length};
  return status;
}
