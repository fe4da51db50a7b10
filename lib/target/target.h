/* Chips as data: buffer sizes, layout rules, cost figures, and the ptoas that the output is for.
 *
 * One table per chip (target.c), read by everyone; each figure names its source
 * there. A user's own table comes from JSON (docs/targets.md).
 */
#ifndef PTL_TARGET_TARGET_H
#define PTL_TARGET_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "support/diag.h"
#include "support/nearest.h"
#include "support/status.h"
#include "support/strbuf.h"
#include "target/family.h"
#include "target/ptoas.h"
#include "target/space.h"

/* Element types that a cube kernel can hold. */
typedef enum ptl_elem {
  PTL_ELEM_NONE, /* not a type that is known here */
  PTL_ELEM_I8,
  PTL_ELEM_UI8,
  PTL_ELEM_I16,
  PTL_ELEM_I32,
  PTL_ELEM_F16,
  PTL_ELEM_BF16,
  PTL_ELEM_F32,
  PTL_ELEM_UI32, /* of scalars, indices, vectors; not of the cube */
  PTL_ELEM_I64,
  PTL_ELEM_COUNT,
} ptl_elem;

/* How fast the pipes are, by one published calibration. The sources disagree
 * (Mat -> Right by a factor of 2.6), so a target carries several, and a plan has
 * to be good under all of them. */
typedef struct ptl_rates {
  const char *name;                    /* of the calibration, for plan.json */
  double gm_to_mat_bytes_per_cycle;    /* pipe MTE2 */
  double load_fixed_cycles;            /* of one load, whatever its size */
  double mat_to_left_bytes_per_cycle;  /* pipe MTE1 */
  double mat_to_right_bytes_per_cycle; /* pipe MTE1 */
  bool charges_fractals;               /* these two are of what ptl_charged_bytes gives */
  double acc_drain_bytes_per_cycle;    /* pipe FIX */
  double drain_fixed_cycles;
  double drain_row_cycles;
  double matmul_head_cycles; /* issue of one tmatmul, on the cube */
  double issue_cycles;       /* scalar unit: per instruction, flag, barrier, address of a tile */
  bool is_guard; /* a plan is not chosen by it, but must not be slower than the input by it */
} ptl_rates;

/* What moving a tile from Mat to Left or Right is charged for. `is_turned`: rows become columns on
 * the way, as those of an rhs do that does not lie transposed in memory.
 * By pto-isa's model (textract_common.hpp): Left is filled element by element, and so is Right by
 * what is turned and wider than a byte, at two bytes each; else Right by fractals of 512 bytes, of
 * which two of bytes that are turned count once. */
static inline double ptl_charged_bytes(const ptl_rates *rates, ptl_space to, int64_t bytes,
                                       int64_t elem_bytes, bool is_turned) {
  double moved = (double)bytes;
  if (!rates->charges_fractals) {
    return moved;
  }
  bool by_element = to == PTL_SPACE_LEFT || (is_turned && elem_bytes > 1);
  return by_element ? moved * 2 / (double)elem_bytes : is_turned ? moved / 2 : moved;
}

enum { PTL_MAX_RATES = 6 };

/* pto-isa:include/pto/common/constants.hpp TMP_UB_SIZE */
enum { PTL_VEC_AREA_BYTES = 8 * 1024 };

typedef struct ptl_target {
  const char *name; /* "a2a3" */
  const ptl_family *family;

  int64_t capacity_bytes[PTL_SPACE_COUNT];
  int64_t alignment_bytes[PTL_SPACE_COUNT]; /* that the chip asks of a tile's address */

  int64_t acc_row_multiple;     /* rows of an f32 accumulator are padded to it */
  int64_t acc_row_multiple_i32; /* the same for i32 */
  int64_t max_matmul_extent;    /* m, k, n of one tmatmul */
  int64_t max_store_columns;    /* of an accumulator's tstore */
  int64_t fp32_passes;          /* cube passes per K fractal of f32 */

  int64_t event_ids_per_pipe_pair; /* flags between two pipes */
  const ptl_ptoas *ptoas;          /* that its kernels are written for */

  int rate_count;
  ptl_rates rates[PTL_MAX_RATES];
} ptl_target;

/* The same chip with another ptoas, which is all that its ptoas is to be known by. */
const ptl_target *ptl_target_for_ptoas(ptl_arena *arena, const ptl_target *target,
                                       ptl_version version);

/* What a tile's address is a multiple of: chip and ptoas ask for it. */
int64_t ptl_target_alignment(const ptl_target *target, ptl_space space);

/* Most loop-carried (writer, reader) pairs between two pipes that ptoas can
 * still synchronise with flags. */
int64_t ptl_target_max_carried(const ptl_target *target);

/* The table of that name ("a2a3", "a5"), alias ("a3") or chip ("910B", "910C", "950"), in any case;
 * NULL if there is none. */
const ptl_target *ptl_target_find(const char *name);

/* The chip of a module that names none. */
const ptl_target *ptl_target_default(void);

/* The names that `ptl_target_find` takes, as "a2a3 (a3, 910B, 910C), a5 (950)", for messages; those
 * that `ptl_target_of_module` takes. */
const char *ptl_target_names(void);

/* The nearest of those names to one that is none; empty if none is near. */
ptl_nearest ptl_target_nearest(const char *name);
const char *ptl_target_module_names(void);

/* The chip of a module by its pto.target_arch, which is a name or alias, in any case; NULL if there
 * is none. ptoas takes names of chips for its default, so that they name none here. */
const ptl_target *ptl_target_of_module(const char *arch);

/* Whether a module with that pto.target_arch may be lowered for a target: it has the target's name,
 * or is for its family. */
bool ptl_target_takes_module(const ptl_target *target, const char *arch);

/* The pto.target_arch of a module that has none. */
const char *ptl_target_module_arch(const ptl_target *target);

/* Reads a user's table from JSON text; `file` names it in diagnostics. A field
 * that is missing, of the wrong type, unknown, zero or negative is an error that names it.
 * `out` lives in the arena. */
PTL_MUST_USE ptl_status ptl_target_from_json(ptl_arena *arena, ptl_str text, const char *file,
                                             ptl_diags *diags, const ptl_target **out);

/* "mat", "left", ...: as `loc=` of a tile type. */
const char *ptl_space_name(ptl_space space);
/* PTL_SPACE_COUNT if there is no such space. */
ptl_space ptl_space_find(ptl_str name);

/* Whether it is one of the cube core's: Mat, Left, Right, Acc. */
bool ptl_is_cube_space(ptl_space space);

/* "i8", "bf16", ...: as `dtype=` of a tile type. PTL_ELEM_NONE if unknown. */
const char *ptl_elem_name(ptl_elem elem);
ptl_elem ptl_elem_find(ptl_str name);
/* 0 if the type is unknown. */
static inline int64_t ptl_elem_bytes(ptl_elem elem) {
  static const int8_t bytes[PTL_ELEM_COUNT] = {
      [PTL_ELEM_I8] = 1,  [PTL_ELEM_UI8] = 1,  [PTL_ELEM_I16] = 2,
      [PTL_ELEM_I32] = 4, [PTL_ELEM_F16] = 2,  [PTL_ELEM_BF16] = 2,
      [PTL_ELEM_F32] = 4, [PTL_ELEM_UI32] = 4, [PTL_ELEM_I64] = 8,
  };
  return (unsigned)elem < PTL_ELEM_COUNT ? bytes[elem] : 0;
}
/* Type of the accumulator of lhs x rhs; PTL_ELEM_NONE if the cube has no such product. */
ptl_elem ptl_elem_accumulator(ptl_elem lhs, ptl_elem rhs);
/* Whether the cube has the product lhs x rhs -> acc. */
bool ptl_elem_multiplies(ptl_elem lhs, ptl_elem rhs, ptl_elem acc);

/* Elements of a fractal's row: the step in which K is tiled. 0 if the type is unknown. */
static inline int64_t ptl_fractal_k(const ptl_target *target, ptl_elem elem) {
  int64_t bytes = ptl_elem_bytes(elem);
  return bytes > 0 ? target->family->fractal_bytes / bytes : 0;
}

/* Bytes that an accumulator of rows x cols takes in L0C, rows padded as the chip
 * pads them: on a2a3 rows to 16, of an i32 accumulator to 32
 * (pypto:include/pypto/backend/910B/backend_910b_handler.h). */
int64_t ptl_acc_bytes(const ptl_target *target, ptl_elem elem, int64_t rows, int64_t cols);

#endif
