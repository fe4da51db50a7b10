// PTL031: an extent that tiles do not have.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL031.mlir:[[#@LINE+10]]:8: error: M is 129: it must be from 1 to 128 [PTL031]
// CHECK-NOT: error

func.func @many_rows(%a: tensor<?x128xi8> {ptolower.max_rows = 129 : i64}, %w: tensor<128x40xi8>)
    -> tensor<?x40xi32> {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a, %c0 : tensor<?x128xi8>
  %zero = arith.constant 0 : i32
  %empty = tensor.empty(%m) : tensor<?x40xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<?x40xi32>) -> tensor<?x40xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<?x128xi8>, tensor<128x40xi8>)
                     outs(%init : tensor<?x40xi32>) -> tensor<?x40xi32>
  return %0 : tensor<?x40xi32>
}
