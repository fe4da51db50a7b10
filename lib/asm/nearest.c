/* Names of ops: which there are, and what a misspelt one was probably meant to be. */
#include <string.h>

#include "asm/ops.h"
#include "support/nearest.h"

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

static void compare_to_row(ptl_nearest *best, const ptl_op_row *row) {
  if (row->syntax) {
    ptl_nearest_try(best, ptl_op_short_name(ptl_str_of(row->name)));
  }
  if (row->syntax && row->also) {
    ptl_nearest_try(best, ptl_op_short_name(ptl_str_of(row->also)));
  }
}

/* Takes the next of `names_only`; empty after the last. */
static ptl_str next_name(const char **at) {
  ptl_str name = {*at, strcspn(*at, " ")};
  *at += name.length + (name.length > 0);
  return name;
}

ptl_str ptl_op_nearest(ptl_str name) {
  ptl_nearest best = ptl_nearest_to(ptl_op_short_name(name));
  for (int id = 0; id < PTL_OP_ID_COUNT; id++) {
    compare_to_row(&best, &ptl_op_table[id]);
  }
  const char *at = names_only;
  for (ptl_str other = next_name(&at); other.length > 0; other = next_name(&at)) {
    ptl_nearest_try(&best, other);
  }
  return best.name;
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
