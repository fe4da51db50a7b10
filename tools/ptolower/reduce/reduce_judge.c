/* Checks a text in this process; with a ptoas, which puts its flags in, in one of its own. */
#include "reduce/reduce_judge.h"

#include <string.h>

#include "common/report.h"
#include "common/synchronise.h"

/* A finding by its code and what it says, without numbers: lines and addresses change while a file
 * gets smaller. Of what is only remarked the code will do. */
static const char *key_of(ptl_arena *arena, const ptolower_diagnostic *d) {
  ptl_strbuf buf;
  ptl_strbuf_init(&buf, arena);
  ptl_strbuf_printf(&buf, "PTL%03d ", d->code);
  for (const char *at = d->text; *at && d->severity <= PTOLOWER_WARNING; at++) {
    if (*at < '0' || *at > '9') {
      ptl_strbuf_add(&buf, at, 1);
    }
  }
  return buf.data;
}

static ptolower_status check_with_flags(const reduce_judge *judge, const file_text *input,
                                        ptolower_result **result) {
  file_text written;
  ptolower_status status =
      synchronise(judge->ptoas, judge->library, judge->name, input, false, result, &written);
  status = *result ? synchronise_end(*result, judge->library, &written) : status;
  file_text_free(&written);
  return status;
}

/* Checks a text; NULL: it cannot be checked. The first one, the input, is told why. */
static ptolower_result *check(reduce_judge *judge, ptl_str text) {
  ptolower_result *result = NULL;
  file_text input = {(char *)text.data, text.length};
  judge->checks++;
  ptolower_status status = judge->ptoas
                               ? check_with_flags(judge, &input, &result)
                               : ptolower_check(judge->library, text.data, text.length, &result);
  if (status > PTOLOWER_REFUSED || !ptolower_result_report(result)) {
    if (result && judge->checks == 1) {
      report_diagnostics(stderr, result, false);
    }
    ptolower_result_destroy(result);
    return NULL;
  }
  return result;
}

static bool is_finding(const ptolower_diagnostic *d) {
  return d->severity != PTOLOWER_NOTE && d->code > 0;
}

bool reduce_judge_begin(reduce_judge *judge, ptl_str text) {
  ptolower_result *result = check(judge, text);
  size_t count = ptolower_result_diagnostic_count(result);
  for (size_t i = 0; i < count; i++) {
    ptolower_diagnostic d = ptolower_result_diagnostic(result, i);
    if (is_finding(&d)) {
      const char *key = key_of(judge->arena, &d);
      judge->known = ptl_arena_more(judge->arena, judge->known, judge->known_count,
                                    &judge->known_capacity, sizeof(*judge->known));
      judge->known[judge->known_count++] = key;
      judge->wanted = !judge->wanted && d.code == judge->code ? key : judge->wanted;
    }
  }
  if (!result) {
    report_error("'%s' cannot be checked", judge->name);
  } else if (!judge->wanted) {
    report_error("'%s' does not show PTL%03d", judge->name, judge->code);
  }
  ptolower_result_destroy(result);
  return judge->wanted;
}

enum { FIRST_OF_PLACES = 200, LAST_OF_PLACES = 229, FIRST_OF_FLAGS = 260, LAST_OF_FLAGS = 269 };

/* Who asks for flags does not ask what the tiles hold. */
static bool is_beside(const reduce_judge *judge, int code) {
  return judge->code >= FIRST_OF_FLAGS && judge->code <= LAST_OF_FLAGS && code >= FIRST_OF_PLACES &&
         code <= LAST_OF_PLACES;
}

static bool is_known(const reduce_judge *judge, const char *key) {
  for (int i = 0; i < judge->known_count; i++) {
    if (strcmp(judge->known[i], key) == 0) {
      return true;
    }
  }
  return false;
}

bool reduce_judge_holds(reduce_judge *judge, ptl_str text) {
  ptl_arena scratch;
  ptolower_result *result = check(judge, text);
  bool stands = false, is_new = false;
  size_t count = ptolower_result_diagnostic_count(result);
  ptl_arena_init(&scratch);
  for (size_t i = 0; i < count && !is_new; i++) {
    ptolower_diagnostic d = ptolower_result_diagnostic(result, i);
    if (is_finding(&d)) {
      const char *key = key_of(&scratch, &d);
      stands = stands || strcmp(key, judge->wanted) == 0;
      is_new = !is_beside(judge, d.code) && !is_known(judge, key);
    }
  }
  ptl_arena_free(&scratch);
  ptolower_result_destroy(result);
  return stands && !is_new;
}
