// PTL034: each product has a plan, but they do not fit beside each other.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL034.mlir:[[#@LINE+6]]:8: error: {{.*}} do not fit beside each other{{.*}} [PTL034]
// CHECK-NOT: error

func.func @k(%a: tensor<16x512xi8>, %b: tensor<16x512xi8>, %w: tensor<512x512xi8>, %v: tensor<512x512xi8>)
    -> (tensor<16x512xi32>, tensor<16x512xi32>, tensor<16x512xi32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %w, %v) : (tensor<16x512xi8>, tensor<512x512xi8>, tensor<512x512xi8>) -> (tensor<16x512xi32>, tensor<16x512xi32>)
  %1 = "ptolower.matmul_dual_acc"(%b, %w) : (tensor<16x512xi8>, tensor<512x512xi8>) -> tensor<16x512xi32>
  return %0#0, %0#1, %1 : tensor<16x512xi32>, tensor<16x512xi32>, tensor<16x512xi32>
}
