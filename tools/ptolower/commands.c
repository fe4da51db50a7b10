/* The table of commands that have a command line of their own. */
#include "commands.h"

#include <stddef.h>
#include <string.h>

#include "common/report.h"
#include "explain/explain.h"
#include "fuse/fuse.h"
#include "pypto_kernel/pypto_kernel.h"
#include "reach/reach.h"
#include "shapes/shapes.h"
#include "sim/sim.h"
#include "time/time.h"
#include "tpot/tpot.h"

static const struct {
  const char *name;
  ptolower_status (*run)(int argc, char **argv); /* argv[0] is the name */
} commands[] = {
    {"explain", explain_main}, {"fuse", fuse_main},     {"pypto-kernel", pypto_kernel_main},
    {"reach", reach_main},     {"shapes", shapes_main}, {"sim", sim_main},
    {"time", time_main},       {"tpot", tpot_main},     {"validate", validate_main},
};

bool command_run(int argc, char **argv, ptolower_status *status) {
  for (size_t i = 0; argc > 1 && i < sizeof(commands) / sizeof(commands[0]); i++) {
    if (strcmp(argv[1], commands[i].name) == 0) {
      report_of_command(argv[1]);
      *status = commands[i].run(argc - 1, argv + 1);
      return true;
    }
  }
  return false;
}
