/* Checks the lowered file with the C++ that ptoas made of it, and tells what is known of the
 * functions that are not those of the input. */
#include "prove.h"

#include <cjson/cJSON.h>
#include <ptolower/ptolower.h>
#include <stdlib.h>
#include <string.h>

#include "common/flags.h"
#include "common/report.h"
#include "functions.h"
#include "proof.h"

/* ---- the check ------------------------------------------------------------ */

static ptolower_options *make_options(const prove_request *request) {
  ptolower_options *options = ptolower_options_create();
  if (options &&
      (ptolower_options_set(options, "written", request->cpp.data) != PTOLOWER_OK ||
       (*request->arch && ptolower_options_set(options, "target", request->arch)) ||
       (*request->version && ptolower_options_set(options, "ptoas", request->version)))) {
    ptolower_options_destroy(options);
    return NULL;
  }
  return options;
}

/* The report of a check of the lowered file; NULL: there is none. */
static cJSON *check(const prove_request *request) {
  ptolower_options *options = make_options(request);
  ptolower_result *result = NULL;
  ptolower_status status =
      options ? ptolower_check(options, request->lowered.data, request->lowered.length, &result)
              : PTOLOWER_INTERNAL;
  cJSON *report = status <= PTOLOWER_REFUSED ? cJSON_Parse(ptolower_result_report(result)) : NULL;
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return report;
}

/* ---- one function --------------------------------------------------------- */

static const cJSON *flags_of(const cJSON *report, const function_text *function) {
  const cJSON *item;
  cJSON_ArrayForEach(item, cJSON_GetObjectItem(report, "functions")) {
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

static int judge(const cJSON *report, const function_list *before, const function_list *after,
                 FILE *lines) {
  int status = PTOLOWER_OK;
  for (size_t i = 0; i < after->count; i++) {
    const function_text *function = &after->items[i];
    bool is_rewritten = !function_is_same(&before->items[i], function);
    const cJSON *flags = is_rewritten ? flags_of(report, function) : NULL;
    if (fails(flags, function)) {
      status = PROOF_EXIT_FAILS;
    }
    if (!print_flags(flags, lines)) {
      return PTOLOWER_INTERNAL;
    }
  }
  return fflush(lines) == 0 ? status : PTOLOWER_INTERNAL;
}

int prove_text(const prove_request *request, FILE *lines) {
  function_list before, after;
  int status = PTOLOWER_INTERNAL;
  cJSON *report = check(request);
  bool are_found = functions_find(request->input.data, request->input.length, &before);
  are_found = functions_find(request->lowered.data, request->lowered.length, &after) && are_found;
  if (report && are_found && functions_match(&before, &after)) {
    status = judge(report, &before, &after, lines);
  } else {
    report_error("the lowered file cannot be checked");
  }
  functions_free(&before);
  functions_free(&after);
  cJSON_Delete(report);
  return status;
}
