// PTL014: an op that has no .pto syntax reached the writer (only by hand: passes leave none).

// RUN: %exits 3 %lower %s --pass-pipeline=emit-pto -o %t.pto 2>&1 | FileCheck %s
// RUN: not ls %t.pto
// CHECK: PTL014.mlir:[[#@LINE+5]]:5: error: ptolower.matmul {{.*}} [PTL014]

module attributes {ptolower.ir = "settle-tiles"} {
  func.func @left_over(%a: !pto.partition_tensor_view<16x32xi8>, %b: !pto.partition_tensor_view<32x32xi8>)
      attributes {ptolower.changed} {
    "ptolower.matmul"(%a, %b) : (!pto.partition_tensor_view<16x32xi8>, !pto.partition_tensor_view<32x32xi8>) -> tensor<16x32xi32>
    return
  }
}
