/* Reads a command line by its table of options. */
#include "common/words.h"

#include <stdlib.h>
#include <string.h>

#include "common/color.h"
#include "common/files.h"
#include "common/grow.h"
#include "common/output.h"
#include "common/report.h"
#include "support/nearest.h"

/* A command line while it is read. */
typedef struct reader {
  word_list *list;
  int argc;
  char **argv;
  int next; /* index of the word to read */
} reader;

/* An option as it was written. */
typedef struct written_option {
  const word_option *spec; /* NULL: there is no such option */
  const char *word;
  const char *value; /* NULL: none in the same word */
} written_option;

/* ---- which option -------------------------------------------------------- */

/* What every command has. */
static const char *color;
static bool help;
static const word_option common_options[] = {
    {.section = "Information",
     .name = "color",
     .shown = "WHEN",
     .value = &color,
     .help = "colours of messages: auto (on a terminal; default), always, never"},
    {.name = "help", .letter = 'h', .flag = &help, .help = "print this text"},
};
enum { COMMON_COUNT = sizeof(common_options) / sizeof(common_options[0]) };

size_t words_option_count(const word_list *list) { return list->option_count + COMMON_COUNT; }

const word_option *words_option(const word_list *list, size_t index) {
  return index < list->option_count ? &list->options[index]
                                    : &common_options[index - list->option_count];
}

static bool is_spelled(const char *name, const char *word, size_t length) {
  return strlen(name) == length && memcmp(name, word, length) == 0;
}

static bool is_written(const word_option *spec, const char *word) {
  if (spec->one_dash) {
    return is_spelled(spec->name, word + 1, strlen(word + 1));
  }
  return word[1] == '-' ? is_spelled(spec->name, word + 2, strcspn(word + 2, "="))
                        : spec->letter == word[1] && (spec->shown || !word[2]);
}

/* What stands in an option's word after its name. */
static const char *attached_value(const word_option *spec, const char *word) {
  const char *rest = word[1] == '-' ? word + 2 + strcspn(word + 2, "=") : word + 2;
  return spec->one_dash || !*rest ? NULL : *rest == '=' ? rest + 1 : rest;
}

static written_option split_option(const word_list *list, const char *word) {
  written_option written = {.word = word};
  for (size_t i = 0; i < words_option_count(list) && !written.spec; i++) {
    const word_option *spec = words_option(list, i);
    if (is_written(spec, word)) {
      written.spec = spec;
      written.value = attached_value(spec, word);
    }
  }
  return written;
}

/* An option that begins with the word, else the one that is spelled most alike; NULL: none. */
static const word_option *nearest_option(const word_list *list, const char *word, size_t length) {
  ptl_nearest nearest = ptl_nearest_to((ptl_str){word, length});
  const word_option *found = NULL;
  for (size_t i = 0; i < words_option_count(list); i++) {
    const word_option *spec = words_option(list, i);
    if (length >= 3 && strncmp(spec->name, word, length) == 0) {
      return spec;
    }
    ptl_nearest_try(&nearest, ptl_str_of(spec->name));
    found = nearest.name.data == spec->name ? spec : found;
  }
  return found;
}

static ptolower_status unknown_option(const word_list *list, const char *word) {
  const char *name = word + strspn(word, "-");
  int shown = (int)(strcspn(word, "="));
  const word_option *nearest = nearest_option(list, name, strcspn(name, "="));
  return nearest ? report_usage("unknown option '%.*s'; did you mean '%s%s'?", shown, word,
                                nearest->one_dash ? "-" : "--", nearest->name)
                 : report_usage("unknown option '%.*s'", shown, word);
}

/* ---- what becomes of it -------------------------------------------------- */

static ptolower_status out_of_memory(void) {
  report_error("out of memory");
  return PTOLOWER_INTERNAL;
}

static ptolower_status add_pair(word_pairs *pairs, const char *word) {
  const char *equals = strchr(word, '=');
  if (!equals || equals == word || !equals[1]) {
    return report_usage("'%s' is not NAME=VALUE", word);
  }
  word_pair *items = grow(pairs->items, pairs->count + 1, &pairs->capacity, sizeof(*items));
  char *name = items ? strndup(word, (size_t)(equals - word)) : NULL;
  pairs->items = items ? items : pairs->items;
  if (!name) {
    return out_of_memory();
  }
  pairs->items[pairs->count++] = (word_pair){name, equals + 1};
  return PTOLOWER_OK;
}

void word_pairs_free(word_pairs *pairs) {
  for (size_t i = 0; i < pairs->count; i++) {
    free(pairs->items[i].name);
  }
  free(pairs->items);
}

static ptolower_status set_key(word_list *list, const char *key, const char *value) {
  if (strcmp(key, "target") == 0) {
    list->target = value;
    return PTOLOWER_OK;
  }
  return ptolower_options_set(list->library, key, value) == PTOLOWER_OK ? PTOLOWER_OK
                                                                        : out_of_memory();
}

static ptolower_status apply_option(word_list *list, const word_option *spec, const char *value) {
  if (spec->flag) {
    *spec->flag = true;
    if (spec->value) {
      *spec->value = value;
    }
  } else if (spec->pairs) {
    return add_pair(spec->pairs, value);
  } else if (spec->key) {
    return set_key(list, spec->key, spec->shown ? value : "1");
  } else {
    *spec->value = value;
  }
  return PTOLOWER_OK;
}

/* Finds the option's value, in its own word or in the next. */
static ptolower_status read_value(reader *in, written_option *option) {
  const word_option *spec = option->spec;
  int shown = (int)strcspn(option->word, "=");
  if (!spec->shown) {
    return option->value ? report_usage("'--%s' takes no value", spec->name) : PTOLOWER_OK;
  }
  if (!option->value && spec->flag) {
    return PTOLOWER_OK;
  }
  if (!option->value && in->next < in->argc && strncmp(in->argv[in->next], "--", 2) != 0) {
    option->value = in->argv[in->next++];
  }
  if (!option->value || (!*option->value && !spec->may_be_empty)) {
    return report_usage("'%.*s' needs a value", shown, option->word);
  }
  return PTOLOWER_OK;
}

static ptolower_status read_option(reader *in, const char *word) {
  written_option option = split_option(in->list, word);
  if (!option.spec) {
    return unknown_option(in->list, word);
  }
  ptolower_status status = read_value(in, &option);
  return status == PTOLOWER_OK ? apply_option(in->list, option.spec, option.value) : status;
}

/* ---- all words ----------------------------------------------------------- */

static ptolower_status read_words(reader *in) {
  ptolower_status status = PTOLOWER_OK;
  word_list *list = in->list;
  bool options_ended = false;
  while (status == PTOLOWER_OK && !help && in->next < in->argc) {
    const char *word = in->argv[in->next++];
    if (!options_ended && strcmp(word, "--") == 0) {
      options_ended = true;
    } else if (!options_ended && word[0] == '-' && word[1]) {
      status = read_option(in, word);
    } else if (list->input_count == list->max_inputs) {
      status = report_usage("too many inputs: '%s'", word);
    } else {
      list->inputs[list->input_count++] = word;
    }
  }
  return status;
}

static ptolower_status print_help(word_list *list) {
  char *text = NULL;
  size_t length;
  FILE *out = open_memstream(&text, &length);
  if (out) {
    words_put_help(out, list);
  }
  ptolower_status status = !out || fclose(out) != 0 ? out_of_memory() : output_print(text);
  free(text);
  list->is_helped = true;
  return status;
}

/* A chip by its name, or the table of one in a file. */
static ptolower_status set_target(word_list *list) {
  const char *word = list->target;
  ptolower_options *library = list->library;
  size_t length = strlen(word);
  file_text json;
  if (!strchr(word, '/') && (length < 5 || strcmp(word + length - 5, ".json") != 0)) {
    return ptolower_options_set(library, "target", word) == PTOLOWER_OK ? PTOLOWER_OK
                                                                        : out_of_memory();
  }
  list->has_table = true;
  if (!file_read(word, &json)) {
    return PTOLOWER_REFUSED;
  }
  ptolower_status status = PTOLOWER_REFUSED;
  if (strlen(json.data) != json.length) {
    report_error("'%s' is not JSON: it holds a NUL byte", word);
  } else if (ptolower_options_set(library, "target-json", json.data) != PTOLOWER_OK ||
             ptolower_options_set(library, "target-file", word) != PTOLOWER_OK) {
    status = out_of_memory();
  } else {
    status = PTOLOWER_OK;
  }
  file_text_free(&json);
  return status;
}

ptolower_status words_read(word_list *list, int argc, char **argv) {
  reader in = {.list = list, .argc = argc, .argv = argv, .next = 1};
  ptolower_status status = read_words(&in);
  if (status == PTOLOWER_OK && color && !color_choose(color)) {
    status = word_invalid("color", color, "auto, always or never");
  }
  if (status == PTOLOWER_OK && help) {
    return print_help(list);
  }
  return status == PTOLOWER_OK && list->target ? set_target(list) : status;
}

/* ---- values --------------------------------------------------------------- */

ptolower_status word_invalid(const char *option, const char *word, const char *use) {
  return report_usage("invalid value '%s' for --%s; use %s", word, option, use);
}

bool word_is_format(const char *word) {
  bool ok = strcmp(word, "text") == 0 || strcmp(word, "json") == 0;
  if (!ok) {
    word_invalid("format", word, "text or json");
  }
  return ok;
}

bool word_number(const char *option, const char *word, double *out) {
  char *end;
  *out = strtod(word, &end);
  bool ok = end != word && !*end && *out > 0 && *out < 1e15;
  if (!ok) {
    word_invalid(option, word, "a number above zero");
  }
  return ok;
}
