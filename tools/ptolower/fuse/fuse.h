/* `ptolower fuse`: one kernel of several files or functions. */
#ifndef PTOLOWER_FUSE_COMMAND_H
#define PTOLOWER_FUSE_COMMAND_H

#include <ptolower/ptolower.h>

ptolower_status fuse_main(int argc, char **argv);

#endif
