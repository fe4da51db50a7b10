/* The commands: `ptolower NAME ...`. Without one, ptolower lowers. */
#ifndef PTOLOWER_COMMANDS_H
#define PTOLOWER_COMMANDS_H

#include <stdbool.h>
#include <stdio.h>

#include <ptolower/ptolower.h>

/* Runs the command that argv[1] names, or with `help NAME` prints its help; false if it names none.
 */
bool command_run(int argc, char **argv, ptolower_status *status);

/* Wrong usage, which has been reported, if the word is a command in a wrong place, or names no file
 * and is spelled much like a command. */
ptolower_status command_judge(const char *word);

/* Writes what there is, a line each. */
void command_list(FILE *out);

#endif
