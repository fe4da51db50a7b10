/* Has the flags of a rewritten kernel proved, in a process of its own. What goes wrong there is no
 * race. */
#include "proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "helper.h"

proof proof_run(const proof_request *request) {
  proof out = {.fails = false};
  if (request->cpp_fd < 0 || lseek(request->cpp_fd, 0, SEEK_SET) != 0) {
    snprintf(out.reason, sizeof(out.reason), "what ptoas wrote cannot be read again");
    return out;
  }
  helper_run run = {.words = {HELPER_PROVES, request->input, request->lowered,
                              request->arch ? request->arch : "", request->version},
                    .in_fd = request->cpp_fd,
                    .seconds = request->seconds};
  helper_execute(&run);
  out.fails = run.status == PROOF_EXIT_FAILS;
  if (run.status == 0 || out.fails) {
    out.functions = run.said;
  } else {
    free(run.said);
  }
  snprintf(out.reason, sizeof(out.reason), "%s", run.reason);
  return out;
}
