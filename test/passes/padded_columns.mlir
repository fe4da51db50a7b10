// N and K of any number: the last column tile and the last chunk are padded, and what leaves is as
// wide as the result. No loop over N goes over a tile that is not full.

// RUN: %lower %s --remarks -o %t.pto 2>&1 | FileCheck --check-prefix=SAME %s
// RUN: %lower %s --target=a5 -o %t_a5.pto
// RUN: %ptolower check --require-proof %t.pto %t_a5.pto
// RUN: FileCheck %s < %t.pto

// SAME-DAG: the kernels 'odd' do the same (random data)
// SAME-DAG: the kernels 'one' do the same (random data)
// SAME-DAG: the kernels 'wide' do the same (random data)

// CHECK-LABEL: func.func @odd(
// CHECK: pto.tload ins(%{{.*}} : !pto.partition_tensor_view<64x40xi8>) outs(%{{.*}} : !pto.tile_buf<loc=mat, dtype=i8, rows=64, cols=64,
// CHECK: pto.tload ins(%{{.*}} : !pto.partition_tensor_view<70x64xi8>) outs(%{{.*}} : !pto.tile_buf<loc=mat, dtype=i8, rows=80, cols=64,
// CHECK: pto.tstore ins(%{{.*}} : !pto.tile_buf<loc=acc, dtype=i32, rows=16, cols=64, {{.*}}) outs(%{{.*}} : !pto.partition_tensor_view<16x40xi32>)
// CHECK: pto.tstore ins(%{{.*}} : !pto.tile_buf<loc=acc, dtype=i32, rows=16, cols=80, {{.*}}) outs(%{{.*}} : !pto.partition_tensor_view<16x70xi32>)
func.func @odd(%a: tensor<16x64xi8>, %w: tensor<64x40xi8>, %v: tensor<70x64xi8>)
    -> (tensor<16x40xi32>, tensor<16x70xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x40xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x40xi32>) -> tensor<16x40xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x64xi8>, tensor<64x40xi8>) outs(%init : tensor<16x40xi32>) -> tensor<16x40xi32>
  %more = tensor.empty() : tensor<16x70xi32>
  %start = linalg.fill ins(%zero : i32) outs(%more : tensor<16x70xi32>) -> tensor<16x70xi32>
  %1 = linalg.matmul_transpose_b ins(%a, %v : tensor<16x64xi8>, tensor<70x64xi8>) outs(%start : tensor<16x70xi32>) -> tensor<16x70xi32>
  return %0, %1 : tensor<16x40xi32>, tensor<16x70xi32>
}

// CHECK-LABEL: func.func @one(
// CHECK: outs(%{{.*}} : !pto.partition_tensor_view<1x1xf32>)
func.func @one(%a: tensor<1x1xbf16>, %w: tensor<1x1xbf16>) -> tensor<1x1xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<1x1xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<1x1xf32>) -> tensor<1x1xf32>
  %0 = linalg.matmul ins(%a, %w : tensor<1x1xbf16>, tensor<1x1xbf16>) outs(%init : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %0 : tensor<1x1xf32>
}

// CHECK-LABEL: func.func @wide(
// CHECK: scf.for %n =
// CHECK: }
// CHECK: pto.tstore ins(%{{.*}}) outs(%{{.*}} : !pto.partition_tensor_view<16x{{[0-9]*[1-9]}}xf32>)
func.func @wide(%a: tensor<16x256xbf16>, %w: tensor<256x16383xbf16>) -> tensor<16x16383xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x16383xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x16383xf32>) -> tensor<16x16383xf32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x256xbf16>, tensor<256x16383xbf16>) outs(%init : tensor<16x16383xf32>) -> tensor<16x16383xf32>
  return %0 : tensor<16x16383xf32>
}
