// PTL033: ptoas has too few event ids for the Mat tiles that a loop would carry, and the text without a
// loop is too long.

// RUN: sed -e 's/"event_ids_per_pipe_pair": 8/"event_ids_per_pipe_pair": 2/' %S/../Inputs/chip.json > %t.json
// RUN: %exits 1 %lower %s --target=%t.json 2>&1 | FileCheck %s
// CHECK: PTL033.mlir:[[#@LINE+4]]:10: error: ptoas has too few event ids: {{.*}} the Mat tiles of lhs and of 2 rhs are loaded again; each such tile takes 2 of 2 ids; tried chunks of 131072, {{.*}} of K{{.*}} [PTL033]
// CHECK-NOT: error

func.func @k(%a: tensor<16x131072xi8>, %w: tensor<131072x256xi8>, %v: tensor<131072x256xi8>) -> (tensor<16x256xi32>, tensor<16x256xi32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %w, %v) : (tensor<16x131072xi8>, tensor<131072x256xi8>, tensor<131072x256xi8>) -> (tensor<16x256xi32>, tensor<16x256xi32>)
  return %0#0, %0#1 : tensor<16x256xi32>, tensor<16x256xi32>
}
