// PTL121: a pair that its user fused by hand.

// RUN: %lower %s --remarks -o /dev/null 2>&1 | FileCheck %s
// RUN: %lower %s --remarks --fuse=off -o /dev/null 2>&1 | FileCheck %s
// CHECK: PTL121.mlir:[[#@LINE+3]]:10: remark: 'k' was given as matmul_dual_acc and is taken as it is [PTL121]

func.func @k(%a: tensor<16x128xi8>, %w: tensor<128x64xi8>, %v: tensor<128x64xi8>) -> (tensor<16x64xi32>, tensor<16x64xi32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %w, %v) : (tensor<16x128xi8>, tensor<128x64xi8>, tensor<128x64xi8>) -> (tensor<16x64xi32>, tensor<16x64xi32>)
  return %0#0, %0#1 : tensor<16x64xi32>, tensor<16x64xi32>
}
