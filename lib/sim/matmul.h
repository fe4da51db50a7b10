/* The products of the cube, on dense rows. */
#ifndef PTL_SIM_MATMUL_H
#define PTL_SIM_MATMUL_H

#include <stdint.h>

/* acc[m][n] += lhs[m][k] * rhs[k][n], for k in ascending order; rows are dense. */
void ptl_sim_matmul_i16(int64_t m, int64_t k, int64_t n, const int16_t *lhs, const int16_t *rhs,
                        int32_t *acc);
void ptl_sim_matmul_f32(int64_t m, int64_t k, int64_t n, const float *lhs, const float *rhs,
                        float *acc);

#endif
