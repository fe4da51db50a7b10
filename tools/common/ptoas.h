/* Where a ptoas is, and running it, for the commands that can use one. */
#ifndef PTOLOWER_PTOAS_H
#define PTOLOWER_PTOAS_H

#include <limits.h>
#include <stdbool.h>

#include "common/ptoas_version.h"

/* The ptoas of a command. */
typedef struct ptoas_choice {
  char path[PATH_MAX];              /* empty: there is none */
  char version[PTOAS_VERSION_SIZE]; /* that is lowered for; empty: any */
  bool is_unwanted;                 /* it was asked to do without */
} ptoas_choice;

/* Takes `asked`: a program or a directory that holds one, which is asked for its version; a
 * version, as 0.60, or `none`. Else, and for a version, the program is $PTOAS, else ptoas on PATH.
 * False: what was asked for is not there, which has been reported. */
bool ptoas_choose(const char *asked, ptoas_choice *out);

/* For --sync[=PTOAS]: there has to be one, else that is reported. */
bool ptoas_choose_for_sync(const char *asked, ptoas_choice *out);

/* One run. */
typedef struct ptoas_run {
  const char *program, *input, *output;
  const char *arch; /* of its --pto-arch */
  bool is_level2;   /* ptoas plans the addresses */
  int messages;     /* a file for what it says; -1: it is dropped */
  char fault[64];   /* why it failed: `exit status 1` */
} ptoas_run;

/* False: it failed. It is ended when it takes longer than a minute, or this program ends. */
bool ptoas_compile(ptoas_run *run);

#endif
