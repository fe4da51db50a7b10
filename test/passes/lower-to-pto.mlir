// lower-to-pto: planned products become tiles, transfers and tmatmuls.

// RUN: split-file %s %t
// RUN: %lower %S/Inputs/pair.mlir --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/pair.txt
// RUN: %lower %t/loops.mlir -o %t/loops.pto
// RUN: FileCheck %t/loops.mlir < %t/loops.pto
// RUN: %exits 1 %lower %t/refused.mlir --pass-pipeline=stage-rhs,plan-accumulators,lower-to-pto 2>&1 | FileCheck %t/refused.mlir

//--- pair.txt
One load of A, one extract of it for both products; a Mat tile and an accumulator for each
stream; each tmatmul.acc adds to the tile that its stream's tmatmul began.

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
// N does not fit the accumulators and K not the Mat tiles at once: loops, with the tiles of
// each stream allocated in front of them, and stores cut along N. The first chunk of a sum
// is no tmatmul.acc.

// CHECK-LABEL: func.func @loops(
// CHECK:       scf.for %[[N:.*]] = %c0_index to %c{{[0-9]+}}_index step %c[[#STEP:]]_index {
// CHECK:         pto.tmatmul ins(
// CHECK:         pto.tmatmul ins(
// CHECK:         scf.for %[[K:.*]] = %c0_index to
// CHECK-NOT:       pto.alloc_tile
// CHECK-NOT:       pto.tmatmul ins(
// CHECK:           %[[AT:.*]] = arith.addi %[[K]],
// CHECK:           pto.partition_view %{{[vw]}}_view, offsets = [%[[AT]], %[[N]]]
// CHECK:           pto.tmatmul.acc ins(%w_acc,
// CHECK:           pto.partition_view %{{[vw]}}_view, offsets = [%{{.*}}, %[[N]]]
// CHECK:           pto.tmatmul.acc ins(%v_acc,
// CHECK:         }
// CHECK:         pto.partition_view %{{.*}}, offsets = [%c0_index, %[[N]]], sizes = [%c32_index, %c[[#STEP]]_index]
// CHECK-NEXT:    pto.tstore
// CHECK:         pto.tstore
// CHECK:       }
// CHECK-NOT:   pto.tstore
// CHECK:       return
func.func @loops(%a: tensor<32x4096xi8>, %w: tensor<4096x2048xi8>, %v: tensor<4096x2048xi8>)
    -> (tensor<32x2048xi32>, tensor<32x2048xi32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %w, %v) : (tensor<32x4096xi8>, tensor<4096x2048xi8>,
      tensor<4096x2048xi8>) -> (tensor<32x2048xi32>, tensor<32x2048xi32>)
  return %0#0, %0#1 : tensor<32x2048xi32>, tensor<32x2048xi32>
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
