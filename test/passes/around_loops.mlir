// What a loop extracts waits in front of it for all loads before it, and what follows for all of its loads. A plan counts both: its
// time is that of its text, and another run finds no better one.
// RUN: %lower %s --remarks -o %t.pto 2>&1 | FileCheck %s
// CHECK: 'wide' is lowered: modelled at 17934 cycles [PTL120]
// RUN: %ptolower time --calibration='pto-isa model' %t.pto | FileCheck --check-prefix=TEXT %s
// TEXT: wide 17,934 {{.*}} [PTL113]
// RUN: %lower %t.pto | cmp - %t.pto
func.func @wide(%x: tensor<16x1280xbf16>, %w: tensor<1280x512xbf16>) -> tensor<16x512xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x512xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x512xf32>) -> tensor<16x512xf32>
  %y = linalg.matmul ins(%x, %w : tensor<16x1280xbf16>, tensor<1280x512xbf16>) outs(%init : tensor<16x512xf32>) -> tensor<16x512xf32>
  return %y : tensor<16x512xf32>
}
