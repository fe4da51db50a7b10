// PTL041: the product does not begin at zero.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL041.mlir:[[#@LINE+5]]:8: error: outs is not filled with zero; the kernel's accumulators begin at zero [PTL041]
// CHECK-NOT: error

func.func @k(%a: tensor<16x128xi8>, %w: tensor<128x64xi8>, %bias: tensor<16x64xi32>) -> tensor<16x64xi32> {
  %init = arith.constant dense<0> : tensor<16x64xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x128xi8>, tensor<128x64xi8>) outs(%bias : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %0 : tensor<16x64xi32>
}
