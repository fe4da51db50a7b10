#include "judge.h"

#include <stdlib.h>
#include <string.h>

static mut_how how_of(int run) {
  return (mut_how){.argument_set = run / 2, .vector_first = run % 2 == 1};
}

static bool is_asked(const mut_original *o, int run) { return o->unit.count == 2 || run % 2 == 0; }

/* The set in which every integer is 0 is one that a kernel need not be made for. */
static void run_one(mut_original *o, int run) {
  mut_how how = how_of(run);
  mut_record *r = &o->records[run];
  bool may_fail = how.argument_set == MUT_NOTHING;
  mut_chip_run(o->chip, o->program, &o->unit, how, o->places, r);
  how.adds_to_input = true;
  mut_chip_run(o->chip, o->program, &o->unit, how, NULL, &o->as_written[run]);
  const char *wrong = r->failed    ? r->failed
                      : r->outside ? "it runs outside of its buffers"
                      : r->refused ? "ptoas refuses its pipes"
                                   : r->ending;
  o->is_usable[run] = !wrong;
  o->failed = wrong && !may_fail && !o->failed ? wrong : o->failed;
  o->unwritten += r->unwritten;
}

void mut_original_run(mut_original *o, mut_chip *chip, const mut_program *program, mut_unit unit) {
  memset(o, 0, sizeof(*o));
  o->chip = chip;
  o->program = program;
  o->unit = unit;
  for (int i = 0; i < unit.count; i++) {
    o->places[i] = calloc((size_t)program->funcs[unit.funcs[i]].op_count + 1, sizeof(mut_place));
  }
  for (int run = 0; run < MUT_RUNS; run++) {
    if (is_asked(o, run)) {
      run_one(o, run);
    }
  }
}

void mut_original_free(mut_original *o) {
  for (int run = 0; run < MUT_RUNS; run++) {
    mut_record_free(&o->records[run]);
    mut_record_free(&o->as_written[run]);
    mut_record_free(&o->judged[run]);
  }
  free(o->places[0]);
  free(o->places[1]);
}

bool mut_counts(const mut_original *o, const mut_program *mutant, mut_kind kind) {
  bool as_written = kind == MUT_ACC_IN;
  bool differs = false;
  for (int run = 0; run < MUT_RUNS && !differs; run++) {
    if (o->is_usable[run]) {
      mut_how how = how_of(run);
      mut_record record;
      how.adds_to_input = as_written;
      how.expected = as_written ? &o->as_written[run] : &o->records[run];
      mut_chip_run(o->chip, mutant, &o->unit, how, NULL, &record);
      differs = !mut_record_equal(&record, how.expected);
      mut_record_free(&record);
    }
  }
  return differs;
}

/* ---- excuses ---------------------------------------------------------------------------- */

static void run_judged(const mut_original *o, const mut_program *program, mut_record *out) {
  for (int run = 0; run < MUT_RUNS; run++) {
    if (o->is_usable[run]) {
      mut_how how = how_of(run);
      how.judge = true;
      mut_chip_run(o->chip, program, &o->unit, how, NULL, &out[run]);
    }
  }
}

static bool has_name(const mut_table *names, uint64_t name) {
  for (size_t i = 0; i < names->size; i++) {
    if (names->keys[i] && names->values[i] == name) {
      return true;
    }
  }
  return false;
}

/* Whether something is read under a name under which the original never reads it. */
static bool reads_under_new_name(const mut_record *mutant, const mut_record original[MUT_RUNS]) {
  for (size_t i = 0; i < mutant->names.size; i++) {
    bool known = mutant->names.keys[i] == 0;
    for (int run = 0; run < MUT_RUNS && !known; run++) {
      known = has_name(&original[run].names, mutant->names.values[i]);
    }
    if (!known) {
      return true;
    }
  }
  return false;
}

/* Whether the mutant is a sound kernel of its own: each accumulator that leaves holds one product
 * without a gap, at the reader's pitch; nothing was read but whole elements; pipes end empty. No
 * checker can tell that it was meant to compute something else. */
static bool is_sound(const mut_original *o, const mut_record after[MUT_RUNS]) {
  for (int run = 0; run < MUT_RUNS; run++) {
    const mut_record *a = &after[run], *b = &o->judged[run];
    if (o->is_usable[run] &&
        (a->failed || a->outside || a->ending || a->refused || a->pieces > b->pieces ||
         a->misplaced > b->misplaced || (b->is_consistent && !a->is_consistent))) {
      return false;
    }
  }
  return true;
}

static bool keeps_names(const mut_original *o, const mut_record after[MUT_RUNS]) {
  for (int run = 0; run < MUT_RUNS; run++) {
    if (o->is_usable[run] && reads_under_new_name(&after[run], o->judged)) {
      return false;
    }
  }
  return true;
}

/* What lies under a name that nothing writes (pypto's columns seen as rows) is whatever was
 * written there last. */
static bool is_by_alias(const mut_record mutant[MUT_RUNS], const mut_record original[MUT_RUNS]) {
  for (int run = 0; run < MUT_RUNS; run++) {
    const mut_record *a = &mutant[run], *b = &original[run];
    for (int i = 0; i < a->read_count && i < b->read_count; i++) {
      if (a->reads[i].hash != b->reads[i].hash) {
        return a->reads[i].by_alias;
      }
    }
  }
  return false;
}

mut_excuse mut_excuse_of(mut_original *o, const mut_program *mutant, mut_kind kind) {
  mut_record after[MUT_RUNS];
  mut_excuse result = MUT_NO_EXCUSE;
  memset(after, 0, sizeof(after));
  if (!o->is_judged) {
    run_judged(o, o->program, o->judged);
    o->is_judged = true;
  }
  run_judged(o, mutant, after);
  if (is_sound(o, after)) {
    bool may_mean_else =
        kind == MUT_DROP_LOAD || (kind >= MUT_INTO_BRANCH && keeps_names(o, after));
    bool moves = kind <= MUT_COLLAPSE || kind == MUT_COMPUTED;
    result = may_mean_else                            ? MUT_SOUND
             : moves && is_by_alias(after, o->judged) ? MUT_BY_ALIAS
                                                      : MUT_NO_EXCUSE;
  }
  for (int run = 0; run < MUT_RUNS; run++) {
    mut_record_free(&after[run]);
  }
  return result;
}
