/* Names of ops: which there are, and what a misspelt one was probably meant to be. */
#include <ctype.h>
#include <string.h>

#include "asm/ops.h"

/* Ops of ptoas up to 0.60 without a row in the op table: their syntax is not known. All that begin
 * with `vmi.` are not listed. PTOAS:include/PTO/IR */
static const char names_only[] =
    "absf atomic_add atomic_and atomic_cas atomic_exch atomic_max atomic_min atomic_or atomic_sub "
    "atomic_xor ceil chistv2 convert copy_cbuf_to_bt copy_cbuf_to_fbuf copy_cbuf_to_ubuf "
    "copy_gm_to_cbuf copy_gm_to_cbuf_multi_dn2nz copy_gm_to_cbuf_multi_nd2nz copy_gm_to_ubuf "
    "copy_matrix_cc_to_cbuf copy_matrix_cc_to_gm copy_matrix_cc_to_ub copy_ubuf_to_cbuf "
    "copy_ubuf_to_gm copy_ubuf_to_ubuf cos create_cbuf_matrix dcci declare_struct dhistv2 dsb exp "
    "floor fma fmax fmin fusion_region get_block_dim_x get_block_dim_y "
    "get_block_dim_z get_block_idx_x get_block_idx_y get_block_idx_z get_buf_dyn get_clock32 "
    "get_clock64 get_ctrl get_grid_dim_x get_grid_dim_y get_grid_dim_z get_laneid get_lanemask_eq "
    "get_lanemask_ge get_lanemask_gt get_lanemask_le get_lanemask_lt get_tid_x get_tid_y "
    "get_tid_z get_veccoreid get_vms4_sr init_align keep ld_dev ldg load_cbuf_to_ca "
    "load_cbuf_to_ca_mx load_cbuf_to_ca_s4 load_cbuf_to_cb load_cbuf_to_cb_mx load_cbuf_to_cb_s4 "
    "log mad mad_acc mad_bias mad_bias_raw mad_mx mad_mx_acc mad_mx_bias mad_mx_bias_raw "
    "mad_mx_raw mad_raw mem_bar mte_gm_l1 mte_gm_l1_frac mte_gm_ub mte_l0c_gm mte_l0c_l1 "
    "mte_l0c_ub mte_l1_bt mte_l1_fb mte_l1_l0a mte_l1_l0a_mx mte_l1_l0b mte_l1_l0b_mx mte_l1_ub "
    "mte_ub_gm mte_ub_l1 mte_ub_ub mul_i32toi64 mulhi pand pbitcast pdintlv_b16 pdintlv_b32 "
    "pdintlv_b8 pge_b16 pge_b32 pge_b8 pintlv_b16 pintlv_b32 pintlv_b8 pldi plds plt_b16 plt_b32 "
    "plt_b8 pltm_b16 pltm_b32 pltm_b8 pnot por pow ppack prmt psel pset_b16 pset_b32 pset_b8 psti "
    "psts pstu punpack pxor raw_fill_l1 redux_add redux_max redux_min resume rint rls_buf_dyn "
    "round sbitset0 sbitset1 section.simt set_atomic_add set_atomic_bf16 set_atomic_f16 "
    "set_atomic_f32 set_atomic_max set_atomic_min set_atomic_none set_atomic_s16 set_atomic_s32 "
    "set_atomic_s8 set_channel_para set_ctrl set_fix_clip_relu set_fpc "
    "set_loop1_stride_outtol1 set_loop1_stride_outtoub set_loop1_stride_ubtoout "
    "set_loop2_stride_outtol1 set_loop2_stride_outtoub set_loop2_stride_ubtoout set_loop3_para "
    "set_loop_size_outtol1 set_loop_size_outtoub set_loop_size_ubtoout set_mov_pad_val "
    "set_mte2_nz_para set_pad_val_outtol1 set_quant_pre set_relu_alpha set_store_atomic_cfg "
    "shuffle_bfly shuffle_down shuffle_idx shuffle_up simd.tile_to_memref simt_launch sin sprclr "
    "sprsti sprsts sqrt st_dev stg store_vfsimt_info strict_vecscope struct_get struct_set "
    "syncthreads tensor_view_addr threadfence threadfence_block tile_buf_addr ub.set_mask "
    "ub.set_mask_count ub.set_mask_norm ub.vabs ub.vadd ub.vaddrelu ub.vadds ub.vand ub.vdiv "
    "ub.vdup ub.vexp ub.vln ub.vmax ub.vmaxs ub.vmin ub.vmins ub.vmul ub.vmuls ub.vnot ub.vor "
    "ub.vrelu ub.vrsqrt ub.vshl ub.vshr ub.vsqrt ub.vsub uvld vabs vadd vaddc vaddcs vaddreluconv "
    "vadds vand vaxpy vbitcast vbitsort vbr vcadd vcbmax vcbmin vcgadd vcgmax vcgmin vci vcmax "
    "vcmin vcmp vcmps vcpadd vcvt vdintlv vdintlvv2 vdiv vdup vecscope vexp vexpdif vgather2 "
    "vgather2_bc vgatherb vintlv vintlvv2 vldas vlds vldsx2 vldus vln vlrelu vmadd vmax vmaxs "
    "vmin vmins vmrgsort4 vmul vmula vmulconv vmull vmuls vmulscvt vneg vnot vor vote_all "
    "vote_any vote_ballot vote_uni vpack vprelu vrelu vscatter vsel vselr vselrv2 vshl vshls vshr "
    "vshrs vsldb vsqrt vsqz vsstb vstar vstas vsts vstsx2 vstur vstus vsub vsubc vsubcs vsunpack "
    "vtrc vusqz vxor vzunpack yield ";

enum { MAX_NAME_LENGTH = 47 };

static int least(int a, int b) { return a < b ? a : b; }

static bool same_letter(char a, char b) {
  return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/* Edits from a to b: letters inserted, deleted or replaced, and neighbours that changed places. */
static int edit_distance(ptl_str a, ptl_str b) {
  int rows[3][MAX_NAME_LENGTH + 1];
  for (size_t j = 0; j <= b.length; j++) {
    rows[0][j] = (int)j;
  }
  for (size_t i = 1; i <= a.length; i++) {
    int *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
    row[0] = (int)i;
    for (size_t j = 1; j <= b.length; j++) {
      char own = a.data[i - 1], other = b.data[j - 1];
      row[j] = least(above[j - 1] + !same_letter(own, other), 1 + least(above[j], row[j - 1]));
      bool is_swap =
          i > 1 && j > 1 && same_letter(own, b.data[j - 2]) && same_letter(a.data[i - 2], other);
      row[j] = is_swap ? least(row[j], two_above[j - 2] + 1) : row[j];
    }
  }
  return rows[a.length % 3][b.length];
}

/* The best so far. */
typedef struct likeness {
  ptl_str name, nearest;
  int limit; /* edits that a better one may have */
} likeness;

static void compare_to(likeness *best, ptl_str candidate) {
  int distance =
      candidate.length > MAX_NAME_LENGTH ? best->limit + 1 : edit_distance(best->name, candidate);
  if (distance <= best->limit) {
    best->nearest = candidate;
    best->limit = distance - 1;
  }
}

static void compare_to_row(likeness *best, const ptl_op_row *row) {
  if (row->syntax) {
    compare_to(best, ptl_op_short_name(ptl_str_of(row->name)));
  }
  if (row->syntax && row->also) {
    compare_to(best, ptl_op_short_name(ptl_str_of(row->also)));
  }
}

/* Takes the next of `names_only`; empty after the last. */
static ptl_str next_name(const char **at) {
  ptl_str name = {*at, strcspn(*at, " ")};
  *at += name.length + (name.length > 0);
  return name;
}

ptl_str ptl_op_nearest(ptl_str name) {
  likeness best = {.name = ptl_op_short_name(name)};
  if (best.name.length > MAX_NAME_LENGTH) {
    return best.nearest;
  }
  best.limit = best.name.length < 6 ? 1 : (int)best.name.length / 3;
  for (int id = 0; id < PTL_OP_ID_COUNT; id++) {
    compare_to_row(&best, &ptl_op_table[id]);
  }
  const char *at = names_only;
  for (ptl_str other = next_name(&at); other.length > 0; other = next_name(&at)) {
    compare_to(&best, other);
  }
  return best.nearest;
}

bool ptl_op_exists(ptl_str name) {
  bool found = ptl_op_find(name) != PTL_NO_OP;
  name = ptl_op_short_name(name);
  found = found || ptl_str_starts_with(name, "vmi.");
  const char *at = names_only;
  for (ptl_str other = next_name(&at); other.length > 0 && !found; other = next_name(&at)) {
    found = ptl_str_equal(name, other);
  }
  return found;
}
