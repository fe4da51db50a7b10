// PTL043: a kernel is for one shape.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL043.mlir:[[#@LINE+6]]:8: error: products need plain tensors of two constant extents, and batches of them of three; give the function the shape that the kernel is for [PTL043]
// CHECK-NOT: error

func.func @k(%a: tensor<?x128xi8>, %w: tensor<128x64xi8>, %init: tensor<?x64xi32>) -> tensor<?x64xi32> {
  %zero = arith.constant 0 : i32
  %fill = linalg.fill ins(%zero : i32) outs(%init : tensor<?x64xi32>) -> tensor<?x64xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<?x128xi8>, tensor<128x64xi8>) outs(%fill : tensor<?x64xi32>) -> tensor<?x64xi32>
  return %0 : tensor<?x64xi32>
}
