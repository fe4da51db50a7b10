/* The proof of the proof of flags: is all told that an execution with random delays shows?
 *
 *   races_test [--seeds=N] [--list=FILE] [--originals] FILE.pto...
 *
 * Each file holds its flags. As they are, `check` has to prove it where no run of it shows
 * anything, and tell it where one does. Then every flag is removed, moved across its neighbours,
 * and given each other id and pipe (change.c). A change that makes a run read another value, hang,
 * or leave a flag up (races.h) must be told, as an error or as not proved. What is told without a
 * run that shows it is counted.
 *
 * --originals: no changes; --list: a line for each change that is missed, or told without a run
 * that shows it, and for each finding of an original.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "ptolower/ptolower.h"
#include "races.h"

typedef struct tally {
  int sites, counting, told, not_followed, missed, unseen;
} tally;

/* What check says of the flags of a unit. */
typedef struct verdict {
  bool is_wrong;
  bool is_followed;
  char first[512];
} verdict;

static const rac_arguments arguments[] = {{0, 0},   {1, 0},   {2, 0},  {3, 0},
                                          {100, 0}, {300, 0}, {0, 40}, {600, -70}};
enum { ARGUMENTS = sizeof(arguments) / sizeof(arguments[0]) };
enum { FIRST_CODE = 260, LAST_CODE = 269 };

typedef struct test {
  mut_chip *chips[2];
  FILE *list;
  int seeds;
  bool originals_only;
  const char *file;
  int func; /* of the program: the first of the unit whose flags are changed */
  tally tallies[RAC_CHANGE_KINDS];
  int kernels, skipped, wrong, proved, racing;
} test;

/* ---- what check says ------------------------------------------------------------------ */

static bool is_in_unit(const mut_program *program, const mut_unit *unit, const char *name) {
  for (int i = 0; i < unit->count; i++) {
    if (strcmp(program->funcs[unit->funcs[i]].name, name) == 0) {
      return true;
    }
  }
  return false;
}

/* Of each function the report says what is known of its flags; of one without flags, nothing. */
static void note_flags(verdict *v, const cJSON *function) {
  const cJSON *flags = cJSON_GetObjectItem(function, "flags");
  const cJSON *what = flags ? cJSON_GetObjectItem(flags, "verdict") : NULL;
  const cJSON *text = flags ? cJSON_GetObjectItem(flags, "text") : NULL;
  bool is_wrong = what && strcmp(what->valuestring, "wrong") == 0;
  v->is_wrong = v->is_wrong || is_wrong;
  v->is_followed =
      v->is_followed && (is_wrong || (what && strcmp(what->valuestring, "proved") == 0));
  if (text && !is_wrong && !v->first[0]) {
    (void)snprintf(v->first, sizeof(v->first), "%s: %s\n", what->valuestring, text->valuestring);
  }
}

static void note_finding(verdict *v, const ptolower_result *result) {
  for (size_t i = 0; i < ptolower_result_diagnostic_count(result); i++) {
    ptolower_diagnostic d = ptolower_result_diagnostic(result, i);
    if (d.code >= FIRST_CODE && d.code <= LAST_CODE && d.severity == PTOLOWER_ERROR) {
      (void)snprintf(v->first, sizeof(v->first), "%s", ptolower_result_diagnostic_line(result, i));
      return;
    }
  }
}

static verdict check(const char *text, const mut_program *program, const mut_unit *unit) {
  verdict v = {.is_followed = true};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_check(options, text, strlen(text), &result);
  bool is_read = status == PTOLOWER_OK || status == PTOLOWER_REFUSED;
  const char *report = is_read ? ptolower_result_report(result) : NULL;
  cJSON *json = cJSON_Parse(report ? report : "{}"), *function;
  v.is_followed = report != NULL;
  cJSON_ArrayForEach(function, cJSON_GetObjectItem(json, "functions")) {
    if (is_in_unit(program, unit, cJSON_GetObjectItem(function, "name")->valuestring)) {
      note_flags(&v, function);
    }
  }
  if (v.is_wrong) {
    note_finding(&v, result);
  }
  cJSON_Delete(json);
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
  return v;
}

/* ---- what runs show ---------------------------------------------------------------------- */

typedef struct seen {
  rac_outcome outcome;
  int64_t argument;
  int line, instr; /* of the instruction; 0 */
  const char *failed;
  uint64_t hashes[2 * ARGUMENTS]; /* of the lists that were run */
  int run_count;
} seen;

/* Whether such a list is new. */
static bool is_new(seen *s, uint64_t hash) {
  for (int i = 0; i < s->run_count; i++) {
    if (s->hashes[i] == hash) {
      return false;
    }
  }
  s->hashes[s->run_count++] = hash;
  return true;
}

/* Runs with these arguments, if others did not do the same. */
static void look_with(const test *t, const mut_program *program, const mut_unit *unit,
                      rac_arguments arguments, int lane, seen *out) {
  rac_trace trace;
  int where;
  rac_trace_run(&trace, t->chips[program->is_a5], program, unit, arguments, lane);
  if (trace.failed) {
    out->failed = trace.failed;
  } else if (is_new(out, rac_trace_hash(&trace))) {
    out->outcome = rac_judge(&trace, t->seeds, &where);
    out->argument = arguments.first;
    out->instr = where;
    out->line = where >= 0 && where < trace.count ? trace.instrs[where].op->line : 0;
  }
  rac_trace_free(&trace);
}

static seen look(const test *t, const mut_program *program, const mut_unit *unit) {
  seen out = {.outcome = RAC_SAME};
  int lanes = unit->count;
  for (int a = 0; a < ARGUMENTS * lanes && out.outcome == RAC_SAME; a++) {
    look_with(t, program, unit, arguments[a / lanes], a % lanes, &out);
  }
  out.failed = out.run_count > 0 ? NULL : out.failed;
  return out;
}

static const char *outcome_text(rac_outcome outcome) {
  static const char *const texts[] = {"nothing", "another value", "a hang", "a flag that is left"};
  return texts[outcome];
}

/* ---- changes ------------------------------------------------------------------------------ */

static void list(const test *t, const rac_change *change, const char *how, const seen *seen,
                 const verdict *v) {
  if (t->list) {
    (void)fprintf(t->list, "%s: %s:%d: %.*s: %s %s: shown: %s with %lld at line %d: said: %s\n",
                  how, t->file, change->op->line, (int)strcspn(change->op->attributes, "\n"),
                  change->op->attributes, rac_change_name(change->kind), change->what,
                  outcome_text(seen->outcome), (long long)seen->argument, seen->line,
                  v->first[0] ? v->first : "proved\n");
    (void)fflush(t->list);
  }
}

static void judge_change(void *user, const rac_change *change, const char *text) {
  test *t = user;
  tally *tally = &t->tallies[change->kind];
  mut_program *program = mut_program_read(text);
  const mut_unit unit = mut_unit_of(program, t->func);
  seen seen = look(t, program, &unit);
  verdict v = check(text, program, &unit);
  bool counts = seen.outcome != RAC_SAME;
  tally->sites++;
  tally->counting += counts;
  if (counts && v.is_wrong) {
    tally->told++;
  } else if (counts && !v.is_followed) {
    tally->not_followed++;
  } else if (counts) {
    tally->missed++;
    list(t, change, "MISSED", &seen, &v);
  } else if (v.is_wrong || !v.is_followed) {
    tally->unseen++;
    list(t, change, "unseen", &seen, &v);
  }
  mut_program_free(program);
}

/* ---- one file ---------------------------------------------------------------------------------
 */

static void test_unit(test *t, const char *text, const mut_program *program, const mut_unit *unit,
                      const verdict *v) {
  const char *name = program->funcs[t->func].name;
  seen seen = look(t, program, unit);
  bool says_error = v->is_wrong, shows = seen.outcome != RAC_SAME;
  t->kernels++;
  if (seen.failed) {
    (void)printf("SKIPPED: %s @%s: %s\n", t->file, name, seen.failed);
    t->skipped++;
    return;
  }
  if (says_error != shows || !v->is_followed) {
    bool is_wrong = says_error != shows && (v->is_followed || says_error);
    (void)printf("%s: %s @%s: shown: %s with %lld at line %d, said: %s",
                 is_wrong ? "WRONG" : "not proved", t->file, name, outcome_text(seen.outcome),
                 (long long)seen.argument, seen.line, v->first[0] ? v->first : "proved\n");
    t->wrong += is_wrong;
    t->skipped += !v->is_followed;
  } else {
    t->proved += !shows;
    t->racing += shows;
  }
  for (int i = 0; i < unit->count; i++) {
    if (!t->originals_only && !shows && !says_error && v->is_followed) {
      rac_changes(text, &program->funcs[unit->funcs[i]], judge_change, t);
    }
  }
}

static void test_text(test *t, const char *text) {
  mut_program *program = mut_program_read(text);
  for (t->func = 0; t->func < program->func_count; t->func++) {
    const mut_unit unit = mut_unit_of(program, t->func);
    if (unit.count > 0) {
      verdict v = check(text, program, &unit);
      test_unit(t, text, program, &unit, &v);
    }
  }
  mut_program_free(program);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  size_t size = 0, capacity = 1 << 16;
  char *text = malloc(capacity);
  if (!file) {
    (void)fprintf(stderr, "%s: cannot be read\n", path);
    exit(2);
  }
  for (size_t got; (got = fread(text + size, 1, capacity - size - 1, file)) > 0;) {
    size += got;
    if (capacity - size == 1) {
      capacity *= 2;
      text = realloc(text, capacity);
    }
  }
  text[size] = '\0';
  (void)fclose(file);
  return text;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void print_row(const char *name, const tally *k) {
  (void)printf("%-12s %6d %9d %6d %13d %7d %7d\n", name, k->sites, k->counting, k->told,
               k->not_followed, k->missed, k->unseen);
}

static int print_table(const test *t) {
  tally all = {0};
  (void)printf("%-12s %6s %9s %6s %13s %7s %7s\n", "", "sites", "counting", "told", "not followed",
               "missed", "unseen");
  for (int i = 0; i < RAC_CHANGE_KINDS; i++) {
    const tally *k = &t->tallies[i];
    print_row(rac_change_name((rac_change_kind)i), k);
    all.sites += k->sites;
    all.counting += k->counting;
    all.told += k->told;
    all.not_followed += k->not_followed;
    all.missed += k->missed;
    all.unseen += k->unseen;
  }
  print_row("all", &all);
  return all.missed;
}

int main(int argc, char **argv) {
  static test t = {.seeds = 300};
  t.chips[0] = mut_chip_create(false);
  t.chips[1] = mut_chip_create(true);
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "--list=", 7) == 0) {
      t.list = fopen(argv[i] + 7, "w");
    } else if (strncmp(argv[i], "--seeds=", 8) == 0) {
      t.seeds = atoi(argv[i] + 8);
    } else if (strcmp(argv[i], "--originals") == 0) {
      t.originals_only = true;
    } else {
      char *text = read_file(argv[i]);
      t.file = argv[i];
      test_text(&t, text);
      free(text);
    }
  }
  int missed = t.originals_only ? 0 : print_table(&t);
  (void)printf("%d kernels: %d proved, %d race and are told, %d skipped, %d wrong\n", t.kernels,
               t.proved, t.racing, t.skipped, t.wrong);
  mut_chip_destroy(t.chips[0]);
  mut_chip_destroy(t.chips[1]);
  return missed || t.wrong || !t.kernels ? 1 : 0;
}
