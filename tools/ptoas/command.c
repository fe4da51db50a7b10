/* Reads ptoas' command line: input, output, level, chip; all other words are handed on as they
 * are. */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Options that take a value, also in the next word: those of ptoas 0.27 to 0.60. Others may
 * be flags or not; a word after one is only a possible input. */
static const char *const valued[] = {
    "o",
    "pto-arch",
    "pto-level",
    "pto-backend",
    "pto-insert-sync-debug",
    "pto-seam-ir-file",
    "cann-output-version",
    "daemon-socket-path",
    "graph-sync-solver-event-id-max",
    "mlir-pass-pipeline-crash-reproducer",
    "mlir-pass-statistics-display",
    "mlir-print-ir-after",
    "mlir-print-ir-before",
    "mlir-print-ir-tree-dir",
    "tilelang-path",
    "tilelang-pkg-path",
    "vpto-lowering-strategy",
};

/* Flags of the same versions: the word after one is not theirs. */
static const char *const flags[] = {"enable-insert-sync",      "disable-infer-layout",
                                    "emit-addptr-trace",       "emit-pto-ir",
                                    "mlir-print-ir-after-all", "mlir-print-ir-before-all",
                                    "enable-op-fusion",        "mlir-print-ir-module-scope"};

static bool is_in(const char *name, const char *const *list, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(name, list[i]) == 0) {
      return true;
    }
  }
  return false;
}

static bool takes_value(const char *name) {
  return is_in(name, valued, sizeof(valued) / sizeof(valued[0]));
}

static bool is_flag(const char *name) {
  return is_in(name, flags, sizeof(flags) / sizeof(flags[0]));
}

static bool is_option(const char *word) { return word[0] == '-' && word[1]; }

/* The name after one dash or two. */
static const char *name_of(const char *word) { return word + 1 + (word[1] == '-'); }

/* Notes the value of an option that the drop-in uses; it begins at `prefix` in the word. */
static void note_value(command *out, const char *name, int word, size_t prefix) {
  if (strcmp(name, "o") == 0) {
    out->output = word;
    out->output_prefix = prefix;
  } else if (strcmp(name, "pto-arch") == 0) {
    out->arch = out->argv[word] + prefix;
  }
}

/* Reads the option at `at`; gives the index of the last word that is its own. */
static int read_option(command *out, int at) {
  char name[64];
  const char *word = name_of(out->argv[at]);
  size_t length = strcspn(word, "=");
  if (length >= sizeof(name)) {
    return at;
  }
  memcpy(name, word, length);
  name[length] = '\0';
  if (word[length] == '=') {
    note_value(out, name, at, (size_t)(word + length + 1 - out->argv[at]));
  } else if (takes_value(name) && at + 1 < out->argc) {
    note_value(out, name, ++at, 0);
  }
  return at;
}

/* Whether the word before `at` is an option that might take it as its value. */
static bool may_be_value(const command *given, int at) {
  const char *before = given->argv[at - 1];
  return at > 1 && is_option(before) && !strchr(before, '=') && !is_flag(name_of(before)) &&
         !takes_value(name_of(before));
}

/* The input is the one word that is no option and no value, else the one that might be it. */
static void choose_input(command *out, const int *sure, int sure_count, const int *possible,
                         int possible_count) {
  if (sure_count == 1) {
    out->input = sure[0];
  } else if (sure_count == 0 && possible_count == 1) {
    out->input = possible[0];
  }
  out->is_ambiguous = !out->input && sure_count + possible_count > 0;
}

command command_read(int argc, char **argv) {
  command out = {.argc = argc, .argv = argv};
  int sure[2], possible[2]; /* more than one is as bad as two */
  int sure_count = 0, possible_count = 0;
  bool options_ended = false;
  for (int i = 1; i < argc; i++) {
    if (!options_ended && strcmp(argv[i], "--") == 0) {
      options_ended = true;
    } else if (!options_ended && is_option(argv[i])) {
      i = read_option(&out, i);
    } else if (!options_ended && may_be_value(&out, i)) {
      possible[possible_count < 2 ? possible_count++ : 1] = i;
    } else {
      sure[sure_count < 2 ? sure_count++ : 1] = i;
    }
  }
  choose_input(&out, sure, sure_count, possible, possible_count);
  return out;
}

const char *command_input(const command *given) {
  return given->input ? given->argv[given->input] : NULL;
}

const char *command_output(const command *given) {
  const char *path = given->output ? given->argv[given->output] + given->output_prefix : NULL;
  return path && strcmp(path, "-") != 0 ? path : NULL;
}

/* `-o=` and the new path; or the path alone. */
static char *output_word(const command *given, const char *output) {
  size_t size = given->output_prefix + strlen(output) + 1;
  char *word = malloc(size);
  if (word) {
    snprintf(word, size, "%.*s%s", (int)given->output_prefix, given->argv[given->output], output);
  }
  return word;
}

static char *copy_word(const command *given, int at, const char *program, const char *input,
                       const char *output) {
  if (at == 0) {
    return strdup(program);
  }
  if (output && at == given->output) {
    return output_word(given, output);
  }
  return strdup(input && at == given->input ? input : given->argv[at]);
}

char **command_words(const command *given, const char *program, const char *input,
                     const char *output) {
  char **words = calloc((size_t)given->argc + 1, sizeof(*words));
  for (int i = 0; words && i < given->argc; i++) {
    words[i] = copy_word(given, i, program, input, output);
    if (!words[i]) {
      command_free_words(words);
      return NULL;
    }
  }
  return words;
}

void command_free_words(char **words) {
  for (size_t i = 0; words && words[i]; i++) {
    free(words[i]);
  }
  free(words);
}
