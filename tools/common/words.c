/* Reads command lines of the form --name=value, --name value, --flag and inputs, by a table. */
#include "common/words.h"

#include <stdlib.h>
#include <string.h>

#include "common/grow.h"
#include "common/report.h"

/* Every command has it. */
static const char *color;
static const word_option color_option = {.name = "color", .value = &color};

static const word_option *find_option(const word_list *list, const char *name, size_t length) {
  if (length == strlen("color") && strncmp(name, "color", length) == 0) {
    return &color_option;
  }
  for (size_t i = 0; i < list->option_count; i++) {
    const char *candidate = list->options[i].name;
    if (strlen(candidate) == length && strncmp(candidate, name, length) == 0) {
      return &list->options[i];
    }
  }
  return NULL;
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
    report_error("out of memory");
    return PTOLOWER_INTERNAL;
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

/* The long name of an option that is written with one dash; "" if there is none. */
static const char *name_of_letter(const word_list *list, const char *word) {
  for (size_t i = 0; i < list->option_count; i++) {
    if (list->options[i].letter == word[1] && !word[2]) {
      return list->options[i].name;
    }
  }
  return strcmp(word, "-h") == 0 ? "help" : "";
}

/* Reads the option at argv[*next], and its value, which may be the next word. */
static ptolower_status read_option(word_list *list, int argc, char **argv, int *next) {
  const char *word = argv[(*next)++];
  const char *name = word[1] == '-' ? word + 2 : name_of_letter(list, word);
  size_t length = strcspn(name, "=");
  const word_option *option = find_option(list, name, length);
  if (!option) {
    return report_usage("unknown option '%.*s'", (int)strcspn(word, "="), word);
  }
  if (option->flag) {
    *option->flag = true;
    return name[length] ? report_usage("'--%s' takes no value", option->name) : PTOLOWER_OK;
  }
  const char *value = name[length] ? name + length + 1 : NULL;
  if (!name[length] && *next < argc && strncmp(argv[*next], "--", 2) != 0) {
    value = argv[(*next)++];
  }
  if (!value || !*value) {
    return report_usage("'--%s' needs a value", option->name);
  }
  if (option->pairs) {
    return add_pair(option->pairs, value);
  }
  *option->value = value;
  return option == &color_option ? report_color(value) : PTOLOWER_OK;
}

ptolower_status words_read(word_list *list, int argc, char **argv) {
  ptolower_status status = PTOLOWER_OK;
  bool options_ended = false;
  for (int next = 1; next < argc && status == PTOLOWER_OK;) {
    if (!options_ended && strcmp(argv[next], "--") == 0) {
      options_ended = true;
      next++;
    } else if (!options_ended && argv[next][0] == '-' && argv[next][1]) {
      status = read_option(list, argc, argv, &next);
    } else if (list->input_count == list->max_inputs) {
      status = report_usage("too many inputs: '%s'", argv[next]);
    } else {
      list->inputs[list->input_count++] = argv[next++];
    }
  }
  return status;
}

bool word_is_format(const char *word) {
  bool ok = strcmp(word, "text") == 0 || strcmp(word, "json") == 0;
  if (!ok) {
    report_usage("'--format' is text or json, not '%s'", word);
  }
  return ok;
}

bool word_number(const char *option, const char *word, double *out) {
  char *end;
  *out = strtod(word, &end);
  bool ok = end != word && !*end && *out > 0 && *out < 1e15;
  if (!ok) {
    report_usage("'--%s' is a number above zero, not '%s'", option, word);
  }
  return ok;
}
