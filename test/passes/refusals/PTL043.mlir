// PTL043: a kernel is for one shape.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL043.mlir:[[#@LINE+6]]:8: error: products need plain tensors of two constant extents, {{.*}}; give the function the shape that the kernel is for [PTL043]
// CHECK-NOT: error

func.func @k(%a: tensor<16x?xi8>, %w: tensor<?x64xi8>, %init: tensor<16x64xi32>) -> tensor<16x64xi32> {
  %zero = arith.constant 0 : i32
  %fill = linalg.fill ins(%zero : i32) outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x?xi8>, tensor<?x64xi8>) outs(%fill : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %0 : tensor<16x64xi32>
}
