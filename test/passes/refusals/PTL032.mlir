// PTL032: a buffer is too small: which, what it would need, what it has, what was tried.

// RUN: sed -e 's/"acc": 131072/"acc": 2048/' %S/../Inputs/chip.json > %t.acc.json
// RUN: %exits 1 %lower %s --target=%t.acc.json 2>&1 | FileCheck --check-prefix=ACC %s
// ACC: PTL032.mlir:[[#@LINE+7]]:10: error: Acc needs 4096 bytes for 1 accumulator of 16 x 32 i32 (rows padded to 32), a2a3 has 2048; tried n = 32, {{.*}} [PTL032]
// RUN: sed -e 's/"mat": 262144/"mat": 1024/' %S/../Inputs/chip.json > %t.mat.json
// RUN: %exits 1 %lower %s --target=%t.mat.json 2>&1 | FileCheck --check-prefix=MAT %s
// MAT: PTL032.mlir:[[#@LINE+4]]:10: error: Mat needs 1536 bytes for lhs of 16 x 32 and 1 rhs tile of 32 x 32 i8, a2a3 has 1024; tried chunks of 512, {{.*}}, 32 of K; {{.*}} [PTL032]

// CHECK-NOT: error
func.func @k(%a: tensor<16x512xi8>, %w: tensor<512x256xi8>, %v: tensor<512x256xi8>) -> (tensor<16x256xi32>, tensor<16x256xi32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %w, %v) : (tensor<16x512xi8>, tensor<512x256xi8>, tensor<512x256xi8>) -> (tensor<16x256xi32>, tensor<16x256xi32>)
  return %0#0, %0#1 : tensor<16x256xi32>, tensor<16x256xi32>
}
