// PTL004: operands that are no parts with constant extents (only in IR written by hand).

// RUN: %exits 1 %lower %s --pass-pipeline=stage-rhs 2>&1 | FileCheck %s
// CHECK: {{.*}}.mlir:[[#@LINE+4]]:10: error: the operands are not parts of views with constant extents [PTL004]
// CHECK-NOT: error
module attributes {ptolower.ir = "fuse-products"} {
  func.func @k(%a: !pto.partition_tensor_view<16x?xi8>, %b: !pto.partition_tensor_view<?x32xi8>) {
    %0 = "ptolower.matmul_dual_acc"(%a, %b) : (!pto.partition_tensor_view<16x?xi8>, !pto.partition_tensor_view<?x32xi8>) -> tensor<16x32xi32>
    return
  }
}
