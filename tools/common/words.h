/* The command lines of the smaller commands: `--name=value`, `--name value`, `--flag`, inputs. */
#ifndef PTOLOWER_WORDS_H
#define PTOLOWER_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include <ptolower/ptolower.h>

/* `NAME=VALUE`. */
typedef struct word_pair {
  char *name;        /* owned */
  const char *value; /* in argv */
} word_pair;

typedef struct word_pairs {
  word_pair *items;
  size_t count, capacity;
} word_pairs;

/* One of `value`, `flag` and `pairs` is set. */
typedef struct word_option {
  const char *name;   /* after the two dashes */
  char letter;        /* the same with one dash, its value in a word of its own; 0: none */
  const char **value; /* receives a pointer into argv */
  bool *flag;
  word_pairs *pairs; /* for an option that may be given often, with NAME=VALUE */
} word_option;

typedef struct word_list {
  const word_option *options;
  size_t option_count;
  const char **inputs; /* receives the other words */
  size_t max_inputs;
  size_t input_count; /* how many there were */
} word_list;

/* Reads argv[1] onwards; `-h` is `--help`, which every list should have; after `--` there
 * are inputs only. Anything but PTOLOWER_OK has been reported. */
ptolower_status words_read(word_list *list, int argc, char **argv);

void word_pairs_free(word_pairs *pairs);

/* Whether `word` is a format that a command prints, text or json. False: it is none, which has been
 * reported. */
bool word_is_format(const char *word);

/* A number above zero. False: it is none, which has been reported. */
bool word_number(const char *option, const char *word, double *out);

#endif
