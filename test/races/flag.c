/* Which flag a statement is. */
#include <stdlib.h>
#include <string.h>

#include "races.h"

const char *rac_pipe_name(rac_pipe pipe) {
  static const char *const names[] = {"PIPE_S",    "PIPE_V",    "PIPE_M",   "PIPE_MTE1",
                                      "PIPE_MTE2", "PIPE_MTE3", "PIPE_FIX", "PIPE_ALL"};
  return names[pipe];
}

/* The pipe whose name stands behind the nth `<`. */
static bool pipe_at(const char *text, int nth, rac_pipe *out) {
  for (; text && nth >= 0; nth--) {
    text = strchr(text, '<');
    text = text ? text + 1 : NULL;
  }
  for (int i = 0; text && i <= RAC_PIPES; i++) {
    const char *name = rac_pipe_name((rac_pipe)i);
    if (strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '>') {
      *out = (rac_pipe)i;
      return true;
    }
  }
  return false;
}

static rac_kind kind_of_flag(const mut_op *op) {
  static const struct {
    const char *name;
    rac_kind kind;
  } kinds[] = {{"pto.set_flag", RAC_SET},           {"pto.set_flag_dyn", RAC_SET},
               {"pto.wait_flag", RAC_WAIT},         {"pto.wait_flag_dyn", RAC_WAIT},
               {"pto.barrier", RAC_BARRIER},        {"pto.sync.set", RAC_SIGNAL},
               {"pto.sync.wait", RAC_AWAIT},        {"pto.set_intra_block", RAC_SIGNAL},
               {"pto.wait_intra_block", RAC_AWAIT}, {"pto.syncall", RAC_MEET}};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
    if (strcmp(op->name, kinds[i].name) == 0) {
      return kinds[i].kind;
    }
  }
  return RAC_OP;
}

static int id_of_flag(const mut_op *op, rac_kind kind) {
  const char *event = strstr(op->attributes, "<EVENT_ID");
  if (event) {
    return atoi(event + strlen("<EVENT_ID"));
  }
  const char *number =
      kind == RAC_SIGNAL || kind == RAC_AWAIT ? strstr(op->attributes, ">, ") : NULL;
  return number && number[3] >= '0' && number[3] <= '9' ? atoi(number + 3) : -1;
}

bool rac_flag_of(const mut_op *op, rac_kind *kind, rac_pipe *from, rac_pipe *to, int *id) {
  *kind = kind_of_flag(op);
  *id = id_of_flag(op, *kind);
  *to = RAC_ALL;
  *from = RAC_ALL;
  return *kind == RAC_MEET ||
         (*kind != RAC_OP && pipe_at(op->attributes, 0, from) &&
          ((*kind != RAC_SET && *kind != RAC_WAIT) || pipe_at(op->attributes, 1, to)));
}
