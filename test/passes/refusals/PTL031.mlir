// PTL031: an extent that the cube's boxes do not allow.

// RUN: %exits 1 %lower %s 2>&1 | FileCheck %s
// CHECK: PTL031.mlir:[[#@LINE+8]]:8: error: N is 40: i8 tiles come in multiples of 32 columns; make N 64, or pad the weights [PTL031]
// CHECK-NOT: error

func.func @odd_n(%a: tensor<16x128xi8>, %gate_w: tensor<128x40xi8>, %up_w: tensor<128x40xi8>)
    -> (tensor<16x40xi32>, tensor<16x40xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x40xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x40xi32>) -> tensor<16x40xi32>
  %0 = linalg.matmul ins(%a, %gate_w : tensor<16x128xi8>, tensor<128x40xi8>)
                     outs(%init : tensor<16x40xi32>) -> tensor<16x40xi32>
  %1 = linalg.matmul ins(%a, %up_w : tensor<16x128xi8>, tensor<128x40xi8>)
                     outs(%init : tensor<16x40xi32>) -> tensor<16x40xi32>
  return %0, %1 : tensor<16x40xi32>, tensor<16x40xi32>
}
