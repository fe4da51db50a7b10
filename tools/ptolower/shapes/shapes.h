/* `ptolower shapes`: which shapes can be lowered, against what is expected (docs/shapes.md).
 *
 * A case is one shape on one chip. Each is run in a process of its own, so that what goes wrong
 * there is a result like any other.
 */
#ifndef PTOLOWER_SHAPES_H
#define PTOLOWER_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <ptolower/ptolower.h>

#include "common/flags.h"

enum { SHAPE_NAME = 64, SHAPE_CHIP = 16, SHAPE_TEXT = 256 };

typedef struct shape_case {
  char name[SHAPE_NAME];
  char chip[SHAPE_CHIP];
  char dtype[8];
  int m, k, n, rhs;
  bool is_transposed; /* the weights are N x K */
  bool expects_refusal;
  int expected_code; /* of the refusal; 0: any */
} shape_case;

typedef enum shape_outcome {
  SHAPE_OK,
  SHAPE_REFUSED,
  SHAPE_WRONG,    /* the check finds fault with what was written */
  SHAPE_UNPROVED, /* nothing is known of the flags that ptoas put in */
  SHAPE_REJECTED, /* by ptoas */
  SHAPE_FAILED,   /* our bug, or no memory */
} shape_outcome;

/* Plain data: it comes through a pipe. */
typedef struct shape_result {
  shape_outcome outcome;
  int code;              /* of the first error; 0: none */
  char text[SHAPE_TEXT]; /* of it */
  bool is_assembled;
  flags_verdict flags; /* that ptoas put in */
  double cycles;       /* modelled, under the first calibration */
  double mat_used, mat_capacity, acc_used, acc_capacity;
  double seconds;
} shape_result;

typedef struct shape_list {
  shape_case *cases;
  shape_result *results;
  size_t count, capacity;
} shape_list;

typedef struct shape_options {
  const char *ptoas;   /* the program, or NULL: nothing is assembled */
  const char *version; /* of the ptoas that is lowered for, or NULL: any */
  const char *scratch; /* a directory for its files */
  bool proves;         /* a shape is only ok if the flags that ptoas put in are proved */
  size_t jobs;
} shape_options;

/* Reads the file. False: it is wrong, which has been reported. */
bool shapes_read(const char *path, shape_list *out);
void shapes_free(shape_list *list);

/* Lowers, checks and assembles one case. */
void shape_run(const shape_case *given, size_t index, const shape_options *options,
               shape_result *out);

/* Runs all cases, `jobs` at once, with progress on standard error if that is a terminal. */
bool shapes_run(shape_list *list, const shape_options *options);

bool shape_is_surprise(const shape_case *given, const shape_result *result);

/* What came out, and what was expected, as `refused PTL032`. */
void shape_outcome_text(const shape_result *result, char *out, size_t size);
void shape_expected_text(const shape_case *given, char *out, size_t size);

/* The three forms of the result. */
void shapes_print_table(FILE *out, const shape_list *list, bool was_assembled);
void shapes_print_json(FILE *out, const shape_list *list);
void shapes_print_junit(FILE *out, const shape_list *list);

/* The command; argv[0] is its name. */
ptolower_status shapes_main(int argc, char **argv);

#endif
