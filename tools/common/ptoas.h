/* Where a ptoas is, and running it, for the commands that can use one. */
#ifndef PTOLOWER_PTOAS_H
#define PTOLOWER_PTOAS_H

#include <limits.h>
#include <stdbool.h>

/* Takes `asked` (a program, a directory that holds one, or `none`), else $PTOAS, else ptoas on
 * PATH. An empty path: there is none. False: what was asked for is not there, which has been
 * reported. */
bool ptoas_find(const char *asked, char path[PATH_MAX]);

/* One run. */
typedef struct ptoas_run {
  const char *program, *input, *output;
  const char *arch; /* of its --pto-arch */
  bool is_level2;   /* ptoas plans the addresses */
  int messages;     /* a file for what it says; -1: nobody hears it */
  char fault[64];   /* why it failed: `exit status 1` */
} ptoas_run;

/* False: it failed. It is ended when it takes longer than a minute, or this program ends. */
bool ptoas_compile(ptoas_run *run);

#endif
