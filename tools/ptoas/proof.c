/* Has the flags of a rewritten kernel proved by the process that rewrote it. What goes wrong there
 * is no race. */
#include "proof.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/capture.h"

proof proof_run(helper *h, int cpp_fd, unsigned seconds) {
  proof out = {.fails = false};
  size_t length = 0;
  char *text = cpp_fd >= 0 ? capture_text(cpp_fd, &length) : NULL;
  helper_prove(h, text, length, seconds);
  out.fails = h->status == PROOF_EXIT_FAILS;
  out.functions = h->status == 0 || out.fails ? h->proved : NULL;
  snprintf(out.reason, sizeof(out.reason), "%s",
           length > 0 ? h->reason : "what ptoas wrote cannot be read again");
  free(text);
  return out;
}
