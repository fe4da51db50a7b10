#include "program.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program_text.h"

/* Everything of a program is in one list of blocks of memory. */
typedef struct chunk {
  struct chunk *next;
} chunk;

typedef struct alias {
  char name[64];
  const char *text;
} alias;

typedef struct name_entry {
  uint32_t hash;
  int value;
} name_entry;

typedef struct reader {
  mut_program *program;
  chunk **chunks;
  const char *text;
  const char *at; /* begin of the next line */
  int line;       /* its number, from 1 */
  alias aliases[64];
  int alias_count;
  name_entry *names; /* visible ones, innermost last */
  int name_count, name_capacity;
  mut_func *func;
} reader;

typedef struct owned_program {
  mut_program program;
  chunk *chunks;
} owned_program;

static void *get(reader *r, size_t size) {
  chunk *c = calloc(1, sizeof(chunk) + size);
  if (!c) {
    abort();
  }
  c->next = *r->chunks;
  *r->chunks = c;
  return c + 1;
}

static void *grow(reader *r, void *old, int count, int *capacity, size_t size) {
  if (count < *capacity) {
    return old;
  }
  *capacity = *capacity ? *capacity * 2 : 16;
  void *more = get(r, (size_t)*capacity * size);
  if (count) {
    memcpy(more, old, (size_t)count * size);
  }
  return more;
}

static char *copy_text(reader *r, const char *begin, size_t length) {
  char *text = get(r, length + 1);
  memcpy(text, begin, length);
  return text;
}

static uint32_t hash_of(const char *text, size_t length) {
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) {
    hash = (hash ^ (unsigned char)text[i]) * 16777619u;
  }
  return hash;
}

static const char *resolve(const reader *r, const char *type) {
  size_t length = 1;
  while (mut_is_name_char(type[length])) {
    length++;
  }
  for (int i = 0; i < r->alias_count; i++) {
    if (strlen(r->aliases[i].name) == length && strncmp(r->aliases[i].name, type, length) == 0) {
      return r->aliases[i].text;
    }
  }
  return type;
}

/* ---- statements ----------------------------------------------------------- */

/* The next statement with its further lines; false at the text's end. */
static bool next_statement(reader *r, const char **begin, const char **end, int *line) {
  while (*r->at) {
    const char *first = mut_skip_space(r->at);
    const char *last = mut_line_end(r->at);
    *line = r->line;
    r->line++;
    r->at = *last ? last + 1 : last;
    while (*r->at && !mut_begins_statement(r->at)) {
      last = mut_line_end(r->at);
      r->line++;
      r->at = *last ? last + 1 : last;
    }
    if (*first != '\n' && *first && !mut_starts(first, "//")) {
      *begin = first;
      *end = last;
      while (*end > *begin && isspace((unsigned char)(*end)[-1])) {
        (*end)--;
      }
      return true;
    }
  }
  return false;
}

static int add_value(reader *r, const char *name, size_t length, int scope) {
  mut_func *f = r->func;
  f->values = grow(r, f->values, f->value_count, &f->value_capacity, sizeof(mut_value));
  mut_value *value = &f->values[f->value_count];
  value->name = copy_text(r, name, length);
  value->scope = scope;
  value->kind = MUT_INTEGER;
  value->slice_of = -1;
  r->names = grow(r, r->names, r->name_count, &r->name_capacity, sizeof(name_entry));
  r->names[r->name_count++] = (name_entry){hash_of(name, length), f->value_count};
  return f->value_count++;
}

static int find_value(const reader *r, const char *name, size_t length) {
  uint32_t hash = hash_of(name, length);
  for (int i = r->name_count; i-- > 0;) {
    const char *own = r->func->values[r->names[i].value].name;
    if (r->names[i].hash == hash && strlen(own) == length && memcmp(own, name, length) == 0) {
      return r->names[i].value;
    }
  }
  return -1;
}

/* Operands: every %name of the statement behind its op's name, strings left out. */
static void read_operands(reader *r, mut_op *op, const char *begin, const char *end) {
  int capacity = 0;
  const char *outs = strstr(op->attributes, "outs(");
  outs = outs ? r->text + op->begin + (outs - op->attributes) : NULL;
  for (const char *at = begin; at < end;) {
    if (*at == '"') {
      const char *close = strchr(at + 1, '"');
      at = close && close < end ? close + 1 : end;
    } else if (*at == '%') {
      size_t length = mut_name_length(at);
      op->operands = grow(r, op->operands, op->operand_count, &capacity, sizeof(mut_operand));
      op->operands[op->operand_count++] = (mut_operand){
          .value = find_value(r, at, length),
          .key = strcmp(op->name, "pto.alloc_tile") == 0 ? mut_key_before(begin, at) : 0,
          .is_out = outs && at > outs,
          .begin = (size_t)(at - r->text),
          .end = (size_t)(at - r->text) + length};
      at += length;
    } else {
      at++;
    }
  }
}

static void note_written(reader *r, const mut_op *op) {
  for (int i = 0; i < op->operand_count; i++) {
    for (int v = op->operands[i].value; op->operands[i].is_out && v >= 0;
         v = r->func->values[v].slice_of) {
      r->func->values[v].is_written = true;
    }
  }
}

static void describe_results(reader *r, mut_op *op, const char *begin, const char *end) {
  bool is_float = mut_ends_with_type(op->attributes, "f32") ||
                  mut_ends_with_type(op->attributes, "f16") ||
                  mut_ends_with_type(op->attributes, "bf16");
  op->is_float = is_float;
  const char *type = mut_last_type(begin, end);
  for (int i = 0; i < op->result_count; i++) {
    mut_value *value = &r->func->values[op->results[i]];
    value->kind = is_float ? MUT_FLOAT : MUT_INTEGER;
    if (strcmp(op->name, "pto.make_tensor_view") == 0 ||
        strcmp(op->name, "pto.partition_view") == 0) {
      value->kind = MUT_VIEW;
    } else if (type && mut_read_tile_type(resolve(r, type), &value->tile)) {
      value->kind = MUT_TILE;
    }
  }
}

static void read_constant(mut_op *op, const char *at) {
  at = mut_skip_space(at);
  op->integer = mut_starts(at, "true") ? 1 : mut_starts(at, "false") ? 0 : strtoll(at, NULL, 10);
}

static void read_predicate(mut_op *op, const char *at) {
  at = mut_skip_space(at);
  op->integer = (unsigned char)at[0] << 8 | (unsigned char)at[1];
}

static mut_block *new_block(reader *r, const mut_block *parent, bool is_loop) {
  mut_block *block = get(r, sizeof(*block));
  mut_func *f = r->func;
  block->number = f->block_count++;
  block->parent = parent ? parent->number : -1;
  block->in_loop = is_loop || (parent && parent->in_loop);
  const mut_block **all = get(r, (size_t)f->block_count * sizeof(*all));
  if (f->block_count > 1) {
    memcpy(all, f->blocks, (size_t)(f->block_count - 1) * sizeof(*all));
  }
  all[block->number] = block;
  f->blocks = all;
  return block;
}

static void read_block(reader *r, mut_block *block);

static void add_argument(reader *r, mut_block *block, const char *at) {
  int capacity = block->argument_count;
  block->arguments = grow(r, block->arguments, block->argument_count, &capacity, sizeof(int));
  block->arguments[block->argument_count++] = add_value(r, at, mut_name_length(at), block->number);
}

/* Head of an scf.for: the loop variable and the names in iter_args are the body's. */
static void read_loop(reader *r, mut_op *op, const mut_block *parent, const char *at,
                      const char *end) {
  mut_block *body = new_block(r, parent, true);
  op->blocks[0] = body;
  const char *variable = strchr(at, '%');
  const char *from = strchr(variable, '=') + 1;
  const char *carried = strstr(from, "iter_args(");
  const char *range_end = carried && carried < end ? carried : end;
  read_operands(r, op, from, range_end);
  int outer = r->name_count;
  const char *arguments[16];
  int argument_count = 0;
  if (range_end != end) {
    const char *close = strchr(carried, ')');
    for (const char *name = strchr(carried, '%'); name && name < close && argument_count < 16;) {
      const char *initial = strchr(name + 1, '%');
      arguments[argument_count++] = name;
      read_operands(r, op, initial, initial + mut_name_length(initial));
      name = strchr(initial + 1, '%');
    }
  }
  add_argument(r, body, variable);
  for (int i = 0; i < argument_count; i++) {
    add_argument(r, body, arguments[i]);
  }
  read_block(r, body);
  r->name_count = outer;
}

/* The branches of an scf.if; `} else {` ends the first one. */
static void read_branches(reader *r, mut_op *op, const mut_block *parent, const char *at,
                          const char *end) {
  read_operands(r, op, at, end);
  for (int i = 0; i < 2; i++) {
    int outer = r->name_count;
    op->blocks[i] = new_block(r, parent, false);
    read_block(r, op->blocks[i]);
    r->name_count = outer;
    /* read_block consumed the closing line; was it an else? */
    const char *last = r->at;
    while (last > r->text && last[-1] != '}' && last[-1] != '{') {
      last--;
    }
    if (last == r->text || last[-1] != '{') {
      return;
    }
  }
}

/* Attributes and a loc(...) after a brace are part of its statement. */
static size_t end_of_line(const reader *r, size_t at) { return at + strcspn(r->text + at, "\n"); }

static void read_statement(reader *r, mut_block *block, const char *begin, const char *end,
                           int line) {
  block->ops = grow(r, block->ops, block->count, &block->capacity, sizeof(mut_op));
  mut_op *op = &block->ops[block->count++];
  const char *at = begin;
  op->number = r->func->op_count++;
  op->line = line;
  op->begin = (size_t)(begin - r->text);
  op->end = (size_t)(end - r->text);
  op->scope = block->number;
  op->attributes = copy_text(r, begin, (size_t)(end - begin));
  const char *names[16];
  int name_count = 0;
  if (*at == '%') {
    while (*at == '%' && name_count < 16) {
      names[name_count++] = at;
      at += mut_name_length(at);
      at = mut_skip_space(at);
      if (*at == ',') {
        at = mut_skip_space(at + 1);
      }
    }
    at = *at == '=' ? mut_skip_space(at + 1) : at;
  }
  size_t length = 0;
  while (mut_is_name_char(at[length]) && length + 1 < sizeof(op->name)) {
    length++;
  }
  memcpy(op->name, at, length);
  at += length;
  bool is_loop = strcmp(op->name, "scf.for") == 0;
  bool is_if = strcmp(op->name, "scf.if") == 0;
  if (length == 0 || op->name[0] == '"' || (mut_is_head(begin, end) && !is_loop && !is_if)) {
    r->func->unknown = op->attributes;
  }
  op = &block->ops[block->count - 1];
  if (is_loop) {
    read_loop(r, op, block, at, end);
  } else if (is_if) {
    read_branches(r, op, block, at, end);
  } else {
    read_operands(r, op, at, end);
    mut_read_types(r->text, op, at, end);
  }
  op->close = is_loop || is_if ? end_of_line(r, r->func->end) : op->end;
  op->results = get(r, sizeof(int) * 16);
  for (int i = 0; i < name_count; i++) {
    op->results[op->result_count++] =
        add_value(r, names[i], mut_name_length(names[i]), block->number);
  }
  if (strcmp(op->name, "arith.constant") == 0) {
    read_constant(op, at);
  } else if (strcmp(op->name, "arith.cmpi") == 0) {
    read_predicate(op, at);
  }
  if (!is_loop && !is_if) {
    note_written(r, op);
    describe_results(r, op, begin, end);
    if (strcmp(op->name, "pto.subview") == 0 && op->result_count == 1) {
      r->func->values[op->results[0]].slice_of = op->operands[0].value;
    }
  }
}

/* Up to and with the line that closes the block. */
static void read_block(reader *r, mut_block *block) {
  const char *begin, *end;
  int line;
  block->begin = (size_t)(r->at - r->text);
  while (next_statement(r, &begin, &end, &line)) {
    if (*begin == '}') {
      block->end = (size_t)(begin - r->text);
      r->func->end = block->end + 1;
      return;
    }
    read_statement(r, block, begin, end, line);
  }
}

static void read_arguments(reader *r, const char *at, const char *end) {
  while (at < end && *at != ')') { /* no type of an argument has parentheses */
    if (*at != '%') {
      at++;
      continue;
    }
    add_argument(r, r->func->body, at);
    at += mut_name_length(at);
    const char *type = mut_skip_space(at + (*at == ':'));
    mut_value *value = &r->func->values[r->func->value_count - 1];
    value->kind = mut_starts(type, "!pto.ptr") ? MUT_POINTER
                  : mut_starts(type, "f32")    ? MUT_FLOAT
                                               : MUT_INTEGER;
  }
}

static void read_func(reader *r, const char *begin, const char *end) {
  mut_program *p = r->program;
  mut_func *all = get(r, (size_t)(p->func_count + 1) * sizeof(mut_func));
  if (p->func_count) {
    memcpy(all, p->funcs, (size_t)p->func_count * sizeof(mut_func));
  }
  p->funcs = all;
  r->func = &all[p->func_count++];
  r->name_count = 0;
  const char *name = strchr(begin, '@') + 1;
  const char *open = strchr(name, '(');
  (void)snprintf(r->func->name, sizeof(r->func->name), "%.*s", (int)(open - name), name);
  r->func->begin = (size_t)(begin - r->text);
  r->func->entry = (size_t)(end - r->text);
  char *head = copy_text(r, begin, (size_t)(end - begin));
  r->func->is_vector = strstr(head, "kernel_kind<vector>") != NULL;
  r->func->body = new_block(r, NULL, false);
  r->func->last_argument = (size_t)(mut_closing(open + 1, end) - r->text);
  read_arguments(r, open, end);
  read_block(r, r->func->body);
}

static void read_alias(reader *r, const char *begin) {
  if (r->alias_count < 64) {
    size_t length = mut_name_length(begin);
    alias *a = &r->aliases[r->alias_count++];
    (void)snprintf(a->name, sizeof(a->name), "%.*s", (int)length, begin);
    a->text = mut_skip_space(strchr(begin, '=') + 1);
  }
}

mut_program *mut_program_read(const char *text) {
  owned_program *owned = calloc(1, sizeof(*owned));
  if (!owned) {
    abort();
  }
  reader r = {
      .program = &owned->program, .chunks = &owned->chunks, .text = text, .at = text, .line = 1};
  const char *begin, *end;
  int line;
  owned->program.is_a5 = strstr(text, "pto.target_arch = \"a5\"") != NULL;
  while (next_statement(&r, &begin, &end, &line)) {
    if (mut_starts(begin, "func.func") && mut_is_head(begin, end)) {
      read_func(&r, begin, end);
    } else if (*begin == '!') {
      read_alias(&r, begin);
    }
  }
  return &owned->program;
}

void mut_program_free(mut_program *program) {
  owned_program *owned = (owned_program *)program;
  while (owned && owned->chunks) {
    chunk *next = owned->chunks->next;
    free(owned->chunks);
    owned->chunks = next;
  }
  free(owned);
}
