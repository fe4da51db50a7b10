/* Decides which arguments of the functions are one argument of the merged function. */
#include <string.h>

#include "asm/asm.h"
#include "ir/build.h"
#include "passes/merge.h"

/* Arguments are nodes, numbered through all functions; those that are one have the same set, which
 * is the number of its first node. */
typedef struct matching {
  ptl_merge *m;
  int *sets;
  bool joins_pointers; /* whether pointers that stand in the same place may become one */
  int steps;           /* that a comparison may still take */
} matching;

enum { MOST_STEPS = 20000 };

/* ---- nodes ---------------------------------------------------------------- */

const ptl_merge_input *ptl_merge_node(const ptl_merge *m, int node, int *index) {
  const ptl_merge_input *input = m->inputs;
  while (node >= input->first_node + input->argument_count) {
    input++;
  }
  *index = node - input->first_node;
  return input;
}

const char *ptl_merge_name(const ptl_merge *m, int node) {
  int index;
  const ptl_merge_input *input = ptl_merge_node(m, node, &index);
  MlirAttribute names = ptl_attr(input->func, ptl_attr_names);
  if (mlirAttributeIsNull(names) || index >= mlirArrayAttrGetNumElements(names)) {
    return ptl_arena_printf(&m->session->arena, "arg%d", index);
  }
  MlirStringRef name = mlirStringAttrGetValue(mlirArrayAttrGetElement(names, index));
  return ptl_arena_copy(&m->session->arena, name.data, name.length);
}

static MlirType type_of(const ptl_merge *m, int node) {
  int index;
  const ptl_merge_input *input = ptl_merge_node(m, node, &index);
  return mlirValueGetType(mlirBlockGetArgument(input->body, index));
}

static bool is_pointer(const ptl_merge *m, int node) { return mlirTypeIsAOpaque(type_of(m, node)); }

static bool is_of_launch(const ptl_merge *m, int node) {
  return ptl_str_starts_with(ptl_str_of(ptl_merge_name(m, node)), "__pypto_spmd_");
}

/* "%x of 'a.pto#gate'" */
static const char *node_text(const ptl_merge *m, int node) {
  int index;
  const ptl_merge_input *input = ptl_merge_node(m, node, &index);
  return ptl_arena_printf(&m->session->arena, "%%%s of '%s'", ptl_merge_name(m, node),
                          input->label);
}

ptl_status ptl_merge_refuse(const ptl_merge *m, const ptl_merge_input *input, ptl_code code,
                            const char *text) {
  ptl_diag_add(&m->session->diags, code, ptl_loc_of(m->session, input->func), "%s", text);
  return PTL_REFUSED;
}

/* ---- sets ----------------------------------------------------------------- */

/* Whether the two sets hold arguments of one function. */
static bool sets_meet(const matching *k, int a, int b) {
  const ptl_merge *m = k->m;
  for (int i = 0; i < m->count; i++) {
    bool has_a = false, has_b = false;
    for (int j = 0; j < m->inputs[i].argument_count; j++) {
      int set = k->sets[m->inputs[i].first_node + j];
      has_a = has_a || set == a;
      has_b = has_b || set == b;
    }
    if (has_a && has_b) {
      return true;
    }
  }
  return false;
}

/* Lets two arguments be one; false: they cannot. */
static bool join(matching *k, int a, int b) {
  int first = k->sets[a], second = k->sets[b];
  if (first == second) {
    return true;
  }
  if (!mlirTypeEqual(type_of(k->m, a), type_of(k->m, b)) || sets_meet(k, first, second)) {
    return false;
  }
  int low = first < second ? first : second;
  for (int i = 0; i < k->m->node_count; i++) {
    k->sets[i] = k->sets[i] == first || k->sets[i] == second ? low : k->sets[i];
  }
  return true;
}

/* ---- values that are alike ------------------------------------------------ */

static bool alike(matching *k, MlirValue a, MlirValue b);

static int node_of(const ptl_merge *m, MlirValue argument) {
  MlirBlock block = mlirBlockArgumentGetOwner(argument);
  for (int i = 0; i < m->count; i++) {
    if (mlirBlockEqual(m->inputs[i].body, block)) {
      return m->inputs[i].first_node + (int)mlirBlockArgumentGetArgNumber(argument);
    }
  }
  return -1;
}

static bool operands_alike(matching *k, MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumOperands(a);
  bool same = count == mlirOperationGetNumOperands(b);
  for (intptr_t i = 0; same && i < count; i++) {
    same = alike(k, mlirOperationGetOperand(a, i), mlirOperationGetOperand(b, i));
  }
  return same;
}

/* Two arguments, or the variables of two loops. */
static bool arguments_alike(matching *k, MlirValue a, MlirValue b) {
  int first = node_of(k->m, a), second = node_of(k->m, b);
  if (first >= 0 && second >= 0) {
    return is_pointer(k->m, first) && !k->joins_pointers ? true : join(k, first, second);
  }
  MlirOperation x = mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(a));
  MlirOperation y = mlirBlockGetParentOperation(mlirBlockArgumentGetOwner(b));
  return first < 0 && second < 0 && ptl_op_is(x, PTL_SCF_FOR) && ptl_op_is(y, PTL_SCF_FOR) &&
         mlirBlockArgumentGetArgNumber(a) == 0 && mlirBlockArgumentGetArgNumber(b) == 0 &&
         operands_alike(k, x, y);
}

static bool ops_alike(matching *k, MlirOperation a, MlirOperation b) {
  intptr_t count = mlirOperationGetNumAttributes(a);
  bool same = ptl_op_table[ptl_op_id_of(a)].effect == PTL_EFFECT_PURE &&
              mlirIdentifierEqual(mlirOperationGetName(a), mlirOperationGetName(b)) &&
              count == mlirOperationGetNumAttributes(b);
  for (intptr_t i = 0; same && i < count; i++) {
    MlirNamedAttribute attribute = mlirOperationGetAttribute(a, i);
    same = mlirAttributeEqual(
        attribute.attribute, mlirOperationGetAttributeByName(b, mlirIdentifierStr(attribute.name)));
  }
  return same && operands_alike(k, a, b);
}

/* Whether two values of two functions are the same if the arguments that they are made of are;
 * those become one. */
static bool alike(matching *k, MlirValue a, MlirValue b) {
  if (k->steps-- <= 0 || !mlirTypeEqual(mlirValueGetType(a), mlirValueGetType(b)) ||
      mlirValueIsABlockArgument(a) != mlirValueIsABlockArgument(b)) {
    return false;
  }
  if (mlirValueIsABlockArgument(a)) {
    return arguments_alike(k, a, b);
  }
  return mlirOpResultGetResultNumber(a) == mlirOpResultGetResultNumber(b) &&
         ops_alike(k, mlirOpResultGetOwner(a), mlirOpResultGetOwner(b));
}

/* The same; what became one is taken back if it fails. */
static bool try_alike(matching *k, bool joins_pointers, MlirValue a, MlirValue b) {
  size_t bytes = (size_t)k->m->node_count * sizeof(int);
  int *before = ptl_arena_alloc(&k->m->session->arena, bytes);
  memcpy(before, k->sets, bytes);
  k->joins_pointers = joins_pointers;
  k->steps = MOST_STEPS;
  bool same = alike(k, a, b);
  if (!same) {
    memcpy(k->sets, before, bytes);
  }
  return same;
}

/* ---- what the user named -------------------------------------------------- */

static int64_t label_of(const ptl_merge *m, int node) {
  int index;
  const ptl_merge_input *input = ptl_merge_node(m, node, &index);
  MlirAttribute same = ptl_attr(input->func, ptl_attr_same);
  return mlirAttributeIsNull(same) ? 0 : mlirDenseI64ArrayGetElement(same, index);
}

static ptl_status join_named(matching *k) {
  const ptl_merge *m = k->m;
  for (int b = 0; b < m->node_count; b++) {
    for (int a = 0; a < b; a++) {
      int index;
      const ptl_merge_input *input = ptl_merge_node(m, b, &index);
      if (label_of(m, a) == 0 || label_of(m, a) != label_of(m, b) || join(k, a, b)) {
        continue;
      }
      bool same_type = mlirTypeEqual(type_of(m, a), type_of(m, b));
      return ptl_merge_refuse(
          m, input, PTL_CODE_SAME_CONTRADICTS,
          ptl_arena_printf(
              &m->session->arena, "%s and %s cannot be one: %s", node_text(m, a), node_text(m, b),
              same_type ? "one of them would be one with another argument of its function"
                        : "their types differ"));
    }
  }
  return PTL_OK;
}

/* The view that is made of a pointer, after `*at`, which moves on; false: there is no other. */
static bool next_view(const ptl_merge *m, int node, MlirOpOperand *at, MlirOperation *view) {
  int index;
  const ptl_merge_input *input = ptl_merge_node(m, node, &index);
  *at = mlirOpOperandIsNull(*at) ? mlirValueGetFirstUse(mlirBlockGetArgument(input->body, index))
                                 : mlirOpOperandGetNextUse(*at);
  for (; !mlirOpOperandIsNull(*at); *at = mlirOpOperandGetNextUse(*at)) {
    *view = mlirOpOperandGetOwner(*at);
    if (ptl_op_is(*view, PTL_PTO_MAKE_TENSOR_VIEW)) {
      return true;
    }
  }
  return false;
}

/* Whether a view of the one is alike to a view of the other; also if one has none. */
static bool views_agree(matching *k, int a, int b) {
  MlirOpOperand at = {NULL};
  MlirOperation first, second;
  bool has_views = false;
  while (next_view(k->m, a, &at, &first)) {
    MlirOpOperand other = {NULL};
    while (next_view(k->m, b, &other, &second)) {
      has_views = true;
      if (try_alike(k, false, mlirOperationGetResult(first, 0),
                    mlirOperationGetResult(second, 0))) {
        return true;
      }
    }
  }
  return !has_views;
}

static ptl_status check_named_views(matching *k) {
  const ptl_merge *m = k->m;
  for (int b = 0; b < m->node_count; b++) {
    for (int a = 0; a < b; a++) {
      int index;
      bool named = label_of(m, a) != 0 && label_of(m, a) == label_of(m, b);
      if (named && is_pointer(m, a) && !views_agree(k, a, b)) {
        return ptl_merge_refuse(m, ptl_merge_node(m, b, &index), PTL_CODE_SAME_CONTRADICTS,
                                ptl_arena_printf(&m->session->arena,
                                                 "%s and %s cannot be one: their views differ",
                                                 node_text(m, a), node_text(m, b)));
      }
    }
  }
  return PTL_OK;
}

/* ---- what the functions show ---------------------------------------------- */

/* Which block runs is told to all of them, or to none. */
static ptl_status join_launch(matching *k) {
  const ptl_merge *m = k->m;
  const ptl_merge_input *first = &m->inputs[0];
  for (int i = 1; i < m->count; i++) {
    int matched = 0, of_first = 0, of_this = 0;
    for (int a = first->first_node; a < first->first_node + first->argument_count; a++) {
      of_first += is_of_launch(m, a);
      for (int b = m->inputs[i].first_node;
           is_of_launch(m, a) && b < m->inputs[i].first_node + m->inputs[i].argument_count; b++) {
        matched += strcmp(ptl_merge_name(m, a), ptl_merge_name(m, b)) == 0 && join(k, a, b);
      }
    }
    for (int b = 0; b < m->inputs[i].argument_count; b++) {
      of_this += is_of_launch(m, m->inputs[i].first_node + b);
    }
    if (matched != of_first || matched != of_this) {
      return ptl_merge_refuse(
          m, &m->inputs[i], PTL_CODE_KERNELS_UNLIKE,
          ptl_arena_printf(&m->session->arena,
                           "'%s' and '%s' cannot be one kernel: they get the number of their "
                           "block in different ways",
                           first->label, m->inputs[i].label));
    }
  }
  return PTL_OK;
}

/* The first store that takes a product; null if there is none. */
static MlirOperation store_of(MlirOperation product) {
  MlirOperation first = {NULL};
  MlirOpOperand use = mlirValueGetFirstUse(mlirOperationGetResult(product, 0));
  for (; !mlirOpOperandIsNull(use); use = mlirOpOperandGetNextUse(use)) {
    MlirOperation user = mlirOpOperandGetOwner(use);
    if (mlirOperationIsNull(first) ||
        (mlirBlockEqual(mlirOperationGetBlock(user), mlirOperationGetBlock(first)) &&
         ptl_op_is_before(user, first))) {
      first = user;
    }
  }
  return first;
}

/* Scalars that stand in the same place of two parts are one, where that agrees with the others. */
static void join_scalars(matching *k, MlirValue a, MlirValue b) {
  if (!mlirValueIsAOpResult(a) || !mlirValueIsAOpResult(b)) {
    return;
  }
  MlirOperation x = mlirOpResultGetOwner(a), y = mlirOpResultGetOwner(b);
  intptr_t count = mlirOperationGetNumOperands(x);
  if (!mlirIdentifierEqual(mlirOperationGetName(x), mlirOperationGetName(y)) ||
      count != mlirOperationGetNumOperands(y)) {
    return;
  }
  for (intptr_t i = 0; i < count; i++) {
    MlirValue first = mlirOperationGetOperand(x, i), second = mlirOperationGetOperand(y, i);
    if (i == 0 && ptl_op_is(x, PTL_PTO_PARTITION_VIEW)) {
      join_scalars(k, first, second);
    } else if (i > 0) {
      (void)try_alike(k, false, first, second);
    }
  }
}

static void join_places(matching *k, MlirOperation a, MlirOperation b) {
  MlirOperation x = store_of(a), y = store_of(b);
  join_scalars(k, mlirOperationGetOperand(a, 1), mlirOperationGetOperand(b, 1));
  if (!mlirOperationIsNull(x) && !mlirOperationIsNull(y)) {
    join_scalars(k, mlirOperationGetOperand(x, 1), mlirOperationGetOperand(y, 1));
  }
}

/* Looks for left operands that a function has in common with those before it. */
static bool join_left_operands(matching *k, int input) {
  const ptl_merge *m = k->m;
  bool found = false;
  for (int p = 0; p < m->inputs[input].product_count; p++) {
    for (int i = 0; i < input; i++) {
      for (int q = 0; q < m->inputs[i].product_count; q++) {
        MlirOperation a = m->inputs[i].products[q], b = m->inputs[input].products[p];
        if (try_alike(k, true, mlirOperationGetOperand(a, 0), mlirOperationGetOperand(b, 0))) {
          join_places(k, a, b);
          found = true;
        }
      }
    }
  }
  return found;
}

/* ---- the arguments of the merged function --------------------------------- */

/* Says what was taken to be one without having been named. */
static void tell(const matching *k) {
  const ptl_merge *m = k->m;
  for (int node = 0; node < m->node_count; node++) {
    int set = k->sets[node], index;
    bool named = label_of(m, node) != 0 && label_of(m, node) == label_of(m, set);
    if (set == node || named || is_of_launch(m, node)) {
      continue;
    }
    ptl_diag_add(&m->session->diags, PTL_CODE_TAKEN_AS_ONE,
                 ptl_loc_of(m->session, ptl_merge_node(m, node, &index)->func),
                 is_pointer(m, node) ? "%s and %s are taken to be one tensor: type, view and "
                                       "offsets of what is read agree"
                                     : "%s and %s are taken to be one value: they are used alike",
                 node_text(m, set), node_text(m, node));
  }
}

/* Where an argument stands: pointers, then scalars, then what the launch gives. */
static int rank_of(const ptl_merge *m, int node) {
  return is_of_launch(m, node) ? 2 : is_pointer(m, node) ? 0 : 1;
}

static void number(const matching *k) {
  ptl_merge *m = k->m;
  m->nodes = ptl_arena_array(&m->session->arena, (size_t)m->node_count, sizeof(int));
  for (int rank = 0; rank < 3; rank++) {
    for (int node = 0; node < m->node_count; node++) {
      if (k->sets[node] == node && rank_of(m, node) == rank) {
        m->nodes[m->argument_count++] = node;
      }
    }
  }
  for (int i = 0; i < m->count; i++) {
    ptl_merge_input *input = &m->inputs[i];
    input->arguments =
        ptl_arena_array(&m->session->arena, (size_t)input->argument_count, sizeof(int));
    for (int j = 0; j < input->argument_count; j++) {
      while (m->nodes[input->arguments[j]] != k->sets[input->first_node + j]) {
        input->arguments[j]++;
      }
    }
  }
}

static ptl_status match(matching *k) {
  const ptl_merge *m = k->m;
  ptl_status status = join_named(k);
  status = status == PTL_OK ? join_launch(k) : status;
  for (int i = 1; status == PTL_OK && i < m->count; i++) {
    if (!join_left_operands(k, i)) {
      status = ptl_merge_refuse(
          m, &m->inputs[i], PTL_CODE_NO_COMMON_OPERAND,
          ptl_arena_printf(
              &m->session->arena,
              "no left operand of '%s' is one of the kernels before it, by type, view, "
              "offsets and extents",
              m->inputs[i].label));
    }
  }
  return status == PTL_OK ? check_named_views(k) : status;
}

ptl_status ptl_merge_arguments(ptl_merge *m) {
  matching k = {.m = m,
                .sets = ptl_arena_array(&m->session->arena, (size_t)m->node_count, sizeof(int))};
  for (int i = 0; i < m->node_count; i++) {
    k.sets[i] = i;
  }
  ptl_status status = match(&k);
  if (status == PTL_OK) {
    tell(&k);
    number(&k);
  }
  return status;
}
