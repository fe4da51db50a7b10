// plan-accumulators: every buffer has its address; two accumulators never share a byte of what
// the chip takes for them.

// RUN: split-file %s %t
// RUN: %lower %t/plan.mlir --pass-pipeline=stage-rhs,plan-accumulators | FileCheck --check-prefixes=CHECK,A3 %t/plan.mlir
// RUN: %lower %t/plan.mlir --pass-pipeline=stage-rhs,plan-accumulators --target=a5 | FileCheck --check-prefixes=CHECK,A5 %t/plan.mlir
// RUN: %lower %t/edited.mlir --pass-pipeline=plan-accumulators | FileCheck %t/edited.mlir
// RUN: sed -e 's/address = 16384/address = 28672/' %t/edited.mlir > %t/overlapping.mlir
// RUN: %exits 1 %lower %t/overlapping.mlir --pass-pipeline=plan-accumulators 2>&1 | FileCheck --check-prefix=OVERLAP %t/edited.mlir
// RUN: %exits 1 %lower %t/refused.mlir --pass-pipeline=plan-accumulators 2>&1 | FileCheck %t/refused.mlir

//--- plan.mlir
module attributes {ptolower.ir = "fuse-products"} {
  // i32 rows are padded to 32 on a2a3, to 16 on a5: 32 x 64 x 4 = 8192, or 4096 bytes.
  // CHECK-LABEL: func.func @int8(
  // CHECK:       plan = {
  // A3-SAME:     {address = 0 : i64, role = "acc", size = 8192 : i64, slot = 0 : i64, space = "acc"}, {address = 8192 : i64, role = "acc", size = 8192 : i64, slot = 1 : i64, space = "acc"}
  // A5-SAME:     {address = 0 : i64, role = "acc", size = 4096 : i64, slot = 0 : i64, space = "acc"}, {address = 4096 : i64, role = "acc", size = 4096 : i64, slot = 1 : i64, space = "acc"}
  // CHECK-NOT:   staging
  // CHECK:       return
  func.func @int8(%a: !pto.partition_tensor_view<5x128xi8>, %b: !pto.partition_tensor_view<128x64xi8>) {
    %0:2 = "ptolower.matmul_dual_acc"(%a, %b, %b)
        : (!pto.partition_tensor_view<5x128xi8>, !pto.partition_tensor_view<128x64xi8>,
           !pto.partition_tensor_view<128x64xi8>) -> (tensor<5x64xi32>, tensor<5x64xi32>)
    return
  }
  // f32 rows are padded to 16 on both.
  // CHECK-LABEL: func.func @bfloat(
  // CHECK:       plan = {
  // CHECK-SAME:    {address = 0 : i64, role = "acc", size = 4096 : i64, slot = 0 : i64, space = "acc"}, {address = 4096 : i64, role = "acc", size = 4096 : i64,
  func.func @bfloat(%a: !pto.partition_tensor_view<5x128xbf16>, %b: !pto.partition_tensor_view<128x64xbf16>) {
    %0:2 = "ptolower.matmul_dual_acc"(%a, %b, %b)
        : (!pto.partition_tensor_view<5x128xbf16>, !pto.partition_tensor_view<128x64xbf16>,
           !pto.partition_tensor_view<128x64xbf16>) -> (tensor<5x64xf32>, tensor<5x64xf32>)
    return
  }
  // Two products of one layout take turns in the same buffers; another layout lies behind them.
  // CHECK-LABEL: func.func @three(
  // CHECK:       plan = {buffers = [{address = 0 : i64, role = "lhs", size = [[#LHS:]] : i64, {{.*}} slot = 1 : i64, space = "acc"}
  // CHECK:       plan = {buffers = [{address = 0 : i64, role = "lhs", size = [[#LHS]] : i64, {{.*}} slot = 1 : i64, space = "acc"}
  // CHECK:       plan = {buffers = [{address = [[#LHS + 16384]] : i64, role = "lhs", size = 1024 : i64
  func.func @three(%a: !pto.partition_tensor_view<16x128xi8>, %b: !pto.partition_tensor_view<128x64xi8>,
                   %c: !pto.partition_tensor_view<16x64xi8>, %d: !pto.partition_tensor_view<64x64xi8>) {
    %0:2 = "ptolower.matmul_dual_acc"(%a, %b, %b)
        : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>,
           !pto.partition_tensor_view<128x64xi8>) -> (tensor<16x64xi32>, tensor<16x64xi32>)
    %1:2 = "ptolower.matmul_dual_acc"(%a, %b, %b)
        : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>,
           !pto.partition_tensor_view<128x64xi8>) -> (tensor<16x64xi32>, tensor<16x64xi32>)
    %2 = "ptolower.matmul_dual_acc"(%c, %d)
        : (!pto.partition_tensor_view<16x64xi8>, !pto.partition_tensor_view<64x64xi8>) -> tensor<16x64xi32>
    return
  }
}

//--- edited.mlir
// A staging as somebody wrote it: two chunks where stage-rhs takes one, Mat buffers apart from each other
// and larger than their tiles. They stay; the rest is decided.
// CHECK: plan = {buffers = [{address = 0 : i64, role = "lhs", size = 4096 : i64, slot = 0 : i64, space = "mat"}, {address = 16384 : i64, role = "rhs", size = 8192 : i64, slot = 0 : i64, space = "mat"}, {address = 32768 : i64, role = "rhs", size = 8192 : i64, slot = 1 : i64, space = "mat"}, {address = 0 : i64, role = "lhs", size = 1024 : i64, slot = 0 : i64, space = "left"}
// CHECK-SAME: chunk_k = 64 : i64
// CHECK-SAME: full_chunks = 2 : i64
// CHECK-SAME: step_k = 64 : i64
// OVERLAP: {{.*}}: error: the Mat buffers of this staging do not hold its tiles: 1 of lhs of 2048 bytes and 2 of rhs of 4096 bytes, aligned and apart from each other [PTL031]
module attributes {ptolower.ir = "stage-rhs"} {
  func.func @edited(%a: !pto.partition_tensor_view<16x128xi8>, %b: !pto.partition_tensor_view<128x64xi8>) {
    %0:2 = "ptolower.matmul_dual_acc"(%a, %b, %b) {staging = {m_tile = 16 : i64, n_tile = array<i64: 64, 64>,
        columns_at_once = 2 : i64, rhs_by_rhs = false, chunk_k = 64 : i64, full_chunks = 2 : i64,
        k_parts = array<i64: 1, 1>, tail_k = array<i64>, lhs_resident = true, lhs_slots = 1 : i64,
        lhs_kept = 0 : i64, mat_slots = 2 : i64,
        buffers = [{space = "mat", role = "lhs", slot = 0 : i64, address = 0 : i64, size = 4096 : i64},
                   {space = "mat", role = "rhs", slot = 0 : i64, address = 16384 : i64, size = 8192 : i64},
                   {space = "mat", role = "rhs", slot = 1 : i64, address = 32768 : i64, size = 8192 : i64}]}}
        : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>,
           !pto.partition_tensor_view<128x64xi8>) -> (tensor<16x64xi32>, tensor<16x64xi32>)
    return
  }
}

//--- refused.mlir
module attributes {ptolower.ir = "stage-rhs"} {
  func.func @none(%a: !pto.partition_tensor_view<16x128xi8>, %b: !pto.partition_tensor_view<128x64xi8>) {
    // CHECK: refused.mlir:[[#@LINE+1]]:10: error: the op has no 'staging' that can be read [PTL005]
    %0 = "ptolower.matmul_dual_acc"(%a, %b) {staging = {chunk_k = 128 : i64}}
        : (!pto.partition_tensor_view<16x128xi8>, !pto.partition_tensor_view<128x64xi8>) -> tensor<16x64xi32>
    return
  }
}
