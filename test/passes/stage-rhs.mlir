// stage-rhs: how K and N are cut, and where the Mat tiles lie, as an attribute of the op. What
// plan-accumulators decides is not in it.

// RUN: %lower %s --pass-pipeline=stage-rhs 2>&1 | FileCheck %s
// RUN: %exits 1 %lower %S/refusals/PTL031.mlir 2>&1 | FileCheck --check-prefix=REFUSED %s

// REFUSED: PTL031.mlir:{{.*}} error: M is 129: {{.*}} [PTL031]

// RUN: %lower %s --pass-pipeline=stage-rhs | FileCheck --implicit-check-not=step_k --implicit-check-not=left_slots --implicit-check-not=n_parts --implicit-check-not=unroll_ --implicit-check-not=cycles --implicit-check-not='space = "acc"' --check-prefix=ONLY %s
// ONLY: staging = 

// CHECK: warning: the pipeline ends before 'emit-pto': the output is IR, not .pto [PTL008]
// CHECK: module attributes {{{.*}}ptolower.ir = "stage-rhs"}
module attributes {ptolower.ir = "fuse-products"} {
  // Resident lhs; a ring of two slots for both rhs; nothing of Mat overlaps.
  // CHECK-LABEL: func.func @small(
  // CHECK:       "ptolower.matmul_dual_acc"
  // CHECK-SAME:    staging = {
  // CHECK-SAME:    {address = 0 : i64, role = "lhs", size = 2048 : i64, slot = 0 : i64, space = "mat"}
  // CHECK-SAME:    {address = 2048 : i64, role = "rhs", size = 8192 : i64, slot = 0 : i64, space = "mat"}
  // CHECK-SAME:    {address = 10240 : i64, role = "rhs", size = 8192 : i64, slot = 1 : i64, space = "mat"}
  // CHECK-SAME:    chunk_k = 128 : i64, columns_at_once = 2 : i64, full_chunks = 1 : i64, k_parts = array<i64: 1, 1>
  // CHECK-SAME:    lhs_kept = 0 : i64, lhs_resident = true, lhs_slots = 1 : i64, m_tile = 16 : i64, mat_slots = 2 : i64
  // CHECK-SAME:    n_tile = array<i64: 64, 64>, rhs_by_rhs = false, tail_k = array<i64>}
  func.func @small(%a: !pto.partition_tensor_view<5x128xi8>, %g: !pto.partition_tensor_view<128x64xi8>,
                   %u: !pto.partition_tensor_view<128x64xi8>) {
    %0:2 = "ptolower.matmul_dual_acc"(%a, %g, %u)
        : (!pto.partition_tensor_view<5x128xi8>, !pto.partition_tensor_view<128x64xi8>,
           !pto.partition_tensor_view<128x64xi8>) -> (tensor<5x64xi32>, tensor<5x64xi32>)
    return
  }
  // A K of no whole fractal, three rhs: chunks and tail cover it, the last tile is padded to
  // the fractal (f32: 16).
  // CHECK-LABEL: func.func @odd(
  // CHECK:       staging = {
  // CHECK-SAME:    role = "rhs", size = 14336 : i64, slot = 0 : i64, space = "mat"}
  // CHECK-SAME:    role = "rhs", size = 14336 : i64, slot = 1 : i64, space = "mat"}, {address = 35840 : i64
  // CHECK-SAME:    role = "rhs", size = 14336 : i64, slot = 2 : i64, space = "mat"}], chunk_k = 112 : i64
  // CHECK-SAME:    columns_at_once = 3 : i64
  // CHECK-SAME:    full_chunks = 0 : i64
  // CHECK-SAME:    tail_k = array<i64: 100>
  func.func @odd(%a: !pto.partition_tensor_view<16x100xf32>, %b: !pto.partition_tensor_view<100x32xf32>) {
    %0:3 = "ptolower.matmul_dual_acc"(%a, %b, %b, %b)
        : (!pto.partition_tensor_view<16x100xf32>, !pto.partition_tensor_view<100x32xf32>,
           !pto.partition_tensor_view<100x32xf32>, !pto.partition_tensor_view<100x32xf32>)
        -> (tensor<16x32xf32>, tensor<16x32xf32>, tensor<16x32xf32>)
    return
  }
  // A lhs that does not fit beside the rhs tiles is loaded chunk by chunk.
  // CHECK-LABEL: func.func @streamed(
  // CHECK:       staging = {
  // CHECK-SAME:    lhs_kept = 0 : i64, lhs_resident = false, lhs_slots = [[#]] : i64
  func.func @streamed(%a: !pto.partition_tensor_view<128x8192xbf16>,
                      %b: !pto.partition_tensor_view<8192x64xbf16>) {
    %0:2 = "ptolower.matmul_dual_acc"(%a, %b, %b)
        : (!pto.partition_tensor_view<128x8192xbf16>, !pto.partition_tensor_view<8192x64xbf16>,
           !pto.partition_tensor_view<8192x64xbf16>) -> (tensor<128x64xf32>, tensor<128x64xf32>)
    return
  }
}
