// PTL009: a kernel that takes more steps than the checker walks.

// RUN: %exits 1 %ptolower %s 2>&1 | FileCheck %s
// CHECK: PTL009.mlir:[[#@LINE+4]]:1: error: the kernel 'endless' is too long to be proved: it takes more than {{[0-9]+}} steps; make K smaller, or split the function [PTL009]
// CHECK-NOT: error

// A billion of K, 16 rows.
func.func @endless(%a: tensor<16x1000000000xi8>, %gate_w: tensor<1000000000x32xi8>, %up_w: tensor<1000000000x32xi8>)
    -> (tensor<16x32xi32>, tensor<16x32xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x32xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x32xi32>) -> tensor<16x32xi32>
  %0 = linalg.matmul ins(%a, %gate_w : tensor<16x1000000000xi8>, tensor<1000000000x32xi8>)
                     outs(%init : tensor<16x32xi32>) -> tensor<16x32xi32>
  %1 = linalg.matmul ins(%a, %up_w : tensor<16x1000000000xi8>, tensor<1000000000x32xi8>)
                     outs(%init : tensor<16x32xi32>) -> tensor<16x32xi32>
  return %0, %1 : tensor<16x32xi32>, tensor<16x32xi32>
}
