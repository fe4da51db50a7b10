// lower-to-pto: planned products become tiles, transfers and tmatmuls.

// RUN: split-file %s %t
// RUN: %lower %S/Inputs/pair.mlir --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/pair.txt
// RUN: %lower %t/loops.mlir -o %t/loops.pto
// RUN: FileCheck %t/loops.mlir < %t/loops.pto
// RUN: %exits 1 %lower %t/refused.mlir --pass-pipeline=stage-rhs,plan-accumulators,lower-to-pto 2>&1 | FileCheck %t/refused.mlir

//--- pair.txt
One load of A, one extract of it for both products; a slot of the ring and an accumulator for each
rhs.

CHECK-LABEL: IR after lower-to-pto
CHECK-LABEL: func.func @pair(
CHECK-NOT:   ptolower.matmul
CHECK-NOT:   pto.tmov
CHECK:       %[[A:.*]] = "pto.alloc_tile"(%c0_i64, %c16, %c128) {{.*}} -> !pto.tile_buf<loc=mat, dtype=i8, rows=16, cols=128, v_row=?, v_col=?, blayout=col_major, slayout=row_major, fractal=512, pad=0>
CHECK:       "pto.tload"(%{{.*}}, %[[A]])
CHECK:       %[[G:.*]] = "pto.alloc_tile"(%c2048_i64, %c128, %c64) {{.*}}loc=mat
CHECK:       "pto.tload"(%{{.*}}, %[[G]])
CHECK:       %[[U:.*]] = "pto.alloc_tile"(%c10240_i64, %c128, %c64) {{.*}}loc=mat
CHECK:       "pto.tload"(%{{.*}}, %[[U]])
CHECK-NOT:   "pto.tload"
CHECK:       %[[LEFT:.*]] = "pto.alloc_tile"{{.*}} -> !pto.tile_buf<loc=left, dtype=i8, rows=16, cols=128, v_row=?, v_col=?, blayout=row_major, slayout=row_major,
CHECK:       "pto.textract"(%[[A]], %c0, %c0, %[[LEFT]])
CHECK:       %[[RIGHT:.*]] = "pto.alloc_tile"{{.*}} -> !pto.tile_buf<loc=right, dtype=i8, rows=128, cols=64, v_row=?, v_col=?, blayout=row_major, slayout=col_major,
CHECK:       "pto.textract"(%[[G]], %c0, %c0, %[[RIGHT]])
CHECK-NOT:   "pto.textract"(%[[A]]
CHECK:       %[[G_ACC:.*]] = "pto.alloc_tile"(%c0_i64, %c16, %c64) {{.*}} -> !pto.tile_buf<loc=acc, dtype=i32, rows=16, cols=64, v_row=?, v_col=?, blayout=col_major, slayout=row_major, fractal=1024, pad=0>
CHECK:       "pto.tmatmul"(%[[LEFT]], %[[RIGHT]], %[[G_ACC]])
CHECK:       %[[U_ACC:.*]] = "pto.alloc_tile"(%c8192_i64, %c16, %c64) {{.*}}loc=acc
CHECK:       "pto.tmatmul"(%[[LEFT]], %{{.*}}, %[[U_ACC]])
CHECK:       "pto.tstore"(%[[G_ACC]],
CHECK:       "pto.tstore"(%[[U_ACC]],

//--- loops.mlir
// N does not fit the accumulators and K not the Mat tiles at once: a loop over rounds of two column
// tiles, and one over chunks in it; the tiles that both name are allocated in front of them. The first
// chunk of a sum is no tmatmul.acc. The last load of a round is of the next one's first unit. Stores
// are cut along N.

// CHECK-LABEL: func.func @loops(
// CHECK:       %rhs_mat_0 = pto.alloc_tile
// CHECK:       pto.tload ins(%w_part : {{.*}} outs(%rhs_mat_0 :
// CHECK:       scf.for %[[N:.*]] = %c0_index to %c{{[0-9]+}}_index step %c[[#STEP:]]_index {
// CHECK:         pto.tload ins({{.*}} outs(%rhs_mat_1 :
// CHECK:         pto.tmatmul ins({{.*}} outs(%rhs_acc_0 :
// CHECK:         pto.tload ins({{.*}} outs(%rhs_mat_0 :
// CHECK:         pto.tmatmul ins({{.*}} outs(%rhs_acc_1 :
// CHECK:         scf.for %[[K:.*]] = %c0_index to
// CHECK-NOT:       pto.alloc_tile
// CHECK-NOT:       pto.tmatmul ins(
// CHECK:           %[[AT:.*]] = arith.addi %[[K]],
// CHECK:           %[[COLUMN:.*]] = arith.addi %[[N]], %c[[#div(STEP, 2)]]_index
// CHECK:           pto.partition_view %w_view, offsets = [%[[AT]], %[[COLUMN]]]
// CHECK-NEXT:      pto.tload ins({{.*}} outs(%rhs_mat_1 :
// CHECK:           pto.textract ins(%rhs_mat_0,
// CHECK:           pto.tmatmul.acc ins(%rhs_acc_0,
// CHECK:           pto.partition_view %w_view, offsets = [%{{.*}}, %[[N]]]
// CHECK-NEXT:      pto.tload ins({{.*}} outs(%rhs_mat_0 :
// CHECK:           pto.textract ins(%rhs_mat_1,
// CHECK:           pto.tmatmul.acc ins(%rhs_acc_1,
// CHECK:         }
// CHECK:         %[[NEXT:.*]] = arith.addi %[[N]], %c[[#STEP]]_index
// CHECK-NEXT:    pto.partition_view %w_view, offsets = [%c0_index, %[[NEXT]]]
// CHECK-NEXT:    pto.tload ins({{.*}} outs(%rhs_mat_0{{[_0-9]*}} :
// CHECK:         pto.partition_view %out0_{{.*}}, offsets = [%c0_index, %[[N]]], sizes = [%c32_index, %c[[#div(STEP, 2)]]_index]
// CHECK-NEXT:    pto.tstore ins(%rhs_acc_0 :
// CHECK:         pto.tstore ins(%rhs_acc_1 :
// CHECK:       }
// CHECK:       scf.for %{{.*}} = %c0_index to %c{{[0-9]+}}_index step %c[[#STEP]]_index {
// CHECK:       pto.partition_view %out1_
// CHECK:       return
func.func @loops(%a: tensor<32x4096xi8>, %w: tensor<4096x8192xi8>, %v: tensor<4096x8192xi8>)
    -> (tensor<32x8192xi32>, tensor<32x8192xi32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %w, %v) : (tensor<32x4096xi8>, tensor<4096x8192xi8>,
      tensor<4096x8192xi8>) -> (tensor<32x8192xi32>, tensor<32x8192xi32>)
  return %0#0, %0#1 : tensor<32x8192xi32>, tensor<32x8192xi32>
}

//--- refused.mlir
module attributes {ptolower.ir = "fuse-products"} {
  func.func @parts(%a: !pto.partition_tensor_view<16x128xi8>, %b: !pto.partition_tensor_view<128x64xi8>) {
    // CHECK: refused.mlir:[[#@LINE+1]]:10: error: the operands are not made by pto.partition_view of two dimensions [PTL004]
    %0 = "ptolower.matmul_dual_acc"(%a, %b)
        : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>) -> tensor<16x64xi32>
    return
  }
}
