/* The commands that have command lines of their own. */
#ifndef PTOLOWER_COMMANDS_H
#define PTOLOWER_COMMANDS_H

#include <stdbool.h>

#include <ptolower/ptolower.h>

/* Runs the command that argv[1] names; false if it names none of these. */
bool command_run(int argc, char **argv, ptolower_status *status);

#endif
