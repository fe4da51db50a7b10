/* ptoas' command line, as far as the drop-in has to know it. */
#ifndef DROPIN_COMMAND_H
#define DROPIN_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Words that are 0 were not found. */
typedef struct command {
  int argc;
  char **argv;
  int input;            /* the word that is the input */
  int output;           /* the word that holds the output's path */
  size_t output_prefix; /* what stands before the path in it, as `-o=` */
  const char *arch;     /* of --pto-arch, or NULL */
  bool is_ambiguous;    /* a word may be the input or the value of an unknown option */
} command;

command command_read(int argc, char **argv);

/* The input, or NULL. */
const char *command_input(const command *given);
/* The output; NULL where ptoas writes to standard output. */
const char *command_output(const command *given);

/* The words for `program`, with another input and output (NULL: as given); to be freed with
 * command_free_words. NULL if memory is out. */
char **command_words(const command *given, const char *program, const char *input,
                     const char *output);
void command_free_words(char **words);

#endif
