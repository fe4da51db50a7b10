// A known fault of the chip is told of what was emitted, and is no reason to refuse it.
// RUN: %lower --target=a5 %s -o %t.pto
// RUN: %ptolower check %t.pto | FileCheck %s
// CHECK: remark: i8 products of 128 rows and more {{.*}} [PTL227]
// CHECK: 1 function: 1 proved, 0 with findings, 0 not followed
func.func @k(%a: tensor<128x512xi8>, %b: tensor<512x256xi8>, %c: tensor<512x256xi8>) -> (tensor<128x256xi32>, tensor<128x256xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<128x256xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<128x256xi32>) -> tensor<128x256xi32>
  %0 = linalg.matmul ins(%a, %b : tensor<128x512xi8>, tensor<512x256xi8>) outs(%init : tensor<128x256xi32>) -> tensor<128x256xi32>
  %1 = linalg.matmul ins(%a, %c : tensor<128x512xi8>, tensor<512x256xi8>) outs(%init : tensor<128x256xi32>) -> tensor<128x256xi32>
  return %0, %1 : tensor<128x256xi32>, tensor<128x256xi32>
}
