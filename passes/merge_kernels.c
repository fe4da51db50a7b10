/* merge-kernels: make one kernel of several that share a left operand.
 *
 * Requires: functions with ptolower.merge, raised; a module without any is left alone.
 * Produces: the first of them with the arguments and the products of all, of the name that the
 *   module gives, and nothing left of the code that computed the products before. Its effects and
 *   those of the others alternate; loops of equal bounds in which they stand are one. Products that
 *   share their left operand there are of one group. ptolower.merged says which argument is which.
 *   A function that no ptoas compiles makes the merged one such a function.
 * Refuses (there is no output): functions whose products are not known, which do other things than
 *   to store products, one of which stores what another one reads or stores, or which agree in no
 *   left operand.
 */
#include <string.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "passes/erase.h"
#include "passes/merge.h"
#include "passes/outcomes.h"
#include "passes/passes.h"

static void add_op(MlirOperation op, void *user) { ptl_op_list_add(user, op); }

static ptl_op_list ops_of(ptl_session *session, MlirOperation func) {
  ptl_op_list list = {.arena = &session->arena};
  ptl_for_each_op(func, add_op, &list);
  return list;
}

static MlirOperation first_of_module(const ptl_session *session) {
  return mlirBlockGetFirstOperation(mlirModuleGetBody(session->module));
}

static const char *text_of(const ptl_merge *m, ptl_str text) {
  return ptl_arena_copy(&m->session->arena, text.data, text.length);
}

/* ---- the functions -------------------------------------------------------- */

static void find_inputs(ptl_merge *m) {
  int capacity = 0;
  for (MlirOperation op = first_of_module(m->session); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (!ptl_has_attr(op, ptl_attr_merge)) {
      continue;
    }
    m->inputs =
        ptl_arena_more(&m->session->arena, m->inputs, m->count, &capacity, sizeof(*m->inputs));
    MlirBlock body = mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0));
    m->inputs[m->count++] =
        (ptl_merge_input){.func = op,
                          .body = body,
                          .label = text_of(m, ptl_string_attr(op, ptl_attr_merge)),
                          .argument_count = (int)mlirBlockGetNumArguments(body),
                          .first_node = m->node_count};
    m->node_count += (int)mlirBlockGetNumArguments(body);
  }
}

/* What raise-products had against the function. */
static ptl_status not_raised(const ptl_merge *m, const ptl_merge_input *input) {
  const char *why = ptl_outcome_text(m->session, input->func);
  return ptl_merge_refuse(m, input, PTL_CODE_KERNEL_NOT_KNOWN,
                          ptl_arena_printf(&m->session->arena,
                                           "'%s' cannot be part of another kernel: %s",
                                           input->label, why ? why : "it holds no product"));
}

/* Products stand on their own, without the tile that the input computes them in. */
static void take_products(const ptl_merge *m, ptl_merge_input *input) {
  ptl_op_list ops = ops_of(m->session, input->func), products = {.arena = &m->session->arena};
  for (int i = 0; i < ops.count; i++) {
    MlirOperation op = ops.items[i];
    if (!ptl_op_is(op, PTL_PTOLOWER_MATMUL)) {
      continue;
    }
    MlirValue operands[2] = {mlirOperationGetOperand(op, 0), mlirOperationGetOperand(op, 1)};
    MlirValue result = mlirOperationGetResult(op, 0);
    ptl_builder at = ptl_builder_before(m->session, op);
    MlirOperation product = ptl_build_like(&at, op, operands, 2, mlirValueGetType(result));
    ptl_replace_uses(result, mlirOperationGetResult(product, 0));
    mlirOperationDestroy(op);
    ptl_op_list_add(&products, product);
  }
  ptl_erase_cube_ops(m->session, input->func);
  ptl_erase_dead_ops(m->session, input->func);
  input->products = products.items;
  input->product_count = products.count;
}

/* Whether the op can take its turn with those of another function. */
static bool can_alternate(MlirOperation op) {
  const ptl_op_row *row = &ptl_op_table[ptl_op_id_of(op)];
  if (row->kind == PTL_OP_STORE) {
    MlirValue from = mlirOperationGetOperand(op, 0);
    return mlirValueIsAOpResult(from) && ptl_op_is(mlirOpResultGetOwner(from), PTL_PTOLOWER_MATMUL);
  }
  return row->effect == PTL_EFFECT_PURE || ptl_op_is(op, PTL_PTOLOWER_MATMUL) ||
         ptl_op_is(op, PTL_PTO_LOAD_SCALAR) || ptl_op_is(op, PTL_SCF_FOR) ||
         ptl_op_is(op, PTL_SCF_IF) || ptl_op_is(op, PTL_SCF_YIELD) ||
         ptl_op_is(op, PTL_FUNC_RETURN);
}

static ptl_status check_ops(const ptl_merge *m, const ptl_merge_input *input) {
  ptl_op_list ops = ops_of(m->session, input->func);
  for (int i = 0; i < ops.count; i++) {
    if (!can_alternate(ops.items[i])) {
      ptl_str name = ptl_op_name(ops.items[i]);
      ptl_diag_add(&m->session->diags, PTL_CODE_KERNELS_UNLIKE,
                   ptl_loc_of(m->session, ops.items[i]),
                   "'%s' cannot be part of another kernel: it does more than to store products, "
                   "here '%.*s'",
                   input->label, (int)name.length, name.data);
      return PTL_REFUSED;
    }
  }
  return PTL_OK;
}

/* Attributes that are the user's, as which core runs the function. */
static bool is_own_attribute(ptl_str name) {
  return ptl_str_starts_with(name, "ptolower.") || ptl_str_is(name, "sym_name") ||
         ptl_str_is(name, "function_type") || ptl_str_is(name, "sym_visibility");
}

static ptl_status check_attributes(const ptl_merge *m, const ptl_merge_input *a,
                                   const ptl_merge_input *b) {
  for (intptr_t i = 0; i < mlirOperationGetNumAttributes(a->func); i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(a->func, i);
    MlirStringRef name = mlirIdentifierStr(attribute.name);
    MlirAttribute other = mlirOperationGetAttributeByName(b->func, name);
    if (!is_own_attribute((ptl_str){name.data, name.length}) &&
        !mlirAttributeEqual(attribute.attribute, other)) {
      return ptl_merge_refuse(m, b, PTL_CODE_KERNELS_UNLIKE,
                              ptl_arena_printf(&m->session->arena,
                                               "'%s' and '%s' cannot be one kernel: their "
                                               "attributes '%.*s' differ",
                                               a->label, b->label, (int)name.length, name.data));
    }
  }
  return PTL_OK;
}

static ptl_status prepare(const ptl_merge *m, ptl_merge_input *input) {
  if (!ptl_has_attr(input->func, ptl_attr_effects)) {
    return not_raised(m, input);
  }
  take_products(m, input);
  ptl_status status = check_ops(m, input);
  if (status == PTL_OK) {
    status = check_attributes(m, &m->inputs[0], input);
  }
  return status == PTL_OK ? check_attributes(m, input, &m->inputs[0]) : status;
}

/* ---- independence --------------------------------------------------------- */

/* The pointer argument that a part, a view or a pointer is of; -1: it is not known. */
static int root_of(MlirValue value) {
  while (mlirValueIsAOpResult(value)) {
    MlirOperation op = mlirOpResultGetOwner(value);
    if (!ptl_op_is(op, PTL_PTO_PARTITION_VIEW) && !ptl_op_is(op, PTL_PTO_MAKE_TENSOR_VIEW) &&
        !ptl_op_is(op, PTL_PTO_ADDPTR)) {
      return -1;
    }
    value = mlirOperationGetOperand(op, 0);
  }
  return (int)mlirBlockArgumentGetArgNumber(value);
}

/* Whether `other` touches the tensor of the merged function's argument. */
static bool touches(const ptl_merge_input *other, int argument) {
  for (int i = 0; i < other->argument_count; i++) {
    if (other->arguments[i] == argument &&
        !ptl_value_is_unused(mlirBlockGetArgument(other->body, i))) {
      return true;
    }
  }
  return false;
}

/* No store of `a` goes where `b` reads or stores. Distinct pointer arguments do not alias. */
static ptl_status check_apart(const ptl_merge *m, const ptl_merge_input *a,
                              const ptl_merge_input *b) {
  ptl_op_list ops = ops_of(m->session, a->func);
  for (int i = 0; i < ops.count; i++) {
    if (ptl_op_table[ptl_op_id_of(ops.items[i])].kind != PTL_OP_STORE) {
      continue;
    }
    int root = root_of(mlirOperationGetOperand(ops.items[i], 1));
    if (root >= 0 && !touches(b, a->arguments[root])) {
      continue;
    }
    ptl_diag_add(&m->session->diags, PTL_CODE_KERNELS_DEPEND, ptl_loc_of(m->session, ops.items[i]),
                 "'%s' and '%s' cannot be one kernel: %s", a->label, b->label,
                 root < 0 ? "it is not known where this stores"
                          : "this stores to a tensor that the other one uses");
    return PTL_REFUSED;
  }
  return PTL_OK;
}

static ptl_status check_independent(const ptl_merge *m) {
  for (int i = 0; i < m->count; i++) {
    for (int j = 0; j < m->count; j++) {
      ptl_status status = i == j ? PTL_OK : check_apart(m, &m->inputs[i], &m->inputs[j]);
      if (status != PTL_OK) {
        return status;
      }
    }
  }
  return PTL_OK;
}

/* ---- one function --------------------------------------------------------- */

/* A name that no argument before has. */
static const char *fresh_name(const ptl_merge *m, const char *wanted, MlirAttribute *names,
                              int count) {
  const char *name = wanted;
  for (int i = 0, number = count; i < count; i++) {
    MlirStringRef taken = mlirStringAttrGetValue(names[i]);
    if (ptl_str_is((ptl_str){taken.data, taken.length}, name)) {
      name = ptl_arena_printf(&m->session->arena, "%s_%d", wanted, number++);
      i = -1;
    }
  }
  return name;
}

static void set_arguments(const ptl_merge *m) {
  const ptl_merge_input *host = &m->inputs[0];
  MlirContext context = m->session->context;
  size_t count = (size_t)m->argument_count + 1;
  MlirType *types = ptl_arena_array(&m->session->arena, count, sizeof(*types));
  MlirAttribute *names = ptl_arena_array(&m->session->arena, count, sizeof(*names));
  MlirLocation unknown = mlirLocationUnknownGet(context);
  for (int i = 0; i < m->argument_count; i++) {
    int index;
    const ptl_merge_input *input = ptl_merge_node(m, m->nodes[i], &index);
    types[i] = mlirValueGetType(mlirBlockGetArgument(input->body, index));
    const char *name = fresh_name(m, ptl_merge_name(m, m->nodes[i]), names, i);
    names[i] = ptl_string(context, ptl_str_of(name));
  }
  for (int i = 0; i < m->argument_count; i++) {
    mlirBlockAddArgument(host->body, types[i], unknown);
  }
  ptl_set_attr(host->func, "function_type",
               mlirTypeAttrGet(mlirFunctionTypeGet(context, m->argument_count, types, 0, NULL)));
  ptl_set_attr(host->func, ptl_attr_names, mlirArrayAttrGet(context, m->argument_count, names));
}

/* Lets every function use the arguments of the merged one, which follow the first one's own. */
static void use_arguments(const ptl_merge *m) {
  const ptl_merge_input *host = &m->inputs[0];
  for (int i = 0; i < m->count; i++) {
    const ptl_merge_input *input = &m->inputs[i];
    for (int j = 0; j < input->argument_count; j++) {
      ptl_replace_uses(
          mlirBlockGetArgument(input->body, j),
          mlirBlockGetArgument(host->body, host->argument_count + input->arguments[j]));
    }
  }
  for (int j = host->argument_count; j-- > 0;) {
    mlirBlockEraseArgument(host->body, (unsigned)j);
  }
}

/* Sums of what a turn more adds, if any kernel has loops of unknown bounds. */
static void add_turns(const ptl_merge *m) {
  double cycles[PTL_MAX_RATES] = {0};
  int count = m->session->target->rate_count;
  bool any = false;
  for (int i = 0; i < m->count; i++) {
    MlirAttribute attr = ptl_attr(m->inputs[i].func, ptl_attr_turns);
    for (int rate = 0; !mlirAttributeIsNull(attr) && rate < count; rate++) {
      cycles[rate] += mlirDenseF64ArrayGetElement(attr, rate);
      any = true;
    }
  }
  if (any) {
    ptl_set_attr(m->inputs[0].func, ptl_attr_turns,
                 mlirDenseF64ArrayGet(m->session->context, count, cycles));
  }
}

static void add_instructions(const ptl_merge *m) {
  int64_t count = 0;
  for (int i = 0; i < m->count; i++) {
    MlirAttribute attr = ptl_attr(m->inputs[i].func, ptl_attr_length);
    count += mlirAttributeIsNull(attr) ? 0 : mlirIntegerAttrGetValueInt(attr);
  }
  ptl_set_attr(m->inputs[0].func, ptl_attr_length, ptl_int(m->session->context, count));
}

/* Sums of the modelled cycles, if those of all are known. */
static void add_cycles(const ptl_merge *m) {
  double cycles[PTL_MAX_RATES] = {0};
  int count = m->session->target->rate_count;
  for (int i = 0; i < m->count; i++) {
    MlirAttribute attr = ptl_attr(m->inputs[i].func, ptl_attr_cycles);
    if (mlirAttributeIsNull(attr)) {
      mlirOperationRemoveAttributeByName(m->inputs[0].func,
                                         mlirStringRefCreateFromCString(ptl_attr_cycles));
      return;
    }
    for (int rate = 0; rate < count; rate++) {
      cycles[rate] += mlirDenseF64ArrayGetElement(attr, rate);
    }
  }
  ptl_set_attr(m->inputs[0].func, ptl_attr_cycles,
               mlirDenseF64ArrayGet(m->session->context, count, cycles));
}

/* Whether a function took an argument to be non-negative. */
static bool is_assumed(const ptl_merge *m, const ptl_merge_input *input, int argument) {
  MlirAttribute assumed = ptl_attr(input->func, ptl_attr_assumes);
  MlirAttribute name =
      ptl_string(m->session->context, ptl_str_of(ptl_merge_name(m, input->first_node + argument)));
  for (intptr_t i = 0; !mlirAttributeIsNull(assumed) && i < mlirArrayAttrGetNumElements(assumed);
       i++) {
    if (mlirAttributeEqual(mlirArrayAttrGetElement(assumed, i), name)) {
      return true;
    }
  }
  return false;
}

/* Which of the merged function's arguments are assumed; by number, for their names change. */
static bool *assumed_arguments(const ptl_merge *m) {
  bool *assumed = ptl_arena_array(&m->session->arena, (size_t)m->argument_count + 1, sizeof(bool));
  for (int i = 0; i < m->count; i++) {
    for (int j = 0; j < m->inputs[i].argument_count; j++) {
      int argument = m->inputs[i].arguments[j];
      assumed[argument] = assumed[argument] || is_assumed(m, &m->inputs[i], j);
    }
  }
  return assumed;
}

static void set_assumptions(const ptl_merge *m, const bool *assumed) {
  MlirOperation func = m->inputs[0].func;
  MlirAttribute all = ptl_attr(func, ptl_attr_names);
  MlirAttribute *names =
      ptl_arena_array(&m->session->arena, (size_t)m->argument_count + 1, sizeof(*names));
  int count = 0;
  for (int i = 0; i < m->argument_count; i++) {
    if (assumed[i]) {
      names[count++] = mlirArrayAttrGetElement(all, i);
    }
  }
  mlirOperationRemoveAttributeByName(func, mlirStringRefCreateFromCString(ptl_attr_assumes));
  if (count > 0) {
    ptl_set_attr(func, ptl_attr_assumes, mlirArrayAttrGet(m->session->context, count, names));
  }
}

/* If no ptoas compiles one of the functions, they cannot be left apart: the first such reason is
 * that of the merged one. Their cycles are of no kernel that runs, and are not compared with. */
static void set_broken(const ptl_merge *m) {
  MlirOperation func = m->inputs[0].func;
  const char *reason = NULL;
  for (int i = 0; i < m->count; i++) {
    ptl_str broken = ptl_string_attr(m->inputs[i].func, ptl_attr_broken);
    if (broken.length > 0 && !reason) {
      reason = ptl_arena_printf(&m->session->arena, "%s, %.*s", m->inputs[i].label,
                                (int)broken.length, broken.data);
    }
    if (ptl_has_attr(m->inputs[i].func, ptl_attr_joined)) {
      ptl_set_unit(func, ptl_attr_joined);
    }
  }
  if (reason) {
    ptl_set_attr(func, ptl_attr_broken, ptl_string(m->session->context, ptl_str_of(reason)));
    mlirOperationRemoveAttributeByName(func, mlirStringRefCreateFromCString(ptl_attr_cycles));
  }
}

/* What the merged function is, beside its body. */
static void set_attributes(const ptl_merge *m) {
  static const char *const gone[] = {ptl_attr_effects, ptl_attr_merge, ptl_attr_same,
                                     ptl_attr_range};
  MlirOperation func = m->inputs[0].func;
  MlirContext context = m->session->context;
  MlirAttribute *arguments =
      ptl_arena_array(&m->session->arena, (size_t)m->count, sizeof(*arguments));
  bool is_level2 = true;
  for (int i = 0; i < m->count; i++) {
    const ptl_merge_input *input = &m->inputs[i];
    int64_t *numbers =
        ptl_arena_array(&m->session->arena, (size_t)input->argument_count + 1, sizeof(*numbers));
    for (int j = 0; j < input->argument_count; j++) {
      numbers[j] = input->arguments[j];
    }
    arguments[i] = mlirDenseI64ArrayGet(context, input->argument_count, numbers);
    is_level2 = is_level2 && ptl_has_attr(input->func, ptl_attr_level2);
  }
  for (size_t i = 0; i < sizeof(gone) / sizeof(gone[0]); i++) {
    mlirOperationRemoveAttributeByName(func, mlirStringRefCreateFromCString(gone[i]));
  }
  if (!is_level2) {
    mlirOperationRemoveAttributeByName(func, mlirStringRefCreateFromCString(ptl_attr_level2));
  }
  ptl_set_attr(func, ptl_attr_merged, mlirArrayAttrGet(context, m->count, arguments));
  MlirOperation module = mlirModuleGetOperation(m->session->module);
  ptl_set_attr(func, "sym_name", ptl_attr(module, ptl_attr_merge));
  mlirOperationRemoveAttributeByName(module, mlirStringRefCreateFromCString(ptl_attr_merge));
}

/* Groups of different functions have different numbers. */
static void number_groups(const ptl_merge *m) {
  int64_t next = 0;
  for (int i = 0; i < m->count; i++) {
    int64_t begin = next;
    for (int j = 0; j < m->inputs[i].product_count; j++) {
      MlirOperation op = m->inputs[i].products[j];
      int64_t group = begin + mlirIntegerAttrGetValueInt(ptl_attr(op, ptl_attr_group));
      ptl_set_attr(op, ptl_attr_group, ptl_int(m->session->context, group));
      next = group >= next ? group + 1 : next;
    }
  }
}

/* Whether two products can be computed side by side where the first of them stands. */
static bool can_join(MlirOperation a, MlirOperation b) {
  return mlirValueEqual(mlirOperationGetOperand(a, 0), mlirOperationGetOperand(b, 0)) &&
         mlirAttributeEqual(ptl_attr(a, "max_rows"), ptl_attr(b, "max_rows"));
}

static bool is_in_block_of(MlirOperation a, MlirOperation b) {
  return mlirBlockEqual(mlirOperationGetBlock(a), mlirOperationGetBlock(b));
}

static void rename_group(const ptl_op_list *ops, MlirAttribute from, MlirAttribute to) {
  for (int i = 0; i < ops->count; i++) {
    if (ptl_op_is(ops->items[i], PTL_PTOLOWER_MATMUL) &&
        mlirAttributeEqual(ptl_attr(ops->items[i], ptl_attr_group), from)) {
      ptl_set_attr(ops->items[i], ptl_attr_group, to);
    }
  }
}

/* Whether a product is the first of its group. */
static bool is_head(const ptl_op_list *ops, int index) {
  for (int i = 0; i < index; i++) {
    if (ptl_op_is(ops->items[i], PTL_PTOLOWER_MATMUL) &&
        mlirAttributeEqual(ptl_attr(ops->items[i], ptl_attr_group),
                           ptl_attr(ops->items[index], ptl_attr_group))) {
      return false;
    }
  }
  return ptl_op_is(ops->items[index], PTL_PTOLOWER_MATMUL);
}

/* Groups that begin in one block without an effect between become one: then only effects of other
 * functions stand between a product and the place where it is computed. */
static void join_groups(const ptl_merge *m) {
  ptl_op_list ops = ops_of(m->session, m->inputs[0].func);
  for (int i = 0; i < ops.count; i++) {
    MlirOperation first = ops.items[i];
    for (int j = i + 1; is_head(&ops, i) && j < ops.count; j++) {
      MlirOperation op = ops.items[j];
      if (mlirOperationGetNumRegions(op) > 0 || !is_in_block_of(first, op) ||
          ptl_op_table[ptl_op_id_of(op)].kind == PTL_OP_STORE) {
        break;
      }
      if (is_head(&ops, j) && can_join(first, op)) {
        rename_group(&ops, ptl_attr(op, ptl_attr_group), ptl_attr(first, ptl_attr_group));
      }
    }
  }
}

static void merge(ptl_merge *m) {
  bool *assumed = assumed_arguments(m);
  number_groups(m);
  add_instructions(m);
  add_cycles(m);
  add_turns(m);
  set_arguments(m);
  use_arguments(m);
  set_assumptions(m, assumed);
  set_attributes(m);
  set_broken(m);
  for (int i = 1; i < m->count; i++) {
    ptl_merge_blocks(m->inputs[0].body, m->inputs[i].body);
    mlirOperationDestroy(m->inputs[i].func);
  }
  ptl_merge_equal_ops(m->session, m->inputs[0].func);
  ptl_erase_dead_ops(m->session, m->inputs[0].func);
  join_groups(m);
}

ptl_status ptl_merge_kernels(ptl_session *session) {
  ptl_merge m = {.session = session};
  find_inputs(&m);
  if (m.count == 0) {
    session->ir_is_kept = true;
    return PTL_OK;
  }
  ptl_status status = PTL_OK;
  for (int i = 0; i < m.count && status == PTL_OK; i++) {
    status = prepare(&m, &m.inputs[i]);
  }
  status = status == PTL_OK ? ptl_merge_arguments(&m) : status;
  status = status == PTL_OK ? check_independent(&m) : status;
  if (status == PTL_OK) {
    merge(&m);
  }
  return status;
}
