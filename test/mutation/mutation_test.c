/* Seeded mutations: does the checker catch what the interpreter can tell?
 *
 *   mutation_test [--missed=FILE] [--no-lowered] [--originals] FILE.pto...
 *
 * --originals: no mutations, only false alarms; --missed: a list of what was not caught.
 *
 * Every mutation of every function is made (mutate.h). It counts if it changes what the
 * kernel stores, makes a read of bytes that nothing wrote reach a store, or touches what
 * lies outside of a buffer (machine.h); else it is neutral. A mutation that counts must
 * give an error that the kernel does not have without it, with two exceptions, both only where
 * the mutant is a sound kernel (whole products, no read but of whole elements), so that
 * nothing tells that it was not meant:
 *   - a load was dropped, and other data of the same kind is used ("consistent");
 *   - a tile was moved, and the first wrong value is read through a name that no op writes,
 *     pypto's way of seeing a column as a row, or a weight transposed ("by alias").
 */
#include <mlir-c/BuiltinAttributes.h>
#include <mlir-c/IR.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asm/asm.h"
#include "ir/session.h"
#include "kernel/check.h"
#include "machine.h"
#include "mutate.h"
#include "ptolower/ptolower.h"

enum { MAX_FAULTS = PTL_FAULT_UNKNOWN + 1 };

typedef struct verdict {
  bool is_read;
  int counts[MAX_FAULTS];
} verdict;

typedef struct tally {
  int sites, counting, caught, unknown_only, consistent, alias, missed;
} tally;

typedef struct test {
  MlirContext context;
  ptl_arena arena;
  mut_machine *machines[2];
  FILE *missed;
  tally tallies[2][MUT_KINDS]; /* cube, vector */
  int functions, skipped, false_alarms, unchecked;
  /* The function at hand. */
  const char *file;
  const char *text;
  const mut_program *program;
  const mut_func *func;
  mut_record records[MUT_ARGUMENT_SETS], as_written[MUT_ARGUMENT_SETS];
  verdict original;
  bool is_lowered;
  bool originals_only;
} test;

/* ---- the checker under test ------------------------------------------------ */

static MlirOperation find_func(MlirModule module, const char *name) {
  MlirOperation op = mlirBlockGetFirstOperation(mlirModuleGetBody(module));
  for (; !mlirOperationIsNull(op); op = mlirOperationGetNextInBlock(op)) {
    MlirAttribute own =
        mlirOperationGetAttributeByName(op, mlirStringRefCreateFromCString("sym_name"));
    if (!mlirAttributeIsNull(own)) {
      MlirStringRef text = mlirStringAttrGetValue(own);
      if (text.length == strlen(name) && memcmp(text.data, name, text.length) == 0) {
        return op;
      }
    }
  }
  return (MlirOperation){NULL};
}

static bool is_warning(ptl_fault fault) {
  return !ptl_fault_is_error(fault) || fault == PTL_FAULT_UNKNOWN ||
         fault == PTL_FAULT_PARTIAL_OVERLAP || fault == PTL_FAULT_EVENT_IDS;
}

static void report_finding(const test *t, ptl_arena *arena, const ptl_finding *finding) {
  ptl_loc loc = ptl_op_loc(arena, finding->op);
  MlirStringRef name = mlirIdentifierStr(mlirOperationGetName(finding->op->op));
  (void)printf("%s: @%s: %s: %.*s at %s:%d: %s\n",
               is_warning(finding->fault) ? "note" : "FALSE ALARM", t->func->name, t->file,
               (int)name.length, name.data, loc.file ? loc.file : "?", loc.line, finding->text);
}

/* What the checker says of one function of a text. */
static verdict check(test *t, const char *text, const char *name, bool is_a5, bool report) {
  verdict result = {false, {0}};
  ptl_arena arena;
  ptl_diags diags;
  ptl_asm_text read;
  ptl_arena_init(&arena);
  ptl_diags_init(&diags, &arena);
  if (ptl_asm_read(&arena, (ptl_str){text, strlen(text)}, "k.pto", &diags, &read) == PTL_OK) {
    MlirModule module =
        mlirModuleCreateParse(t->context, mlirStringRefCreate(read.mlir.data, read.mlir.length));
    MlirOperation func = {NULL};
    if (!mlirModuleIsNull(module)) {
      func = find_func(module, name);
    }
    if (!mlirOperationIsNull(func) && mlirAttributeIsNull(mlirOperationGetAttributeByName(
                                          func, mlirStringRefCreateFromCString(ptl_attr_opaque)))) {
      result.is_read = true;
      ptl_findings findings = ptl_check_kernel(&arena, ptl_kernel_decode(&arena, func),
                                               ptl_target_find(is_a5 ? "a5" : "a2a3"));
      for (int i = 0; i < findings.count; i++) {
        result.counts[findings.items[i].fault]++;
        if (report) {
          report_finding(t, &arena, &findings.items[i]);
        }
      }
    }
    if (!mlirModuleIsNull(module)) {
      mlirModuleDestroy(module);
    }
  }
  ptl_arena_free(&arena);
  return result;
}

/* Whether the mutant has an error (or a warning) that the original has not. */
static bool has_new(const verdict *mutant, const verdict *original, bool warnings) {
  for (int i = 0; i < MAX_FAULTS; i++) {
    if (is_warning((ptl_fault)i) == warnings && mutant->counts[i] > original->counts[i]) {
      return true;
    }
  }
  return false;
}

/* ---- one mutation --------------------------------------------------------------- */

/* Whether what the kernel does has changed, for any of the arguments. */
static bool counts(test *t, const mut_program *mutant, const mut_func *func, bool as_written) {
  bool differs = false;
  for (int set = 0; set < MUT_ARGUMENT_SETS && !differs; set++) {
    mut_record record;
    mut_machine_run(t->machines[mutant->is_a5], func, set, as_written, false, NULL, &record);
    differs = !mut_record_equal(&record, as_written ? &t->as_written[set] : &t->records[set]);
    mut_record_free(&record);
  }
  return differs;
}

static void run_judged(test *t, const mut_program *program, const mut_func *func,
                       mut_record out[MUT_ARGUMENT_SETS]) {
  for (int set = 0; set < MUT_ARGUMENT_SETS; set++) {
    mut_machine_run(t->machines[program->is_a5], func, set, false, true, NULL, &out[set]);
  }
}

static void free_records(mut_record records[MUT_ARGUMENT_SETS]) {
  for (int set = 0; set < MUT_ARGUMENT_SETS; set++) {
    mut_record_free(&records[set]);
  }
}

/* Whether the mutant is a sound kernel of its own: each accumulator that leaves holds one product
 * without a gap, and nothing was read but whole elements. No checker can tell that it was meant
 * to compute something else. */
static bool is_consistent(const mut_record records[MUT_ARGUMENT_SETS]) {
  bool consistent = true;
  for (int set = 0; set < MUT_ARGUMENT_SETS; set++) {
    const mut_record *r = &records[set];
    consistent =
        consistent && r->is_consistent && r->pieces == 0 && r->outside == 0 && r->count > 0;
  }
  return consistent;
}

/* Whether the first wrong value is read through a name that nothing writes. What lies under such a
 * name (pypto's columns seen as rows) is whatever was written there last. */
static bool is_by_alias(const mut_record mutant[MUT_ARGUMENT_SETS],
                        const mut_record original[MUT_ARGUMENT_SETS]) {
  for (int set = 0; set < MUT_ARGUMENT_SETS; set++) {
    const mut_record *a = &mutant[set], *b = &original[set];
    for (int i = 0; i < a->read_count && i < b->read_count; i++) {
      if (a->reads[i].hash != b->reads[i].hash) {
        return a->reads[i].by_alias;
      }
    }
  }
  return false;
}

typedef enum excuse { NO_EXCUSE, SOUND_WITHOUT_LOAD, BY_ALIAS } excuse;

/* Why nobody can ask of the checker to catch a mutation. */
static excuse excuse_of(test *t, const mut_mutation *m, const mut_program *mutant,
                        const mut_func *func) {
  mut_record after[MUT_ARGUMENT_SETS], before[MUT_ARGUMENT_SETS];
  run_judged(t, mutant, func, after);
  run_judged(t, t->program, t->func, before);
  excuse result = NO_EXCUSE;
  if (is_consistent(after) && m->kind == MUT_DROP_LOAD) {
    result = SOUND_WITHOUT_LOAD;
  } else if (is_consistent(after) && m->kind <= MUT_COLLAPSE && is_by_alias(after, before)) {
    result = BY_ALIAS;
  }
  free_records(after);
  free_records(before);
  return result;
}

static void note_missed(const test *t, const mut_mutation *m, const char *how) {
  if (t->missed) {
    (void)fprintf(t->missed, "- %s: %s%s @%s line %d, %s: %s\n", how, t->file,
                  t->is_lowered ? " (lowered)" : "", t->func->name, m->op->line,
                  mut_kind_name(m->kind), m->what);
    (void)fflush(t->missed);
  }
}

static void judge_missed(const test *t, const mut_mutation *m, tally *tally, excuse why,
                         bool has_warning) {
  switch (why) {
  case SOUND_WITHOUT_LOAD:
    tally->consistent++;
    note_missed(t, m, "consistent");
    break;
  case BY_ALIAS:
    tally->alias++;
    note_missed(t, m, "by alias");
    break;
  default:
    tally->unknown_only += has_warning;
    tally->missed += !has_warning;
    note_missed(t, m, has_warning ? "warning only" : "MISSED");
    break;
  }
}

static void visit(void *user, const mut_mutation *m) {
  test *t = user;
  tally *tally = &t->tallies[t->func->is_vector][m->kind];
  char *text = mut_apply(t->text, t->func, m);
  mut_program *mutant = mut_program_read(text);
  const mut_func *func = &mutant->funcs[t->func - t->program->funcs];
  tally->sites++;
  if (counts(t, mutant, func, m->kind == MUT_ACC_IN)) {
    verdict v = check(t, text, func->name, mutant->is_a5, false);
    tally->counting++;
    if (!v.is_read) {
      note_missed(t, m, "NOT READ");
      tally->missed++;
    } else if (has_new(&v, &t->original, false)) {
      tally->caught++;
    } else {
      judge_missed(t, m, tally, excuse_of(t, m, mutant, func), has_new(&v, &t->original, true));
    }
  }
  mut_program_free(mutant);
  free(text);
}

/* ---- one function, one file ------------------------------------------------------- */

static bool run_original(test *t, mut_place *places) {
  mut_machine *machine = t->machines[t->program->is_a5];
  for (int set = 0; set < MUT_ARGUMENT_SETS; set++) {
    mut_machine_run(machine, t->func, set, false, false, places, &t->records[set]);
    mut_machine_run(machine, t->func, set, true, false, NULL, &t->as_written[set]);
    const mut_record *r = &t->records[set];
    if (r->failed || r->outside) {
      (void)printf("skipped: %s%s @%s: %s\n", t->file, t->is_lowered ? " (lowered)" : "",
                   t->func->name, r->failed ? r->failed : "it runs outside of its buffers");
      return false;
    }
    if (r->unwritten) {
      (void)printf("note: %s @%s: %d elements are read that nothing wrote\n", t->file,
                   t->func->name, r->unwritten);
    }
  }
  return t->records[0].count > 0 || t->records[1].count > 0;
}

static void test_func(test *t, const mut_func *func) {
  mut_place *places = calloc((size_t)func->op_count + 1, sizeof(mut_place));
  t->func = func;
  memset(t->records, 0, sizeof(t->records));
  memset(t->as_written, 0, sizeof(t->as_written));
  if (run_original(t, places)) {
    t->functions++;
    t->original = check(t, t->text, func->name, t->program->is_a5, true);
    if (!t->original.is_read) {
      (void)printf("not read: %s @%s\n", t->file, func->name);
      t->unchecked++;
    } else {
      for (int i = 0; i < MAX_FAULTS; i++) {
        t->false_alarms += is_warning((ptl_fault)i) ? 0 : t->original.counts[i];
      }
      if (!t->originals_only) {
        mut_enumerate(t->program, func, places, visit, t);
      }
    }
  } else {
    t->skipped++;
  }
  for (int set = 0; set < MUT_ARGUMENT_SETS; set++) {
    mut_record_free(&t->records[set]);
    mut_record_free(&t->as_written[set]);
  }
  free(places);
}

static void test_text(test *t, const char *text) {
  mut_program *program = mut_program_read(text);
  t->text = text;
  t->program = program;
  for (int i = 0; i < program->func_count; i++) {
    test_func(t, &program->funcs[i]);
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

static void print_row(const char *name, const tally *k) {
  (void)printf("%-26s %6d %8d %6d %10d %8d %8d %6d\n", name, k->sites, k->counting, k->caught,
               k->consistent, k->alias, k->unknown_only, k->missed);
}

/* Prints a table; the number of mutations that were not caught. */
static int print_table(const test *t, bool vector) {
  tally all = {0};
  (void)printf("\n%-26s %6s %8s %6s %10s %8s %8s %6s\n", vector ? "VECTOR KERNELS" : "CUBE KERNELS",
               "sites", "counting", "caught", "consistent", "by alias", "warning", "missed");
  for (int i = 0; i < MUT_KINDS; i++) {
    const tally *k = &t->tallies[vector][i];
    if (k->sites > 0) {
      print_row(mut_kind_name((mut_kind)i), k);
    }
    all.sites += k->sites;
    all.counting += k->counting;
    all.caught += k->caught;
    all.consistent += k->consistent;
    all.alias += k->alias;
    all.unknown_only += k->unknown_only;
    all.missed += k->missed;
  }
  print_row("all", &all);
  return all.missed + all.unknown_only;
}

int main(int argc, char **argv) {
  test t = {.machines = {mut_machine_create(false), mut_machine_create(true)}};
  bool lowered = true;
  t.context = ptl_context_create();
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "--missed=", 9) == 0) {
      t.missed = fopen(argv[i] + 9, "w");
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
  (void)printf("%d functions, %d skipped, %d not read, %d false alarms\n", t.functions, t.skipped,
               t.unchecked, t.false_alarms);
  mut_machine_destroy(t.machines[0]);
  mut_machine_destroy(t.machines[1]);
  mlirContextDestroy(t.context);
  return missed || vector_missed || t.false_alarms || t.unchecked || !t.functions ? 1 : 0;
}
