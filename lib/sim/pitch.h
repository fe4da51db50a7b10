/* At which pitch an op sees a tile in Left, Right or Acc.
 *
 * Such a tile is a row of strips: block columns of 16 columns in Acc, of 32 bytes in a5's Left,
 * strips of 32 bytes of K in Right, of 16 rows in a2a3's Left. The pitch is what lies between the
 * beginnings of two strips, in rows (Right, a2a3's Left: columns). It is stored nowhere: the op
 * that writes and the one that reads take it from their own operands. mad is given none and packs
 * its strips as tightly as valid extents allow; the others go by the tile's type, or, if that is
 * compact, by the valid extents as well. Where the two differ, all strips but the first are read
 * from where they do not lie.
 */
#ifndef PTL_SIM_PITCH_H
#define PTL_SIM_PITCH_H

#include "sim/state.h"

/* What takes elements out of an accumulator. */
typedef enum ptl_sim_way {
  PTL_SIM_BY_STORE,
  PTL_SIM_BY_PUSH,
  PTL_SIM_BY_MOVE,    /* tmov, to Mat or Vec */
  PTL_SIM_BY_EXTRACT, /* textract, to Mat or Vec */
} ptl_sim_way;

/* The tile as mad reads or writes it: an operand's extents are its own, an accumulator is written,
 * and added to, at that of `m` rows. */
ptl_sim_tile ptl_sim_as_operand(const ptl_sim_tile *tile);
ptl_sim_tile ptl_sim_as_product(const ptl_sim_tile *acc, int64_t m);

/* Left and Right as they are filled from Mat; a tile of another space as it is. */
ptl_sim_tile ptl_sim_as_filled(const ptl_target *target, const ptl_sim_tile *from, ptl_sim_way way,
                               const ptl_sim_tile *to);

/* An accumulator as it is read on its way to another tile (NULL: a store, a push); a tile of
 * another space as it is. */
ptl_sim_tile ptl_sim_as_read(const ptl_target *target, const ptl_sim_tile *from, ptl_sim_way way,
                             const ptl_sim_tile *to);

/* The tile as its type has it, whatever is valid. */
ptl_sim_tile ptl_sim_as_typed(const ptl_sim_tile *tile);

/* Left, Right and Acc: a tile has a pitch there. */
bool ptl_sim_is_cube_space(ptl_space space);

#endif
