/* What the commands that call the library on files have in common: its options, the files that they
 * are given, and the options that all of them call alike. */
#ifndef PTOLOWER_FILE_COMMAND_H
#define PTOLOWER_FILE_COMMAND_H

#include "common/words.h"

typedef struct file_command {
  ptolower_options *library;
  const char **inputs; /* into argv */
  size_t input_count;
  bool is_helped; /* --help has been printed: nothing is left to do */
  bool has_table; /* --target names a file */
} file_command;

/* Prepares a command with as many words. Anything but PTOLOWER_OK has been reported; it is to be
 * freed whatever the status is. */
ptolower_status file_command_begin(file_command *c, int argc);
void file_command_free(file_command *c);

/* Reads argv[1] onwards by the table of a command. Anything but PTOLOWER_OK has been reported. */
ptolower_status file_command_read(file_command *c, const word_help *help,
                                  const word_option *options, size_t option_count, int argc,
                                  char **argv);

/* Rows of a table: --target, which may be a file, and with which a section of --help may begin;
 * --ptoas; --fuse and --rewrite where kernels are lowered to see what becomes of them. */
word_option option_target(const char *section);
word_option option_ptoas(void);
word_option option_fuse(void);
word_option option_rewrite(void);

/* --sync[=PTOAS], of any command: which ptoas, if one is named. */
word_option option_sync(bool *is_given, const char **ptoas);

#endif
