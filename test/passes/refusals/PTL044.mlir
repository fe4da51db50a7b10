// PTL044: an operand that the function computes; the kernel only loads.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL044.mlir:[[#@LINE+6]]:8: error: an operand of the product is not an argument of the function [PTL044]
// CHECK-NOT: error

func.func @k(%a: tensor<16x128xi8>, %w: tensor<128x64xi8>) -> tensor<16x64xi32> {
  %init = arith.constant dense<0> : tensor<16x64xi32>
  %ones = arith.constant dense<1> : tensor<128x64xi8>
  %0 = linalg.matmul ins(%a, %ones : tensor<16x128xi8>, tensor<128x64xi8>) outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %0 : tensor<16x64xi32>
}
