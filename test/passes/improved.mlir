// A plan is chosen staging by staging, so that one may be missed that is faster under every calibration. Of a function made from
// tensors such a plan is searched for: what is written is not rewritten again.
// RUN: %lower %s --target=a5 --remarks -o %t.pto 2>&1 | FileCheck %s
// CHECK: 'deep' is lowered: modelled at 84737 cycles [PTL120]
// RUN: %lower %t.pto | cmp - %t.pto
func.func @deep(%x: tensor<48x18592xbf16>, %w: tensor<18592x128xbf16>) -> tensor<48x128xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<48x128xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<48x128xf32>) -> tensor<48x128xf32>
  %y = linalg.matmul ins(%x, %w : tensor<48x18592xbf16>, tensor<18592x128xbf16>) outs(%init : tensor<48x128xf32>) -> tensor<48x128xf32>
  return %y : tensor<48x128xf32>
}
