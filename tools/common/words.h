/* The command line of a command, and its --help, from one table: `--name=value`, `--name value`,
 * `--flag`, `-o value`, `-o=value`, `-ovalue`, and inputs; after `--` there are inputs only.
 *
 * Every command also has --color and --help.
 */
#ifndef PTOLOWER_WORDS_H
#define PTOLOWER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

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

/* One of `value`, `flag`, `pairs` and `key` says what becomes of it; `flag` and `value`: its value
 * may be missing, and stands in its own word. */
typedef struct word_option {
  const char *section; /* of --help, which begins here; NULL: none begins */
  const char *name;    /* after the two dashes */
  char letter;         /* the same with one dash; 0: none */
  bool one_dash;       /* it is `-name`, as compilers have it */
  bool may_be_empty;
  const char *shown;  /* what --help calls its value, as FILE; NULL: it takes none */
  const char *help;   /* what it does; the lines are broken where they have to be */
  const char **value; /* receives a pointer into argv */
  bool *flag;
  word_pairs *pairs; /* of one that may be given often, with NAME=VALUE */
  const char *key;   /* of the library's option that gets the value, or 1. Of `target` the value may
                        be a file, FILE.json */
} word_option;

/* What --help says besides the options. */
typedef struct word_help {
  const char *usage; /* after `ptolower `; several lines: several ways */
  const char *about; /* what the command does */
  const char *done;  /* what exit status 0 means; NULL: done */
  const char *refused;
  const char *examples;    /* NULL: none */
  void (*more)(FILE *out); /* what stands before the exit status; NULL: nothing */
} word_help;

typedef struct word_list {
  const word_help *help;
  const word_option *options;
  size_t option_count;
  ptolower_options *library; /* of options with a key */
  const char **inputs;       /* receives the other words */
  size_t max_inputs;
  size_t input_count; /* how many there were */
  bool is_helped;     /* --help was given, and its text has been printed: nothing is left to do */
  const char *target; /* the last --target */
  bool has_table;     /* which is a file */
} word_list;

/* Reads argv[1] onwards. Anything but PTOLOWER_OK has been reported. */
ptolower_status words_read(word_list *list, int argc, char **argv);

/* The options of a command: its own, then those that every command has. */
size_t words_option_count(const word_list *list);
const word_option *words_option(const word_list *list, size_t index);

/* Writes the text of --help. */
void words_put_help(FILE *out, const word_list *list);

void word_pairs_free(word_pairs *pairs);

/* Whether `word` is a format that a command prints, text or json. False: it is none, which has been
 * reported. */
bool word_is_format(const char *word);

/* Reports that an option does not have this value; `use` says which it has. Wrong usage. */
ptolower_status word_invalid(const char *option, const char *word, const char *use);

/* A number above zero. False: it is none, which has been reported. */
bool word_number(const char *option, const char *word, double *out);

#endif
