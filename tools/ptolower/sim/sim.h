/* The subcommands that run kernels. */
#ifndef PTOLOWER_SIM_MAIN_H
#define PTOLOWER_SIM_MAIN_H

#include <ptolower/ptolower.h>

/* `ptolower sim` and `ptolower validate`; argv[0] is the subcommand. */
ptolower_status sim_main(int argc, char **argv);
ptolower_status validate_main(int argc, char **argv);

#endif
