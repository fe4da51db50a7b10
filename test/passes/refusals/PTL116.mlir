// PTL116: 48 rows of a product of 20 would leave, of which the cube writes 32.

// RUN: %lower %s --pass-pipeline=fuse-products --remarks 2>&1 | FileCheck %s
// CHECK: {{.*}}.mlir:[[#@LINE+8]]:13: remark: 'k' is not fused: more rows leave than its left operand has, rounded up to 16; store those only [PTL116]
// CHECK-NOT: ptolower.matmul
!acc = !pto.tile_buf<loc=acc, dtype=i32, rows=48, cols=64, v_row=48, v_col=64, blayout=col_major, slayout=row_major, fractal=1024, pad=0>
module attributes {ptolower.ir = "merge-kernels"} {
  func.func @k(%a: !pto.partition_tensor_view<20x128xi8>, %w: !pto.partition_tensor_view<128x64xi8>)
      attributes {ptolower.input_cycles = array<f64: 9999.0, 9999.0, 9999.0, 9999.0, 9999.0, 9999.0>} {
    %0 = "pto.alloc_tile"() {operandSegmentSizes = array<i32: 0, 0, 0>} : () -> !acc
    %1 = "pto.alloc_tile"() {operandSegmentSizes = array<i32: 0, 0, 0>} : () -> !acc
    %gate = "ptolower.matmul"(%a, %w, %0) {max_rows = 48} : (!pto.partition_tensor_view<20x128xi8>, !pto.partition_tensor_view<128x64xi8>, !acc) -> tensor<48x64xi32>
    %up = "ptolower.matmul"(%a, %w, %1) {max_rows = 48} : (!pto.partition_tensor_view<20x128xi8>, !pto.partition_tensor_view<128x64xi8>, !acc) -> tensor<48x64xi32>
    "pto.tpush_to_aiv"(%gate) {split = 0} : (tensor<48x64xi32>) -> ()
    "pto.tpush_to_aiv"(%up) {split = 0} : (tensor<48x64xi32>) -> ()
    return
  }
}
