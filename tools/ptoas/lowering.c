/* Has the input lowered, and judges how that ended. */
#include "lowering.h"

#include <stdio.h>
#include <stdlib.h>

#include "helper.h"

static lowering judge(helper *h) {
  lowering out = {.outcome = h->status == LOWER_EXIT_CHANGED     ? LOWERING_CHANGED
                             : h->status == LOWER_EXIT_UNCHANGED ? LOWERING_UNCHANGED
                                                                 : LOWERING_FAILED};
  if (out.outcome == LOWERING_FAILED) {
    snprintf(out.reason, sizeof(out.reason), "%s", h->reason);
  }
  return out;
}

lowering lowering_run(const settings *settings, const char *input, const char *lowered,
                      const char *arch, const char *version, helper *h) {
  static const char *const admitted[] = {[ADMIT_NOTHING] = "none",
                                         [ADMIT_GATE_UP] = "gate-up",
                                         [ADMIT_PAIRS] = "pairs",
                                         [ADMIT_ALL] = "all"};
  const char *const words[HELPER_WORDS] = {HELPER_LOWERS,
                                           input,
                                           lowered,
                                           admitted[settings->admit],
                                           settings->repairs ? "repair" : "keep",
                                           arch ? arch : "",
                                           version,
                                           settings->log ? HELPER_LOGS : "quiet"};
  helper_lower(h, words, settings->seconds);
  return judge(h);
}
