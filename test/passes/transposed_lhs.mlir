// A left operand that lies as k x m: loaded as it lies, read as m x k under a second name, and
// transposed on the way to Left.

// RUN: split-file %s %t
// RUN: %lower %t/rows.mlir --remarks -o %t.pto 2>&1 | FileCheck --check-prefix=SAME %t/rows.mlir
// RUN: %lower %t/rows.mlir --target=a5 -o %t_a5.pto
// RUN: %ptolower check --require-proof %t.pto %t_a5.pto
// RUN: FileCheck %t/rows.mlir < %t.pto
// RUN: FileCheck --check-prefix=A5 %t/rows.mlir < %t_a5.pto
// RUN: %lower %t.pto --fuse=always --remarks -o %t_again.pto 2>&1 | FileCheck --check-prefix=AGAIN %t/rows.mlir
// RUN: %exits 1 %lower %t/filled.mlir 2>&1 | FileCheck %t/filled.mlir
// RUN: %lower %t/filled.mlir --target=a5 -o /dev/null

//--- rows.mlir
// SAME-DAG: the kernels 'pair' do the same (random data)
// SAME-DAG: the kernels 'batches' do the same (random data)
// SAME-DAG: the kernels 'high' do the same (random data)

// Its emitted form is followed, too.
// AGAIN-NOT: passed through
// AGAIN: the kernels 'pair' do the same (random data)

// Bytes are transposed in boxes of 32 x 32: the tiles have 32 rows, of which the accumulator has 16.
// CHECK-LABEL: func.func @pair(
// CHECK: pto.tload ins(%{{.*}} : !pto.partition_tensor_view<64x16xi8>) outs(%a_mat : !pto.tile_buf<loc=mat, dtype=i8, rows=64, cols=32, {{.*}} blayout=col_major, slayout=row_major
// CHECK: %a_mat_t = pto.alloc_tile {{.*}} : !pto.tile_buf<loc=mat, dtype=i8, rows=32, cols=64, {{.*}} blayout=row_major, slayout=col_major
// CHECK: pto.textract ins(%a_mat_t, %c0_index, %c0_index {{.*}} outs(%{{.*}} : !pto.tile_buf<loc=left, dtype=i8, rows=32, cols=64,
// CHECK: pto.tmatmul {{.*}} outs(%{{.*}} : !pto.tile_buf<loc=acc, dtype=i32, rows=32, {{.*}} compact=1>)
// CHECK-NOT: pto.tload ins(%a_part
// CHECK-LABEL: func.func @batches(
// A5-LABEL: func.func @pair(
// A5: outs(%{{.*}} : !pto.tile_buf<loc=left, dtype=i8, rows=32, cols=64, {{.*}} compact=1>)
func.func @pair(%a: tensor<64x16xi8>, %w: tensor<64x96xi8>, %v: tensor<40x64xi8>)
    -> (tensor<16x96xi32>, tensor<16x40xi32>) {
  %zeros = arith.constant dense<0> : tensor<16x96xi32>
  %0 = linalg.matmul_transpose_a ins(%a, %w : tensor<64x16xi8>, tensor<64x96xi8>) outs(%zeros : tensor<16x96xi32>) -> tensor<16x96xi32>
  %none = arith.constant dense<0> : tensor<16x40xi32>
  %1 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (k, m)>, affine_map<(m, n, k) -> (n, k)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %v : tensor<64x16xi8>, tensor<40x64xi8>) outs(%none : tensor<16x40xi32>) {
  ^bb0(%x: i8, %y: i8, %sum: i32):
    %xw = arith.extsi %x : i8 to i32
    %yw = arith.extsi %y : i8 to i32
    %xy = arith.muli %xw, %yw : i32
    %next = arith.addi %sum, %xy : i32
    linalg.yield %next : i32
  } -> tensor<16x40xi32>
  return %0, %1 : tensor<16x96xi32>, tensor<16x40xi32>
}

func.func @batches(%a: tensor<3x48x20xbf16>, %w: tensor<3x48x64xbf16>, %v: tensor<48x33xbf16>)
    -> (tensor<3x20x64xf32>, tensor<3x20x33xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<3x20x64xf32>
  %0 = linalg.batch_matmul_transpose_a ins(%a, %w : tensor<3x48x20xbf16>, tensor<3x48x64xbf16>) outs(%zeros : tensor<3x20x64xf32>) -> tensor<3x20x64xf32>
  %none = arith.constant dense<0.0> : tensor<3x20x33xf32>
  %1 = linalg.generic {indexing_maps = [affine_map<(b, m, n, k) -> (b, k, m)>, affine_map<(b, m, n, k) -> (k, n)>,
                                        affine_map<(b, m, n, k) -> (b, m, n)>],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %v : tensor<3x48x20xbf16>, tensor<48x33xbf16>) outs(%none : tensor<3x20x33xf32>) {
  ^bb0(%x: bf16, %y: bf16, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %yw = arith.extf %y : bf16 to f32
    %xy = arith.mulf %xw, %yw : f32
    %next = arith.addf %sum, %xy : f32
    linalg.yield %next : f32
  } -> tensor<3x20x33xf32>
  return %0, %1 : tensor<3x20x64xf32>, tensor<3x20x33xf32>
}

// More rows than an accumulator takes are cut along the columns of what lies in memory.
func.func @high(%a: tensor<80x200xf32>, %w: tensor<80x48xf32>) -> tensor<200x48xf32> {
  %zeros = arith.constant dense<0.0> : tensor<200x48xf32>
  %0 = linalg.matmul_transpose_a ins(%a, %w : tensor<80x200xf32>, tensor<80x48xf32>) outs(%zeros : tensor<200x48xf32>) -> tensor<200x48xf32>
  return %0 : tensor<200x48xf32>
}

//--- filled.mlir
// CHECK: error: K is 40 and M is 32: of a transposed f32 lhs, Left is filled in 16 columns and read in 8; make K a multiple of 16, or M 16 at most [PTL031]
func.func @filled(%a: tensor<40x32xf32>, %w: tensor<40x48xf32>) -> tensor<32x48xf32> {
  %zeros = arith.constant dense<0.0> : tensor<32x48xf32>
  %0 = linalg.matmul_transpose_a ins(%a, %w : tensor<40x32xf32>, tensor<40x48xf32>) outs(%zeros : tensor<32x48xf32>) -> tensor<32x48xf32>
  return %0 : tensor<32x48xf32>
}
