/* Has the flags of the functions that were rewritten proved, and tells what is known of them. */
#include "prove.h"

#include <stdlib.h>

#include "common/flags.h"
#include "common/report.h"
#include "proof.h"

/* ---- one function --------------------------------------------------------- */

static const cJSON *flags_of(const cJSON *known, const function_text *function) {
  const cJSON *item;
  cJSON_ArrayForEach(item, known) {
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(item, "name"));
    if (name && function_is(function, name)) {
      return cJSON_GetObjectItem(item, "flags");
    }
  }
  return NULL;
}

static bool print_flags(const cJSON *flags, FILE *lines) {
  char *text = flags ? cJSON_PrintUnformatted(flags) : NULL;
  bool ok = fprintf(lines, "%s\n", flags ? text : "null") > 0;
  free(text);
  return ok;
}

/* Whether they fail, which is reported. */
static bool fails(const cJSON *flags, const function_text *function) {
  flags_verdict verdict = flags_verdict_of(flags);
  if (verdict < FLAGS_UNPROVED) {
    return false;
  }
  report_error(
      "%s: @%.*s, line %d: %s",
      verdict == FLAGS_WRONG
          ? "what ptoas made of the lowered file races"
          : "it is not known that the flags which ptoas put into the lowered file are right",
      (int)function->name_length, function->name, cJSON_GetObjectItem(flags, "line")->valueint,
      cJSON_GetStringValue(cJSON_GetObjectItem(flags, "text")));
  return true;
}

/* ---- the file ------------------------------------------------------------- */

/* Of functions that were not rewritten nothing is known. */
static int judge(const cJSON *known, const function_list *functions, FILE *lines) {
  int status = PTOLOWER_OK;
  for (size_t i = 0; i < functions->count; i++) {
    const cJSON *flags = flags_of(known, &functions->items[i]);
    if (fails(flags, &functions->items[i])) {
      status = PROOF_EXIT_FAILS;
    }
    if (!print_flags(flags, lines)) {
      return PTOLOWER_INTERNAL;
    }
  }
  return fflush(lines) == 0 ? status : PTOLOWER_INTERNAL;
}

int prove_flags(const lowered *of, const char *cpp, FILE *lines) {
  int status = (int)ptolower_prove_flags(of->result, cpp);
  cJSON *known = status == PTOLOWER_OK ? cJSON_Parse(ptolower_result_flags(of->result)) : NULL;
  if (known) {
    status = judge(known, &of->after, lines);
  } else {
    report_error("the lowered file cannot be checked");
    status = PTOLOWER_INTERNAL;
  }
  cJSON_Delete(known);
  return status;
}
