#include "settings.h"

#include <stdlib.h>
#include <string.h>

static bool equals(const char *name, const char *value) {
  const char *found = getenv(name);
  return found && strcmp(found, value) == 0;
}

/* The variable's value; NULL if it is empty. */
static const char *value_of(const char *name) {
  const char *found = getenv(name);
  return found && *found ? found : NULL;
}

static admission read_admission(void) {
  if (equals("PTOLOWER_FUSE", "0")) {
    return ADMIT_NOTHING;
  }
  if (equals("PTOLOWER_FUSE", "1")) {
    return ADMIT_ALL;
  }
  return equals("QWEN_A8W8_DUAL_GATE_UP_PROJ", "1") ? ADMIT_GATE_UP : ADMIT_NOTHING;
}

settings settings_read(void) {
  return (settings){.admit = read_admission(),
                    .keep = !equals("PTOLOWER_KEEP", "0"),
                    .strict = equals("PTOLOWER_STRICT", "1"),
                    .log = value_of("PTOLOWER_LOG"),
                    .ptoas = value_of("PTOLOWER_PTOAS")};
}
