/* Reads the environment variables of the drop-in. A value that is not understood counts as
 * not set. */
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

static bool is_off(void) { return equals("PTOLOWER_FUSE", "0"); }

static admission read_admission(void) {
  static const struct {
    const char *name;
    admission admit;
  } switches[] = {{"PTOLOWER", ADMIT_ALL},
                  {"PTOLOWER_FUSE", ADMIT_PAIRS},
                  {"QWEN_A8W8_DUAL_GATE_UP_PROJ", ADMIT_GATE_UP}};
  for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]) && !is_off(); i++) {
    if (equals(switches[i].name, "1")) {
      return switches[i].admit;
    }
  }
  return ADMIT_NOTHING;
}

static bool read_repairs(void) {
  return !is_off() && !equals("PTOLOWER_REPAIR", "0") &&
         (equals("PTOLOWER_REPAIR", "1") || equals("PTOLOWER", "1"));
}

/* pypto waits 60 s for the drop-in: this, twice, and ptoas with the original have to fit. */
static unsigned read_seconds(void) {
  enum { DEFAULT_SECONDS = 20, MOST_SECONDS = 1000000 };
  const char *text = value_of("PTOLOWER_TIMEOUT");
  char *end = NULL;
  long seconds = text ? strtol(text, &end, 10) : 0;
  bool is_given = text && !*end && seconds > 0 && seconds <= MOST_SECONDS;
  return is_given ? (unsigned)seconds : DEFAULT_SECONDS;
}

settings settings_read(void) {
  return (settings){.admit = read_admission(),
                    .repairs = read_repairs(),
                    .keep = !equals("PTOLOWER_KEEP", "0"),
                    .strict = equals("PTOLOWER_STRICT", "1"),
                    .proves = !equals("PTOLOWER_SYNC", "0"),
                    .seconds = read_seconds(),
                    .log = value_of("PTOLOWER_LOG"),
                    .ptoas = value_of("PTOLOWER_PTOAS")};
}

bool settings_are_off(const settings *settings) {
  return settings->admit == ADMIT_NOTHING && !settings->repairs;
}
