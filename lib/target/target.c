/* The chips that are known by name. Every figure names where it was published;
 * "domain 3" is the project's own digest of those sources. */
#include "target/target.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "support/rounding.h"

enum { KIB = 1024 };

/* Bytes per cycle of a bandwidth in GiB/s, at the 1.85 GHz and with the GiB of
 * pto-isa:include/pto/costmodel/arch_config.hpp (kMainFrequencyHz, kBytesPerGb).
 * The compiler folds it; as an enum or a function it could not stand in a table. */
#define GIB_PER_SECOND(gib) ((gib)*1073741824.0 / 1.85e9)

/* GM -> Mat of both chips: 135 GiB/s, kA2A3ArchConfig.GM_TO_L1 (78.4 B/cycle). Nobody has
 * published a figure for a5, so a5 borrows it: good for comparing plans of
 * one kernel, wrong as an absolute time. */
#define GM_TO_MAT GIB_PER_SECOND(135.0)

/* pto-isa's pipe model, a2a3 (there is none of a5's cube pipes, so a5 carries it too as
 * its second opinion). L1_TO_L0A 441, L1_TO_L0B 220.5, L0C_TO_GM 70 GiB/s (arch_config.hpp), of
 * what it charges (a2a3/cce_costmodel/cce_costmodel_memory.hpp,
 * common/arch/memory/textract_common.hpp):
 *   - Left and Right: ptl_charged_bytes;
 *   - drain: two bytes for every element of 4, so twice 70; nothing fixed;
 *   - kDefaultHeadCycles 6 (cce_costmodel_cube.hpp). */
#define PTO_ISA_RATES(rates_name, issue, guards)                                                   \
  {                                                                                                \
    .name = (rates_name), .gm_to_mat_bytes_per_cycle = GM_TO_MAT,                                  \
    .mat_to_left_bytes_per_cycle = GIB_PER_SECOND(441.0),                                          \
    .mat_to_right_bytes_per_cycle = GIB_PER_SECOND(220.5), .charges_fractals = true,               \
    .acc_drain_bytes_per_cycle = GIB_PER_SECOND(70.0) * 2, .drain_fixed_cycles = 0,                \
    .drain_row_cycles = 0, .matmul_head_cycles = 6, .issue_cycles = (issue), .is_guard = (guards)  \
  }

/* The same with the bandwidth from memory that was fitted to runs in which all cores load:
 * bytes / (28.61 GiB/s) and 1107 bytes more for each load, drain 41.25 GiB/s
 * and 29104 bytes more (arch_config.hpp, kGmToL1PeakGiBs, kGmToL1KBytes, kL0cToGm...). */
#define PTO_ISA_FITTED_RATES(rates_name)                                                           \
  {                                                                                                \
    .name = (rates_name), .gm_to_mat_bytes_per_cycle = GIB_PER_SECOND(28.61),                      \
    .load_fixed_cycles = 1107.0 / GIB_PER_SECOND(28.61),                                           \
    .mat_to_left_bytes_per_cycle = GIB_PER_SECOND(441.0),                                          \
    .mat_to_right_bytes_per_cycle = GIB_PER_SECOND(220.5), .charges_fractals = true,               \
    .acc_drain_bytes_per_cycle = GIB_PER_SECOND(41.25) * 2,                                        \
    .drain_fixed_cycles = 29104.0 / GIB_PER_SECOND(41.25), .drain_row_cycles = 0,                  \
    .matmul_head_cycles = 6, .issue_cycles = 0                                                     \
  }

/* Measured on a device: bw_l0a, bw_l0b, bw_drain, drain_fixed_cycles,
 * drain_row_cycles, mad_head_cycles of
 * pypto:include/pypto/backend/common/backend_handler.h (L0CostModel). */
#define PYPTO_A2A3_RATES(rates_name, issue)                                                        \
  {                                                                                                \
    .name = (rates_name), .gm_to_mat_bytes_per_cycle = GM_TO_MAT,                                  \
    .mat_to_left_bytes_per_cycle = 129.7, .mat_to_right_bytes_per_cycle = 85.4,                    \
    .acc_drain_bytes_per_cycle = 118.0, .drain_fixed_cycles = 164.0, .drain_row_cycles = 4.45,     \
    .matmul_head_cycles = 21, .issue_cycles = (issue), .is_guard = true                            \
  }

/* Fitted to a simulator: pypto:include/pypto/backend/950/backend_950_handler.h
 * (GetL0CostModel), which warns that its drain is about four times too slow. */
#define PYPTO_A5_RATES(rates_name, issue)                                                          \
  {                                                                                                \
    .name = (rates_name), .gm_to_mat_bytes_per_cycle = GM_TO_MAT,                                  \
    .mat_to_left_bytes_per_cycle = 206.3, .mat_to_right_bytes_per_cycle = 223.8,                   \
    .acc_drain_bytes_per_cycle = 30.0, .drain_fixed_cycles = 343.4, .drain_row_cycles = 4.59,      \
    .matmul_head_cycles = 25, .issue_cycles = (issue), .is_guard = true                            \
  }

static const ptl_target A2A3 = {
    .name = "a2a3",
    .family = &PTL_FAMILY_A3,
    .capacity_bytes =
        {
            /* pypto:include/pypto/backend/910B/backend_910b_handler.h */
            [PTL_SPACE_MAT] = 512 * KIB,
            [PTL_SPACE_LEFT] = 64 * KIB,
            [PTL_SPACE_RIGHT] = 64 * KIB,
            [PTL_SPACE_ACC] = 128 * KIB,
            [PTL_SPACE_BIAS] = 1 * KIB,
            [PTL_SPACE_VEC] = 192 * KIB,   /* pypto:src/backend/common/soc.cpp; 184 KiB are safe */
            [PTL_SPACE_SCALING] = 2 * KIB, /* nowhere published; nothing is planned in it */
        },
    .alignment_bytes =
        {
            /* pto-isa:include/pto/common/buffer_limits.hpp, PTO_L0A_ALIGN_BYTES and the like */
            [PTL_SPACE_MAT] = 32,
            [PTL_SPACE_LEFT] = 32,
            [PTL_SPACE_RIGHT] = 32,
            [PTL_SPACE_ACC] = 32,
            [PTL_SPACE_BIAS] = 32,
            [PTL_SPACE_VEC] = 32,
            [PTL_SPACE_SCALING] = 32,
        },
    .acc_row_multiple = 16,       /* pypto: GetL0FractalAlignment */
    .acc_row_multiple_i32 = 32,   /* pypto: backend_910b_handler.h GetL0cMAlignment */
    .max_matmul_extent = 4095,    /* domain 3: m, k, n of one tmatmul */
    .max_store_columns = 4095,    /* domain 3: cols of an accumulator's tstore */
    .fp32_passes = 2,             /* pypto: backend_handler.h mad_fp32_passes */
    .event_ids_per_pipe_pair = 8, /* domain 4 */
    .ptoas = &PTL_PTOAS_STRICTEST,
    .rate_count = 6,
    .rates =
        {
            PTO_ISA_RATES("pto-isa model", 0, false),
            PTO_ISA_RATES("pto-isa model, issue 50", 50, false),
            PTO_ISA_RATES("pto-isa model, issue 100", 100, true),
            PTO_ISA_FITTED_RATES("pto-isa model, fitted"),
            PYPTO_A2A3_RATES("pypto device", 0),
            PYPTO_A2A3_RATES("pypto device, issue 50", 50),
        },
};

static const ptl_target A5 = {
    .name = "a5",
    .family = &PTL_FAMILY_A5,
    .capacity_bytes =
        {
            /* pypto:include/pypto/backend/950/backend_950_handler.h */
            [PTL_SPACE_MAT] = 512 * KIB,
            [PTL_SPACE_LEFT] = 64 * KIB,
            [PTL_SPACE_RIGHT] = 64 * KIB,
            [PTL_SPACE_ACC] = 256 * KIB,
            [PTL_SPACE_BIAS] = 4 * KIB,
            [PTL_SPACE_VEC] = 248 * KIB,   /* pypto:src/backend/common/soc.cpp; 240 KiB are safe */
            [PTL_SPACE_SCALING] = 2 * KIB, /* nowhere published; nothing is planned in it */
        },
    .alignment_bytes =
        {
            [PTL_SPACE_MAT] = 32,
            [PTL_SPACE_LEFT] = 32,
            [PTL_SPACE_RIGHT] = 32,
            [PTL_SPACE_ACC] = 32,
            [PTL_SPACE_BIAS] = 32,
            [PTL_SPACE_VEC] = 32,
            [PTL_SPACE_SCALING] = 32,
        },
    .acc_row_multiple = 16,
    .acc_row_multiple_i32 = 16, /* pypto: GetL0cMAlignment is not overridden for 950 */
    .max_matmul_extent = 4095,
    .max_store_columns = 4095,
    .fp32_passes = 8, /* pypto: backend_950_handler.h mad_fp32_passes */
    .event_ids_per_pipe_pair = 8,
    .ptoas = &PTL_PTOAS_STRICTEST,
    .rate_count = 6,
    .rates =
        {
            PTO_ISA_RATES("pto-isa model of a2a3", 0, false),
            PTO_ISA_RATES("pto-isa model of a2a3, issue 50", 50, false),
            PTO_ISA_RATES("pto-isa model of a2a3, issue 100", 100, true),
            PTO_ISA_FITTED_RATES("pto-isa model of a2a3, fitted"),
            PYPTO_A5_RATES("pypto simulator", 0),
            PYPTO_A5_RATES("pypto simulator, issue 50", 50),
        },
};

/* A name that a user may give; in a module only those that ptoas knows. */
typedef struct target_name {
  const char *name;
  const ptl_target *target;
  bool is_for_ptoas;
} target_name;

static const target_name NAMES[] = {
    {"a2a3", &A2A3, true},  {"a3", &A2A3, true}, {"910B", &A2A3, false},
    {"910C", &A2A3, false}, {"a5", &A5, true},   {"950", &A5, false},
};
enum { NAME_COUNT = sizeof(NAMES) / sizeof(NAMES[0]) };

static const target_name *find_name(const char *name) {
  for (int i = 0; i < NAME_COUNT; i++) {
    if (strcasecmp(NAMES[i].name, name) == 0) {
      return &NAMES[i];
    }
  }
  return NULL;
}

const ptl_target *ptl_target_find(const char *name) {
  const target_name *found = find_name(name);
  return found ? found->target : NULL;
}

const ptl_target *ptl_target_default(void) { return &A2A3; }

const char *ptl_target_names(void) { return "a2a3 (a3, 910B, 910C), a5 (950)"; }

ptl_nearest ptl_target_nearest(const char *name) {
  ptl_nearest nearest = ptl_nearest_to(ptl_str_of(name));
  for (int i = 0; i < NAME_COUNT; i++) {
    ptl_nearest_try(&nearest, ptl_str_of(NAMES[i].name));
  }
  return nearest;
}

const char *ptl_target_module_names(void) { return "a2a3 (a3), a5"; }

const ptl_target *ptl_target_of_module(const char *arch) {
  const target_name *found = find_name(arch);
  return found && found->is_for_ptoas ? found->target : NULL;
}

bool ptl_target_takes_module(const ptl_target *target, const char *arch) {
  const ptl_target *own = ptl_target_of_module(arch);
  return strcmp(target->name, arch) == 0 || (own && own->family == target->family);
}

const char *ptl_target_module_arch(const ptl_target *target) {
  return ptl_target_of_module(target->name) ? target->name : target->family->module_arch;
}

const ptl_target *ptl_target_for_ptoas(ptl_arena *arena, const ptl_target *target,
                                       ptl_version version) {
  ptl_ptoas *ptoas = ptl_arena_alloc(arena, sizeof(*ptoas));
  ptl_target *out = ptl_arena_alloc(arena, sizeof(*out));
  *ptoas = ptl_ptoas_of(version);
  *out = *target;
  out->ptoas = ptoas;
  return out;
}

int64_t ptl_target_alignment(const ptl_target *target, ptl_space space) {
  int64_t of_chip = target->alignment_bytes[space],
          of_ptoas = target->ptoas->alignment_bytes[space];
  return of_chip > of_ptoas ? of_chip : of_ptoas;
}

int64_t ptl_target_max_carried(const ptl_target *target) {
  return target->event_ids_per_pipe_pair / target->ptoas->event_ids_per_carried_pair;
}

int64_t ptl_acc_bytes(const ptl_target *target, ptl_elem elem, int64_t rows, int64_t cols) {
  int64_t multiple = elem == PTL_ELEM_I32 ? target->acc_row_multiple_i32 : target->acc_row_multiple;
  return ptl_round_up(rows, multiple) * cols * ptl_elem_bytes(elem);
}
