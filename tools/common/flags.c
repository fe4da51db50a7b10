/* Reads what the report of a check says of flags. */
#include "common/flags.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {[FLAGS_PROVED] = "proved",
                                    [FLAGS_NOT_FOLLOWED] = "not followed",
                                    [FLAGS_UNPROVED] = "unproved",
                                    [FLAGS_WRONG] = "wrong"};

const char *flags_verdict_name(flags_verdict verdict) { return names[verdict]; }

static const char *string(const cJSON *object, const char *key) {
  const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, key));
  return text ? text : "";
}

flags_verdict flags_verdict_of(const cJSON *flags) {
  for (int verdict = FLAGS_PROVED; flags && verdict <= FLAGS_WRONG; verdict++) {
    if (strcmp(string(flags, "verdict"), names[verdict]) == 0) {
      return (flags_verdict)verdict;
    }
  }
  return FLAGS_NOT_ASKED;
}

flags_known flags_worst(const char *report) {
  flags_known out = {.verdict = FLAGS_NOT_ASKED};
  cJSON *document = cJSON_Parse(report ? report : "");
  const cJSON *function;
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(document, "functions")) {
    const cJSON *flags = cJSON_GetObjectItem(function, "flags");
    flags_verdict verdict = flags_verdict_of(flags);
    if (verdict > out.verdict) {
      out.verdict = verdict;
      snprintf(out.text, sizeof(out.text), "@%s, line %.0f: %s", string(function, "name"),
               cJSON_GetNumberValue(cJSON_GetObjectItem(flags, "line")), string(flags, "text"));
    }
  }
  out.text[0] = out.verdict > FLAGS_PROVED ? out.text[0] : '\0';
  cJSON_Delete(document);
  return out;
}
