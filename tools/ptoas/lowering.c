/* Has the input lowered, and judges how that ended. */
#include "lowering.h"

#include <stdio.h>
#include <stdlib.h>

#include "helper.h"

static lowering judge(const helper_run *run) {
  lowering out = {.outcome = run->status == LOWER_EXIT_CHANGED     ? LOWERING_CHANGED
                             : run->status == LOWER_EXIT_UNCHANGED ? LOWERING_UNCHANGED
                                                                   : LOWERING_FAILED};
  if (out.outcome == LOWERING_FAILED) {
    free(run->said);
    snprintf(out.reason, sizeof(out.reason), "%s", run->reason);
  } else {
    out.kernels = run->said;
  }
  return out;
}

lowering lowering_run(const settings *settings, const char *input, const char *lowered,
                      const char *arch, const char *version) {
  static const char *const admitted[] = {[ADMIT_NOTHING] = "none",
                                         [ADMIT_GATE_UP] = "gate-up",
                                         [ADMIT_PAIRS] = "pairs",
                                         [ADMIT_ALL] = "all"};
  helper_run run = {.words = {HELPER_LOWERS, input, lowered, admitted[settings->admit],
                              settings->repairs ? "repair" : "keep", arch ? arch : "", version},
                    .in_fd = -1,
                    .seconds = settings->seconds};
  helper_execute(&run);
  return judge(&run);
}
