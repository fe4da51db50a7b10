/* Compares the names of a kernel's ops with what is known of the versions of ptoas. */
#include "api/absent_ops.h"

#include "ir/build.h"

/* "; there it is pto.load": what the row's other name is good for; empty if it has none that the
 * version has. */
static const char *hint_of(ptl_arena *arena, const ptl_op_row *row, ptl_str name,
                           ptl_version version) {
  if (!row->also) {
    return "";
  }
  const char *other = ptl_str_is(name, row->name) ? row->also : row->name;
  ptl_version with;
  return ptl_op_missing(row, ptl_str_of(other), version, &with) == PTL_OP_NOT_MISSING
             ? ptl_arena_printf(arena, "; there it is %s", other)
             : "";
}

static void tell_op(ptl_remarks *remarks, const ptl_op *op, ptl_version version) {
  const ptl_op_row *row = ptl_row(op);
  ptl_str name = ptl_op_name(op->op);
  ptl_version with;
  ptl_op_absence absence = ptl_op_missing(row, name, version, &with);
  if (absence == PTL_OP_NOT_MISSING) {
    return;
  }
  ptl_remarks_add(
      remarks,
      (ptl_remark){.code = PTL_CODE_ABSENT_OP,
                   .op = op,
                   .text = ptl_arena_printf(
                       remarks->arena, "ptoas %d.%d %s %.*s, which %d.%d has%s", version.major,
                       version.minor, absence == PTL_OP_NOT_YET ? "does not have" : "no longer has",
                       (int)name.length, name.data, with.major, with.minor,
                       hint_of(remarks->arena, row, name, version))});
}

static void tell_block(ptl_remarks *remarks, const ptl_block *block, ptl_version version) {
  for (int i = 0; block && i < block->op_count; i++) {
    tell_op(remarks, &block->ops[i], version);
    tell_block(remarks, block->ops[i].blocks[0], version);
    tell_block(remarks, block->ops[i].blocks[1], version);
  }
}

void ptl_tell_absent_ops(ptl_remarks *remarks, const ptl_kernel *kernel, const ptl_ptoas *ptoas) {
  if (ptoas->version.major > 0 || ptoas->version.minor > 0) {
    tell_block(remarks, kernel->body, ptoas->version);
  }
}
