/* The buffers of an AI core. */
#ifndef PTL_TARGET_SPACE_H
#define PTL_TARGET_SPACE_H

/* The order is that of the data flow. */
typedef enum ptl_space {
  PTL_SPACE_MAT,
  PTL_SPACE_LEFT,
  PTL_SPACE_RIGHT,
  PTL_SPACE_ACC,
  PTL_SPACE_BIAS,
  PTL_SPACE_SCALING,
  PTL_SPACE_VEC,
  PTL_SPACE_COUNT,
} ptl_space;

#endif
