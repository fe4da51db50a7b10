// PTL114: the results of one pair are still to leave when other products are computed.

// RUN: %lower %s --pass-pipeline=fuse-products --remarks 2>&1 | FileCheck %s
// CHECK: {{.*}}.mlir:[[#@LINE+17]]:14: remark: 'k' is not fused: its products do not fit beside each other; split the function, or store each group of products before the next is computed [PTL114]
// The sinks have their tiles back, and no product is left.
// CHECK-NOT: ptolower.matmul
// CHECK: "pto.tpush_to_aiv"(%[[G:.*]]) {split = 0 : i64}
// CHECK: "pto.tpush_to_aiv"(%{{.*}}) {split = 0 : i64}
// CHECK: "pto.tpush_to_aiv"(%[[G]]) {split = 0 : i64}
!acc = !pto.tile_buf<loc=acc, dtype=i32, rows=16, cols=64, v_row=16, v_col=64, blayout=col_major, slayout=row_major, fractal=1024, pad=0>
module attributes {ptolower.ir = "merge-kernels"} {
  func.func @k(%a: !pto.partition_tensor_view<16x128xi8>, %b: !pto.partition_tensor_view<16x128xi8>, %w: !pto.partition_tensor_view<128x64xi8>)
      attributes {ptolower.input_cycles = array<f64: 9999.0, 9999.0, 9999.0, 9999.0, 9999.0, 9999.0>} {
    %0 = "pto.alloc_tile"() {operandSegmentSizes = array<i32: 0, 0, 0>} : () -> !acc
    %1 = "pto.alloc_tile"() {operandSegmentSizes = array<i32: 0, 0, 0>} : () -> !acc
    %2 = "pto.alloc_tile"() {operandSegmentSizes = array<i32: 0, 0, 0>} : () -> !acc
    %gate = "ptolower.matmul"(%a, %w, %0) {max_rows = 16} : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>, !acc) -> tensor<16x64xi32>
    %up = "ptolower.matmul"(%a, %w, %1) {max_rows = 16} : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>, !acc) -> tensor<16x64xi32>
    "pto.tpush_to_aiv"(%gate) {split = 0} : (tensor<16x64xi32>) -> ()
    "pto.tpush_to_aiv"(%up) {split = 0} : (tensor<16x64xi32>) -> ()
    %other = "ptolower.matmul"(%b, %w, %2) {max_rows = 16} : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>, !acc) -> tensor<16x64xi32>
    "pto.tpush_to_aiv"(%other) {split = 0} : (tensor<16x64xi32>) -> ()
    "pto.tpush_to_aiv"(%gate) {split = 0} : (tensor<16x64xi32>) -> ()
    return
  }
}
