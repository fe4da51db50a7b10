/* Seeded mutations: does the checker catch what the interpreter can tell?
 *
 *   mutation_test [--list=FILE] [--keep=DIRECTORY] [--without=KIND]
 *                 [--no-lowered] [--originals] FILE.pto...
 *
 * --originals: no mutations, only false alarms; --list: a line for each mutation that counts, with
 * the code that tells it; --keep: the text of each that is missed, under its number in the list;
 * --without: kinds by name.
 *
 * Every mutation of every kernel is made (mutate.h). One that counts (judge.h) must give an
 * error that the kernel does not have without it, unless the mutant is a sound kernel: a
 * load was dropped, or ops, rows or trips changed, so that it computes something else, and
 * nothing tells that this was not meant ("sound"); or a tile was moved, and the
 * first wrong value is read through a name that no op writes ("by alias"). An address that is
 * computed instead of written may change nothing in what the checker says.
 *
 * A kernel that the interpreter cannot run is a failure, as a missed mutation is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"
#include "mutate.h"
#include "ptolower/ptolower.h"
#include "verdict.h"

typedef struct tally {
  int sites, counting, caught, warned, sound, alias, missed;
} tally;

typedef struct test {
  mut_chip *chips[2];
  FILE *list;
  const char *kept;
  int number;                  /* of the mutation */
  tally tallies[2][MUT_KINDS]; /* cube, vector */
  int kernels, skipped, false_alarms, unread;
  /* The kernel at hand. */
  const char *file;
  const char *text;
  const mut_program *program;
  const mut_func *func;
  mut_original original;
  mut_verdict verdict;
  bool is_lowered;
  bool originals_only;
  bool is_left_out[MUT_KINDS];
} test;

/* ---- one mutation --------------------------------------------------------------- */

static void list(const test *t, const mut_mutation *m, const char *how, int code) {
  if (t->list) {
    (void)fprintf(t->list, "%d %s PTL%03d: %s%s @%s line %d, %s: %s\n", t->number, how, code,
                  t->file, t->is_lowered ? " (lowered)" : "", t->func->name,
                  m->op ? m->op->line : 0, mut_kind_name(m->kind), m->what);
    (void)fflush(t->list);
  }
}

static void miss(test *t, const mut_mutation *m, const char *how, int code, const char *text) {
  char path[512];
  list(t, m, how, code);
  if (t->kept) {
    (void)snprintf(path, sizeof(path), "%s/%d.pto", t->kept, t->number);
    FILE *file = fopen(path, "w");
    if (file) {
      (void)fputs(text, file);
      (void)fclose(file);
    }
  }
}

static void judge_missed(test *t, const mut_mutation *m, const mut_program *mutant, tally *tally,
                         int warning, const char *text) {
  switch (mut_excuse_of(&t->original, mutant, m->kind)) {
  case MUT_SOUND:
    tally->sound++;
    list(t, m, "sound", warning);
    break;
  case MUT_BY_ALIAS:
    tally->alias++;
    list(t, m, "by alias", warning);
    break;
  default:
    tally->warned += warning != 0;
    tally->missed += warning == 0;
    miss(t, m, warning ? "WARNING ONLY" : "MISSED", warning, text);
    break;
  }
}

static void judge_counting(test *t, const mut_mutation *m, const mut_program *mutant, tally *tally,
                           const mut_verdict *v, const char *text) {
  int code = mut_new_code(v, &t->verdict, true);
  tally->counting++;
  if (code) {
    tally->caught++;
    list(t, m, "caught", code);
  } else {
    judge_missed(t, m, mutant, tally, mut_new_code(v, &t->verdict, false), text);
  }
}

static void visit(void *user, const mut_mutation *m) {
  test *t = user;
  tally *tally = &t->tallies[t->func->is_vector][m->kind];
  if (t->is_left_out[m->kind]) {
    return;
  }
  char *text = mut_apply(t->text, m);
  mut_program *mutant = mut_program_read(text);
  tally->sites++;
  t->number++;
  bool must_be_same = m->kind == MUT_SAME_ADDRESS;
  if (must_be_same || mut_counts(&t->original, mutant, m->kind)) {
    mut_verdict v = mut_check(text, NULL);
    if (!v.is_read) {
      miss(t, m, "NOT READ", 0, text);
      tally->missed++;
    } else if (!must_be_same) {
      judge_counting(t, m, mutant, tally, &v, text);
    } else if (memcmp(&v, &t->verdict, sizeof(v)) != 0) {
      miss(t, m, "NOT THE SAME", mut_new_code(&v, &t->verdict, true), text);
      tally->missed++;
    }
  }
  mut_program_free(mutant);
  free(text);
}

/* ---- one kernel, one file ------------------------------------------------------- */

static const char *name_of(const test *t, int func, char *out, size_t size) {
  (void)snprintf(out, size, "%s%s @%s", t->file, t->is_lowered ? " (lowered)" : "",
                 t->program->funcs[func].name);
  return out;
}

static void test_unit(test *t, mut_unit unit) {
  char name[512];
  mut_original *o = &t->original;
  mut_original_run(o, t->chips[t->program->is_a5], t->program, unit);
  (void)name_of(t, unit.funcs[0], name, sizeof(name));
  if (o->failed) {
    (void)printf("SKIPPED: %s: %s\n", name, o->failed);
    t->skipped++;
  } else if (o->unwritten) {
    (void)printf("note: %s: %d elements are read that nothing wrote\n", name, o->unwritten);
  }
  t->kernels += o->failed == NULL;
  for (int i = 0; i < unit.count && !o->failed && !t->originals_only; i++) {
    t->func = &t->program->funcs[unit.funcs[i]];
    mut_enumerate(t->text, t->program, &unit, t->func, o->places[i], visit, t);
  }
  mut_original_free(o);
}

static void test_text(test *t, const char *text) {
  mut_program *program = mut_program_read(text);
  char name[512];
  t->text = text;
  t->program = program;
  (void)snprintf(name, sizeof(name), "%s%s", t->file, t->is_lowered ? " (lowered)" : "");
  t->verdict = mut_check(text, name);
  if (!t->verdict.is_read) {
    (void)printf("NOT READ: %s\n", name);
    t->unread++;
  }
  for (int i = 0; i < MUT_MAX_CODE; i++) {
    t->false_alarms += t->verdict.errors[i];
  }
  for (int i = 0; i < program->func_count && t->verdict.is_read; i++) {
    mut_unit unit = mut_unit_of(program, i);
    if (unit.count > 0) {
      test_unit(t, unit);
    }
  }
  mut_program_free(program);
}

static char *read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  size_t length = 0, room = 1 << 16;
  char *text = malloc(room);
  if (!file || !text) {
    (void)fprintf(stderr, "cannot read %s\n", path);
    exit(2);
  }
  for (size_t got; (got = fread(text + length, 1, room - length - 1, file)) > 0;) {
    length += got;
    if (room - length < 4096) {
      room *= 2;
      text = realloc(text, room);
    }
  }
  text[length] = 0;
  (void)fclose(file);
  return text;
}

/* The tool's own output, if it is not the input. */
static void test_lowered(test *t, const char *text) {
  ptolower_options *options = ptolower_options_create();
  ptolower_result *result = NULL;
  size_t length;
  if (ptolower_options_set(options, "validate", "1") == PTOLOWER_OK &&
      ptolower_run(options, text, strlen(text), &result) == PTOLOWER_OK) {
    const char *output = ptolower_result_output(result, &length);
    if (strcmp(output, text) != 0) {
      t->is_lowered = true;
      test_text(t, output);
      t->is_lowered = false;
    }
  }
  ptolower_result_destroy(result);
  ptolower_options_destroy(options);
}

/* ---- tables ------------------------------------------------------------------------- */

static void print_row(const char *name, const tally *k) {
  (void)printf("%-26s %6d %8d %6d %6d %8d %7d %6d\n", name, k->sites, k->counting, k->caught,
               k->sound, k->alias, k->warned, k->missed);
}

/* Prints a table; the number of mutations that were not caught. */
static int print_table(const test *t, bool vector) {
  tally all = {0};
  (void)printf("\n%-26s %6s %8s %6s %6s %8s %7s %6s\n", vector ? "VECTOR KERNELS" : "CUBE KERNELS",
               "sites", "counting", "caught", "sound", "by alias", "warning", "missed");
  for (int i = 0; i < MUT_KINDS; i++) {
    const tally *k = &t->tallies[vector][i];
    if (k->sites > 0) {
      print_row(mut_kind_name((mut_kind)i), k);
    }
    all.sites += k->sites;
    all.counting += k->counting;
    all.caught += k->caught;
    all.sound += k->sound;
    all.alias += k->alias;
    all.warned += k->warned;
    all.missed += k->missed;
  }
  print_row("all", &all);
  return all.missed + all.warned;
}

static void leave_out(test *t, const char *name) {
  for (int i = 0; i < MUT_KINDS; i++) {
    if (strcmp(mut_kind_name((mut_kind)i), name) == 0) {
      t->is_left_out[i] = true;
      return;
    }
  }
  (void)fprintf(stderr, "no kind is called %s\n", name);
  exit(2);
}

int main(int argc, char **argv) {
  static test t;
  bool lowered = true;
  t.chips[0] = mut_chip_create(false);
  t.chips[1] = mut_chip_create(true);
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "--list=", 7) == 0) {
      t.list = fopen(argv[i] + 7, "w");
    } else if (strncmp(argv[i], "--without=", 10) == 0) {
      leave_out(&t, argv[i] + 10);
    } else if (strncmp(argv[i], "--keep=", 7) == 0) {
      t.kept = argv[i] + 7;
    } else if (strcmp(argv[i], "--originals") == 0) {
      t.originals_only = true;
    } else if (strcmp(argv[i], "--no-lowered") == 0) {
      lowered = false;
    } else {
      char *text = read_file(argv[i]);
      t.file = argv[i];
      test_text(&t, text);
      if (lowered) {
        test_lowered(&t, text);
      }
      free(text);
    }
  }
  int missed = print_table(&t, false);
  int vector_missed = print_table(&t, true);
  (void)printf("%d kernels, %d skipped, %d texts not read, %d false alarms\n", t.kernels, t.skipped,
               t.unread, t.false_alarms);
  mut_chip_destroy(t.chips[0]);
  mut_chip_destroy(t.chips[1]);
  return missed || vector_missed || t.false_alarms || t.unread || t.skipped || !t.kernels ? 1 : 0;
}
