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

#include "ptolower/ptolower.h"
#include "races.h"

typedef struct tally {
  int sites, counting, told, not_followed, missed, unseen;
} tally;

/* What check says of the flags of a file. */
typedef struct verdict {
  int errors, warnings;
  bool is_followed;
  char first[512];
} verdict;

static const rac_arguments arguments[] = {{0, 0},   {1, 0},   {2, 0},  {3, 0},
                                          {100, 0}, {300, 0}, {0, 40}, {600, -70}};
enum { ARGUMENTS = sizeof(arguments) / sizeof(arguments[0]) };
enum { FIRST_CODE = 260, LAST_CODE = 269, NOT_FOLLOWED = 231 };

typedef struct test {
  mut_chip *chips[2];
  FILE *list;
  int seeds;
  bool originals_only;
  const char *file;
  int func; /* of the program, whose flags are changed */
  tally tallies[RAC_CHANGE_KINDS];
  int kernels, skipped, wrong, proved, racing;
} test;

/* ---- what check says ------------------------------------------------------------------ */

static verdict check(const char *text) {
  verdict v = {.is_followed = true};
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  ptolower_status status = ptolower_check(options, text, strlen(text), &result);
  size_t count = ptolower_result_diagnostic_count(result);
  v.is_followed = status == PTOLOWER_OK || status == PTOLOWER_REFUSED;
  for (size_t i = 0; i < count; i++) {
    ptolower_diagnostic d = ptolower_result_diagnostic(result, i);
    bool is_flag = d.code >= FIRST_CODE && d.code <= LAST_CODE && d.severity != PTOLOWER_NOTE;
    v.is_followed = v.is_followed && d.code != NOT_FOLLOWED;
    v.errors += is_flag && d.severity == PTOLOWER_ERROR;
    v.warnings += is_flag && d.severity == PTOLOWER_WARNING;
    if (!v.first[0] && (is_flag || d.code == NOT_FOLLOWED)) {
      (void)snprintf(v.first, sizeof(v.first), "%s", ptolower_result_diagnostic_line(result, i));
    }
  }
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
} seen;

static seen look(const test *t, const mut_program *program, int func) {
  seen out = {.outcome = RAC_SAME};
  int runs = 0;
  for (int a = 0; a < ARGUMENTS && out.outcome == RAC_SAME; a++) {
    rac_trace trace;
    int where;
    rac_trace_run(&trace, t->chips[program->is_a5], program, func, arguments[a]);
    if (trace.failed) {
      out.failed = trace.failed;
    } else {
      out.outcome = rac_judge(&trace, t->seeds, &where);
      out.argument = arguments[a].first;
      out.instr = where;
      out.line = where >= 0 && where < trace.count ? trace.instrs[where].op->line : 0;
      runs++;
    }
    rac_trace_free(&trace);
  }
  out.failed = runs > 0 ? NULL : out.failed;
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
  seen seen = look(t, program, t->func);
  verdict v = check(text);
  bool counts = seen.outcome != RAC_SAME;
  tally->sites++;
  tally->counting += counts;
  if (counts && v.errors > 0) {
    tally->told++;
  } else if (counts && !v.is_followed) {
    tally->not_followed++;
  } else if (counts) {
    tally->missed++;
    list(t, change, "MISSED", &seen, &v);
  } else if (v.errors > 0 || !v.is_followed) {
    tally->unseen++;
    list(t, change, "unseen", &seen, &v);
  }
  mut_program_free(program);
}

/* ---- one file ---------------------------------------------------------------------------------
 */

static void test_function(test *t, const char *text, const mut_program *program, const verdict *v) {
  const mut_func *func = &program->funcs[t->func];
  seen seen = look(t, program, t->func);
  bool says_error = v->errors > 0, shows = seen.outcome != RAC_SAME;
  t->kernels++;
  if (seen.failed) {
    (void)printf("SKIPPED: %s @%s: %s\n", t->file, func->name, seen.failed);
    t->skipped++;
    return;
  }
  if (says_error != shows || !v->is_followed) {
    bool is_wrong = says_error != shows && (v->is_followed || says_error);
    (void)printf("%s: %s @%s: shown: %s with %lld at line %d, said: %s",
                 is_wrong ? "WRONG" : "not proved", t->file, func->name, outcome_text(seen.outcome),
                 (long long)seen.argument, seen.line, v->first[0] ? v->first : "proved\n");
    t->wrong += is_wrong;
    t->skipped += !v->is_followed;
  } else {
    t->proved += !shows;
    t->racing += shows;
  }
  if (!t->originals_only && !shows && !says_error && v->is_followed) {
    rac_changes(text, func, judge_change, t);
  }
}

static void test_text(test *t, const char *text) {
  mut_program *program = mut_program_read(text);
  verdict v = check(text);
  for (t->func = 0; t->func < program->func_count; t->func++) {
    test_function(t, text, program, &v);
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
  (void)printf("%d functions: %d proved, %d race and are told, %d skipped, %d wrong\n", t.kernels,
               t.proved, t.racing, t.skipped, t.wrong);
  mut_chip_destroy(t.chips[0]);
  mut_chip_destroy(t.chips[1]);
  return missed || t.wrong || !t.kernels ? 1 : 0;
}
