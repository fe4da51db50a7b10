/* Which functions run as one kernel, and what can be named where. */
#include "program.h"

#include <string.h>

/* The function that this one's imports name; -1 if there is none. */
static int peer_of(const mut_program *program, const mut_func *func) {
  for (int i = 0; i < func->body->count; i++) {
    const mut_op *op = &func->body->ops[i];
    const char *peer = strstr(op->attributes, "peer_func = @");
    if (strcmp(op->name, "pto.import_reserved_buffer") != 0 || !peer) {
      continue;
    }
    peer += strlen("peer_func = @");
    size_t length = strcspn(peer, "} ,");
    for (int f = 0; f < program->func_count; f++) {
      const char *name = program->funcs[f].name;
      if (strlen(name) == length && strncmp(name, peer, length) == 0) {
        return f;
      }
    }
  }
  return -1;
}

/* The function that has its name, but for the last letter: _aic and _aiv. */
static int namesake_of(const mut_program *program, const mut_func *func) {
  size_t length = strlen(func->name);
  bool is_half = length > 4 && strncmp(func->name + length - 4, "_ai", 3) == 0;
  for (int f = 0; f < program->func_count && is_half; f++) {
    const char *name = program->funcs[f].name;
    if (program->funcs[f].is_vector != func->is_vector && strlen(name) == length &&
        strncmp(name, func->name, length - 1) == 0) {
      return f;
    }
  }
  return -1;
}

mut_unit mut_unit_of(const mut_program *program, int func) {
  int peer = peer_of(program, &program->funcs[func]);
  for (int f = 0; f < program->func_count && peer < 0; f++) {
    peer = peer_of(program, &program->funcs[f]) == func ? f : -1;
  }
  peer = peer < 0 ? namesake_of(program, &program->funcs[func]) : peer;
  if (peer < 0 || peer == func) {
    return (mut_unit){{func, -1}, 1};
  }
  bool is_vector = program->funcs[func].is_vector;
  return is_vector ? (mut_unit){{peer, func}, peer > func ? 2 : 0}
                   : (mut_unit){{func, peer}, peer > func ? 2 : 0};
}

static bool encloses(const mut_func *func, int outer, int inner) {
  while (inner >= 0 && inner != outer) {
    inner = func->blocks[inner]->parent;
  }
  return inner == outer;
}

/* Values are numbered in the order of their definition, so an earlier number in an
 * enclosing block is visible. The results of a loop are numbered behind its body. */
bool mut_in_scope(const mut_func *func, int value, const mut_op *op) {
  int first = op->result_count ? op->results[0] : -1;
  if (!encloses(func, func->values[value].scope, op->scope)) {
    return false;
  }
  if (first >= 0) {
    return value < first;
  }
  /* An op without results: its own operands stand before it, so do all values that
   * were defined before the op; ops are numbered alike. */
  for (int b = 0; b < func->block_count; b++) {
    const mut_block *block = func->blocks[b];
    for (int i = 0; i < block->count; i++) {
      for (int j = 0; j < block->ops[i].result_count; j++) {
        if (block->ops[i].results[j] == value) {
          return block->ops[i].number < op->number;
        }
      }
    }
  }
  return true; /* an argument */
}
