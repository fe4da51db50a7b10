/* Reads the kernels that are to be one into one module, and what the user says of their arguments.
 */
#include <string.h>

#include "api/fusion.h"
#include "ir/build.h"

static const ptl_loc nowhere = {NULL, 0, 0, NULL};

static ptl_status refuse(ptl_fusion *f, ptl_code code, ptl_loc loc, const char *text) {
  ptl_diag_add(&f->session->diags, code, loc, "%s", text);
  return PTL_REFUSED;
}

/* ---- functions ------------------------------------------------------------ */

static void note_product(MlirOperation op, void *user) {
  bool *found = user;
  *found = *found || ptl_op_table[ptl_op_id_of(op)].pipe == PTL_SYNC_PIPE_M;
}

static bool multiplies(MlirOperation func) {
  bool found = false;
  ptl_for_each_op(func, note_product, &found);
  return found;
}

static bool is_wanted(MlirOperation op, const char *name) {
  return ptl_op_is(op, PTL_FUNC_FUNC) &&
         (name ? ptl_str_is(ptl_string_attr(op, "sym_name"), name) : multiplies(op));
}

/* Two functions of a module cannot have one name. */
static void make_unique(ptl_fusion *f, ptl_fusion_part *part) {
  for (int i = 0; i < f->count; i++) {
    if (strcmp(f->parts[i].name, part->name) == 0) {
      const char *name = ptl_arena_printf(&f->session->arena, "%s.%d", part->name, f->count);
      ptl_set_attr(part->func, "sym_name", ptl_string(f->session->context, ptl_str_of(name)));
    }
  }
}

static void add_part(ptl_fusion *f, MlirOperation func, const char *file) {
  ptl_arena *arena = &f->session->arena;
  ptl_str name = ptl_string_attr(func, "sym_name");
  ptl_fusion_part part = {.file = file,
                          .name = ptl_arena_copy(arena, name.data, name.length),
                          .func = func,
                          .original = mlirOperationClone(func),
                          .names = ptl_attr(func, ptl_attr_names)};
  part.label = ptl_arena_printf(arena, "%s#%s", file, part.name);
  make_unique(f, &part);
  mlirOperationRemoveAttributeByName(func, mlirStringRefCreateFromCString(ptl_attr_range));
  ptl_set_attr(func, ptl_attr_merge, ptl_string(f->session->context, ptl_str_of(part.label)));
  f->parts = ptl_arena_more(arena, f->parts, f->count, &f->capacity, sizeof(part));
  f->parts[f->count++] = part;
}

/* Takes the wanted functions out of a module. */
static ptl_status take(ptl_fusion *f, MlirModule module, const ptolower_kernel *kernel) {
  int before = f->count;
  const char *file = f->session->file;
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    if (is_wanted(op, kernel->function)) {
      mlirOperationRemoveFromParent(op);
      add_part(f, op, file);
    }
    op = next;
  }
  if (f->count > before) {
    return PTL_OK;
  }
  ptl_loc loc = {file, 0, 0, NULL};
  return refuse(f, PTL_CODE_KERNEL_NOT_KNOWN, loc,
                kernel->function
                    ? ptl_arena_printf(&f->session->arena,
                                       "no kernel of the file that could be read is named '%s'",
                                       kernel->function)
                    : "no function of the file multiplies");
}

/* ---- files ---------------------------------------------------------------- */

/* Replaces the session's module with that of a file; what is made of it is the caller's. */
static ptl_status read_file(ptl_fusion *f, const ptolower_options *options,
                            const ptolower_kernel *kernel) {
  ptl_session *session = f->session;
  session->file = ptl_arena_printf(&session->arena, "%s", kernel->file ? kernel->file : "<stdin>");
  session->module = (MlirModule){NULL};
  ptl_str source = {kernel->data, kernel->length};
  return ptl_api_open(f->result, options, source);
}

static void empty(MlirModule module) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
  while (!mlirOperationIsNull(op)) {
    MlirOperation next = mlirOperationGetNextInBlock(op);
    mlirOperationDestroy(op);
    op = next;
  }
  mlirOperationRemoveAttributeByName(mlirModuleGetOperation(module),
                                     mlirStringRefCreateFromCString(ptl_attr_source));
}

/* Reads one more file; the module of the first stays the session's. */
static ptl_status add_file(ptl_fusion *f, const ptolower_options *options,
                           const ptolower_kernel *kernel) {
  ptl_session *session = f->session;
  MlirModule first = session->module;
  const ptl_target *target = session->target;
  ptl_status status = read_file(f, options, kernel);
  if (status == PTL_OK && !mlirModuleIsNull(first) && session->target != target &&
      strcmp(session->target->name, target->name) != 0) {
    ptl_loc loc = {session->file, 0, 0, NULL};
    status = refuse(f, PTL_CODE_KERNELS_UNLIKE, loc,
                    ptl_arena_printf(&session->arena,
                                     "'%s' and '%s' cannot be one kernel: they are for different "
                                     "chips",
                                     f->parts[0].label, session->file));
  }
  if (status == PTL_OK) {
    status = take(f, session->module, kernel);
  }
  if (mlirModuleIsNull(first)) {
    return status;
  }
  if (!mlirModuleIsNull(session->module)) {
    mlirModuleDestroy(session->module);
  }
  session->module = first;
  return status;
}

ptl_status ptl_fusion_read(ptl_fusion *f, const ptolower_options *options,
                           const ptolower_kernel *kernels, size_t count) {
  ptl_status status = PTL_OK;
  for (size_t i = 0; i < count && status == PTL_OK; i++) {
    status = add_file(f, options, &kernels[i]);
  }
  if (status == PTL_OK && f->count < 2) {
    status = refuse(f, PTL_CODE_KERNEL_NOT_KNOWN, nowhere,
                    "there is one kernel; one of several takes at least two");
  }
  if (status == PTL_OK) {
    empty(f->session->module);
  }
  for (int i = 0; i < f->count; i++) {
    if (status == PTL_OK) {
      mlirBlockAppendOwnedOperation(mlirModuleGetBody(f->session->module), f->parts[i].func);
    } else {
      mlirOperationDestroy(f->parts[i].func);
    }
  }
  return status;
}

/* ---- what the user names -------------------------------------------------- */

/* An argument of a part. */
typedef struct place {
  int part, argument;
} place;

static bool find_argument(const ptl_fusion_part *part, ptl_str name, int *out) {
  for (intptr_t i = 0; i < mlirArrayAttrGetNumElements(part->names); i++) {
    MlirStringRef own = mlirStringAttrGetValue(mlirArrayAttrGetElement(part->names, i));
    if (ptl_str_equal((ptl_str){own.data, own.length}, name)) {
      *out = (int)i;
      return true;
    }
  }
  return false;
}

/* Reads LABEL:ARGUMENT, up to `end`; the name may have its %. */
static bool read_place(const ptl_fusion *f, ptl_str word, place *out) {
  for (int i = 0; i < f->count; i++) {
    const ptl_fusion_part *part = &f->parts[i];
    size_t length = strlen(part->label);
    if (word.length <= length + 1 || !ptl_str_starts_with(word, part->label) ||
        word.data[length] != ':' || mlirAttributeIsNull(part->names)) {
      continue;
    }
    ptl_str name = {word.data + length + 1, word.length - length - 1};
    if (name.data[0] == '%') {
      name = (ptl_str){name.data + 1, name.length - 1};
    }
    if (find_argument(part, name, &out->argument)) {
      out->part = i;
      return true;
    }
  }
  return false;
}

/* Reads PLACE=PLACE; a file's name may hold an equals sign. */
static bool read_pair(const ptl_fusion *f, ptl_str line, place out[2]) {
  for (size_t at = 0; at < line.length; at++) {
    ptl_str first = {line.data, at}, second = {line.data + at + 1, line.length - at - 1};
    if (line.data[at] == '=' && read_place(f, first, &out[0]) && read_place(f, second, &out[1])) {
      return true;
    }
  }
  return false;
}

/* Gives both arguments one number; what had that of the second has it, too. */
static void unite(int64_t **numbers, const ptl_fusion *f, const place pair[2], int64_t fresh) {
  int64_t *first = &numbers[pair[0].part][pair[0].argument];
  int64_t old = numbers[pair[1].part][pair[1].argument];
  *first = *first ? *first : fresh;
  numbers[pair[1].part][pair[1].argument] = *first;
  for (int i = 0; i < f->count && old; i++) {
    for (intptr_t j = 0; j < mlirArrayAttrGetNumElements(f->parts[i].names); j++) {
      numbers[i][j] = numbers[i][j] == old ? *first : numbers[i][j];
    }
  }
}

ptl_status ptl_fusion_name_same(ptl_fusion *f, const char *same) {
  ptl_arena *arena = &f->session->arena;
  int64_t **numbers = ptl_arena_array(arena, (size_t)f->count, sizeof(*numbers)), fresh = 0;
  for (int i = 0; i < f->count; i++) {
    size_t count = mlirAttributeIsNull(f->parts[i].names)
                       ? 0
                       : (size_t)mlirArrayAttrGetNumElements(f->parts[i].names);
    numbers[i] = ptl_arena_array(arena, count + 1, sizeof(int64_t));
  }
  while (same && *same) {
    ptl_str line = {same, strcspn(same, "\n")};
    place pair[2];
    if (!read_pair(f, line, pair)) {
      return refuse(f, PTL_CODE_SAME_UNKNOWN, nowhere,
                    ptl_arena_printf(arena,
                                     "--same names no two arguments of the kernels: '%.*s'; they "
                                     "are written %s:ARGUMENT=%s:ARGUMENT",
                                     (int)line.length, line.data, f->parts[0].label,
                                     f->parts[1].label));
    }
    unite(numbers, f, pair, ++fresh);
    same += line.length + (same[line.length] == '\n');
  }
  for (int i = 0; fresh && i < f->count; i++) {
    intptr_t count =
        mlirAttributeIsNull(f->parts[i].names) ? 0 : mlirArrayAttrGetNumElements(f->parts[i].names);
    ptl_set_attr(f->parts[i].func, ptl_attr_same,
                 mlirDenseI64ArrayGet(f->session->context, count, numbers[i]));
  }
  return PTL_OK;
}
