// PTL046: a product that nobody wants.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL046.mlir:[[#@LINE+5]]:8: error: the product is not returned; remove it or return it [PTL046]
// CHECK-NOT: error

func.func @k(%a: tensor<16x128xi8>, %w: tensor<128x64xi8>) -> tensor<16x64xi32> {
  %init = arith.constant dense<0> : tensor<16x64xi32>
  %1 = linalg.matmul ins(%a, %w : tensor<16x128xi8>, tensor<128x64xi8>) outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x128xi8>, tensor<128x64xi8>) outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %0 : tensor<16x64xi32>
}
