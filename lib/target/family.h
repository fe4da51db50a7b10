/* What all chips of a family share: the geometry of the cube, the paths between the buffers, the
 * element types, and how pto-isa's pipes between the cores work.
 *
 * ptoas and pto-isa know two families (--pto-arch a3 and a5). Whatever differs between them is a
 * field here, named for what it means, so that no other code asks which family a chip is of.
 */
#ifndef PTL_TARGET_FAMILY_H
#define PTL_TARGET_FAMILY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ptl_family {
  const char *arch;        /* as in ptoas --pto-arch: "a3" */
  const char *module_arch; /* as in pto.target_arch: "a2a3" */

  /* ---- the cube ---- */
  int64_t fractal_rows;        /* of Left and Acc, and columns of Right and Acc */
  int64_t fractal_bytes;       /* of a fractal's row: K of Left and Right */
  bool left_is_col_major;      /* blayout of Left tiles; ptoas' parser forces it */
  bool has_scaled_products;    /* tmatmul.mx, whose scales textract takes from Mat */
  bool checks_product_layouts; /* ptoas asks for the layouts of a product's tiles */
  int64_t least_wrong_i8_rows; /* M from which on i8 products have been wrong; 0: none is known */

  /* ---- element types ---- */
  bool has_low_types;      /* fp8, hif8, fp4 */
  bool acc_keeps_type;     /* f32 and i32 leave Acc for Mat and Vec as they are */
  bool scales_to_floats;   /* what is scaled on its way out of Acc becomes floats, too */
  bool pads_i64_with_zero; /* a tile of 64-bit integers is padded with nothing else */

  /* ---- paths ---- */
  bool acc_to_vec;
  bool vec_to_mat;
  bool stores_mat;                /* tstore takes a mat tile */
  bool loads_any_space;           /* ptoas' verifier does not ask where tload leads */
  bool limits_stored_columns;     /* ptoas' verifier asks for at most max_store_columns */
  bool moves_resize;              /* a tmov that does not begin in Mat joins unequal shapes */
  bool moves_with_scratch;        /* tmov inside of Vec takes a scratch tile */
  bool extracts_any_row_major;    /* to Right from row_major Mat tiles of any slayout */
  bool extracts_left_by_elements; /* textract to Left transposes bytes without closing up rows */
  int64_t acc_to_mat_fractal;     /* of the Mat tile; 0: any */

  /* ---- vector tiles ---- */
  bool has_vector_registers;       /* ops go through registers, element by element */
  bool orders_vector_ops;          /* no barrier is needed between two, and ptoas writes none */
  bool vec_is_plain_or_boxed;      /* tload and tstore take those layouts only */
  bool extracts_plain_vec;         /* textract inside of Vec takes plain rows only */
  int64_t vector_area_begin_bytes; /* from here on pto-isa keeps PTL_VEC_AREA_BYTES of Vec */

  /* ---- pipes between the cores ---- */
  bool pipes_lie_in_gm;     /* a push is a tstore, a pop a tload; else slots lie in the consumer */
  bool has_local_slots;     /* the consumer's ring has local_slot_num slots, not slot_num */
  bool pops_give_back;      /* tpop gives a slot back, and tfree does nothing */
  bool starts_with_credits; /* the consumer gives a period of credits before it begins */
  bool unsplit_has_two_lanes; /* without a split both vector cores take part */
  bool runtime_knows_lane;    /* which vector core this is: the register does not know */
} ptl_family;

extern const ptl_family PTL_FAMILY_A3; /* Ascend 910B, 910C */
extern const ptl_family PTL_FAMILY_A5; /* Ascend 950 */

/* By `arch`; NULL if there is none. */
const ptl_family *ptl_family_find(const char *arch);

#endif
