/* Writes the C++ that pypto calls: ptoas' kernel, its entry, tensors, scalars and slots of
 * blocks. */
#define _GNU_SOURCE
#include "pypto_kernel/pypto_kernel.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* ---- what ptoas wrote --------------------------------------------------- */

/* Lines that the file has already, or that the runtime takes care of. */
static bool is_dropped(const char *line, size_t length) {
  static const char *const starts[] = {"using namespace pto;", "set_ffts_base_addr("};
  while (length > 0 && *line == ' ') {
    line++;
    length--;
  }
  for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
    if (length >= strlen(starts[i]) && !memcmp(line, starts[i], strlen(starts[i]))) {
      return true;
    }
  }
  return length >= 8 && !memcmp(line, "#include", 8) &&
         (memmem(line, length, "pto-inst", 8) || memmem(line, length, "cstdint", 7) ||
          memmem(line, length, "tensor.h", 8));
}

static bool is_word_character(char c) { return isalnum((unsigned char)c) || c == '_'; }

static bool is_word(const char *at, size_t length, const char *word) {
  return strlen(word) == length && !memcmp(at, word, length);
}

/* The names of ptoas as the runtime has them: its descriptor, and the mark of device code. */
static void put_word(FILE *out, const char *word, size_t length) {
  if (is_word(word, length, "Tensor")) {
    fputs("ChipTensor", out);
  } else if (is_word(word, length, "AICORE")) {
    fputs("__aicore__", out);
  } else {
    fwrite(word, 1, length, out);
  }
}

static void put_line(FILE *out, const char *line, size_t length) {
  for (size_t at = 0; at < length;) {
    size_t end = at;
    while (end < length && is_word_character(line[end])) {
      end++;
    }
    if (end > at) {
      put_word(out, line + at, end - at);
      at = end;
    } else {
      fputc(line[at++], out);
    }
  }
}

/* A kernel begins with `AICORE void name(`, perhaps after `extern "C"` and `__global__`. */
static const char *kernel_head(const char *line, size_t length) {
  const char *mark = memmem(line, length, "AICORE void ", 12);
  if (!mark || (mark != line && line[0] != 'e' && line[0] != '_')) {
    return NULL;
  }
  return mark + strlen("AICORE void ");
}

static void put_body(FILE *out, const char *text) {
  for (const char *line = text; *line;) {
    size_t length = strcspn(line, "\n");
    const char *head = kernel_head(line, length);
    if (head) {
      fputs("static __aicore__ void ", out);
      put_line(out, head, length - (size_t)(head - line));
      fputc('\n', out);
    } else if (!is_dropped(line, length)) {
      put_line(out, line, length);
      fputc('\n', out);
    }
    line += length + (line[length] == '\n');
  }
}

/* ---- the types of the kernel's parameters ------------------------------- */

/* The parameters of `name`, after its bracket; NULL if ptoas wrote no such function. */
static const char *find_parameters(const char *text, const char *name) {
  for (const char *at = strstr(text, "AICORE void "); at; at = strstr(at + 1, "AICORE void ")) {
    const char *own = at + strlen("AICORE void ");
    size_t length = strlen(name);
    if (strncmp(own, name, length) == 0 && own[length] == '(') {
      return own + length + 1;
    }
  }
  return NULL;
}

/* Copies `int64_t` of `int64_t v6`; gives the next parameter, or NULL. */
static const char *read_parameter(const char *at, char *type, size_t size) {
  size_t length = strcspn(at, ",)"), end = length;
  while (end > 0 && is_word_character(at[end - 1])) {
    end--;
  }
  while (end > 0 && at[end - 1] == ' ') {
    end--;
  }
  if (end == 0 || end >= size) {
    return NULL;
  }
  memcpy(type, at, end);
  type[end] = '\0';
  return at[length] == ',' ? at + length + 2 : at + length;
}

/* ---- the entry ---------------------------------------------------------- */

/* What is written into the file of one function. */
typedef struct entry {
  const pypto_signature *kernel;
  const pypto_function *function;
  bool is_spmd;   /* of any function: the slots of a pipe are those of a block */
  bool has_lanes; /* it runs on two vector cores, and pto-isa does not know on which */
} entry;

static entry entry_of(const pypto_signature *kernel, const pypto_function *function,
                      const ptolower_chip *chip) {
  entry out = {.kernel = kernel, .function = function};
  for (int i = 0; i < kernel->function_count; i++) {
    out.is_spmd = out.is_spmd || pypto_is_spmd(&kernel->functions[i]);
  }
  out.has_lanes = kernel->is_dual && function->is_vector && chip->runtime_knows_lane;
  return out;
}

static bool needs_intrinsic(const entry *e) {
  bool needed = e->is_spmd;
  for (int i = 0; i < e->function->arg_count; i++) {
    needed = needed || !pypto_is_given(&e->function->args[i]);
  }
  return needed;
}

static void put_head(FILE *out, const entry *e) {
  fprintf(out,
          "// %s: made by ptolower %s pypto-kernel.\n"
          "// Tensors come first in args, then scalars, in the order of the stub.\n"
          "#include <cstdint>\n\n"
          "#ifndef __gm__\n#define __gm__\n#endif\n\n"
          "#ifndef __aicore__\n#if defined(__CPU_SIM)\n#define __aicore__\n#else\n"
          "#define __aicore__ [aicore]\n#endif\n#endif\n\n",
          e->function->name, ptolower_version());
  if (e->has_lanes) {
    fputs("#if !defined(__CPU_SIM)\n#include \"intrinsic.h\"\n"
          "// Which of the two vector cores this is: the runtime knows, the register does not.\n"
          "[[block_local]] static int32_t vector_lane;\n"
          "#define get_subblockid() vector_lane\n#endif\n\n",
          out);
  }
  fprintf(out, "#include <pto/pto-inst.hpp>\n#include \"tensor.h\"\n%s\nusing namespace pto;\n\n",
          needs_intrinsic(e) ? "#include \"intrinsic.h\"\n" : "");
}

/* `type` is that of a pointer to the elements. */
static void put_tensor(FILE *out, const pypto_arg *arg, int index, const char *type) {
  fprintf(out,
          "    __gm__ ChipTensor* %s_tensor = reinterpret_cast<__gm__ ChipTensor*>(args[%d]);\n"
          "    %s %s = reinterpret_cast<%s>(%s_tensor->buffer.addr) + %s_tensor->start_offset;\n",
          arg->name, index, type, arg->name, type, arg->name, arg->name);
}

static void put_scalar(FILE *out, const pypto_arg *arg, int index, const char *type) {
  fprintf(out,
          "    union { uint64_t bits; %s value; } %s_slot;\n"
          "    %s_slot.bits = static_cast<uint64_t>(args[%d]);\n"
          "    %s %s = %s_slot.value;\n",
          type, arg->name, arg->name, index, type, arg->name, arg->name);
}

/* Each block has slots of its own, one after the other. */
static void put_slots_of_block(FILE *out, const pypto_arg *arg) {
  fprintf(out, "    %s += static_cast<int64_t>(get_block_idx(args)) * %ld;\n", arg->name,
          arg->dims[0]);
}

static void put_argument(FILE *out, const entry *e, const pypto_arg *arg, int index,
                         const char *type) {
  switch (arg->kind) {
  case PYPTO_TENSOR:
    put_tensor(out, arg, index, type);
    if (arg->pipe_bytes && e->is_spmd) {
      put_slots_of_block(out, arg);
    }
    break;
  case PYPTO_SCALAR:
    put_scalar(out, arg, index, type);
    break;
  case PYPTO_BLOCK_IDX:
    fprintf(out, "    int32_t %s = get_block_idx(args);\n", arg->name);
    break;
  case PYPTO_BLOCK_NUM:
    fprintf(out, "    int32_t %s = get_block_num(args);\n", arg->name);
    break;
  case PYPTO_SUBBLOCK_IDX:
    fprintf(out, "    int32_t %s = get_sub_block_id(args);\n", arg->name);
    break;
  }
}

static void put_entry_head(FILE *out, const entry *e) {
  fputs("extern \"C\" __aicore__ __attribute__((always_inline)) void kernel_entry("
        "__gm__ int64_t* args)\n{\n"
        "#if !defined(__CPU_SIM) && !defined(__COSTMODEL)\n"
        "    set_atomic_none(); // whatever the kernel before left\n"
        "#endif\n",
        out);
  if (e->has_lanes) {
    fputs("#if !defined(__CPU_SIM)\n    vector_lane = get_sub_block_id(args);\n#endif\n", out);
  }
}

static bool put_entry(FILE *out, const entry *e, const char *parameters) {
  char type[128];
  const pypto_function *function = e->function;
  put_entry_head(out, e);
  for (int i = 0; i < function->arg_count; i++) {
    parameters = parameters ? read_parameter(parameters, type, sizeof(type)) : NULL;
    if (!parameters) {
      return false;
    }
    put_argument(out, e, &function->args[i], i, type);
  }
  fprintf(out, "    %s(", function->name);
  for (int i = 0; i < function->arg_count; i++) {
    fprintf(out, "%s%s", i ? ", " : "", function->args[i].name);
  }
  fputs(");\n}\n", out);
  return true;
}

char *pypto_write_cpp(const pypto_signature *kernel, const pypto_function *function,
                      const char *ptoas_text, const ptolower_chip *chip, size_t *length) {
  char *text = NULL;
  entry e = entry_of(kernel, function, chip);
  FILE *out = open_memstream(&text, length);
  if (!out) {
    return NULL;
  }
  put_head(out, &e);
  put_body(out, ptoas_text);
  fputc('\n', out);
  bool ok = put_entry(out, &e, find_parameters(ptoas_text, function->name));
  ok = fclose(out) == 0 && ok;
  if (!ok) {
    free(text);
  }
  return ok ? text : NULL;
}
