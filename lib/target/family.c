/* The two families. "ptoas" is its verifier (PTOAS:lib/PTO/IR/PTO.cpp, the branches on
 * VerifierTargetArch), "isa" pto-isa:include/pto/npu, whose folders are named a2a3 and a5. */
#include "target/family.h"

#include <stddef.h>
#include <string.h>

enum { KIB = 1024 };

const ptl_family PTL_FAMILY_A3 = {
    .arch = "a3",
    .module_arch = "a2a3",
    .fractal_rows = 16,  /* isa: FRACTAL_NZ_ROW of common/constants.hpp */
    .fractal_bytes = 32, /* isa: C0_SIZE_BYTE */
    .left_is_col_major = false,
    .stores_mat = true,
    .limits_stored_columns = true, /* ptoas: "src cols to be in [1, 4095]" */
    .extracts_any_row_major = true,
    .extracts_left_by_elements = true, /* isa: a2a3/TExtract.hpp */
    .acc_to_mat_fractal = 512,         /* ptoas: "acc-to-mat tmov destination fractal to be 512" */
    .vector_area_begin_bytes = 184 * KIB, /* isa: common/constants.hpp TMP_UB_OFFSET */
    .pipes_lie_in_gm = true,              /* isa: a2a3/TPush.hpp pushAcc2GMFiFo */
    .has_local_slots = true,              /* isa: a2a3/TPush.hpp, slots i % local_slot_num */
    .pops_give_back = true,               /* isa: a2a3/TPop.hpp; TFree.hpp is empty for tiles */
    .unsplit_has_two_lanes = true,        /* isa: flags of FFTS mode 2 reach both */
    .runtime_knows_lane = true,           /* simpler: docs/tpush-tpop.md, get_subblockid() */
};

const ptl_family PTL_FAMILY_A5 = {
    .arch = "a5",
    .module_arch = "a5",
    .fractal_rows = 16,
    .fractal_bytes = 32,
    .left_is_col_major = true,
    .has_scaled_products = true,    /* ptoas: "tmatmul.mx is only supported on A5 targets" */
    .checks_product_layouts = true, /* ptoas: "expects lhs to use the row_major slayout" */
    .least_wrong_i8_rows = 128,     /* pto-isa#214, pypto-lib#856, pypto#2562 */
    .has_low_types = true,
    .acc_keeps_type = true,
    .scales_to_floats = true,
    .pads_i64_with_zero = true, /* ptoas: "A5 i64/u64 tload dst pad to be null or zero" */
    .acc_to_vec = true,         /* isa: a5/TMov.hpp TMovCcToUb */
    .vec_to_mat = true,
    .loads_any_space = true, /* 0.60's lowering asks */
    .moves_resize = true,
    .moves_with_scratch = true,           /* ptoas 0.60 */
    .has_vector_registers = true,         /* isa: a5/T*.hpp */
    .orders_vector_ops = true,            /* ptoas: InsertSync/SyncCodegen.cpp CreateBarrierOp */
    .vec_is_plain_or_boxed = true,        /* ptoas: "vec dst layout to be ND, DN, or NZ" */
    .extracts_plain_vec = true,           /* ptoas: "vec->vec textract src/dst to use ND layout" */
    .vector_area_begin_bytes = 240 * KIB, /* pypto:src/backend/common/soc.cpp, pto-isa#170 */
    .starts_with_credits = true,          /* isa: a5/TPush.hpp l.684-708 */
};

const ptl_family *ptl_family_find(const char *arch) {
  static const ptl_family *const families[] = {&PTL_FAMILY_A3, &PTL_FAMILY_A5};
  for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
    if (strcmp(families[i]->arch, arch) == 0) {
      return families[i];
    }
  }
  return NULL;
}
