// PTL005: no plan on the op, or none that can be read.

// RUN: %exits 1 %lower %s --pass-pipeline=plan-accumulators 2>&1 | FileCheck --check-prefix=STAGING %s
// RUN: sed -e 's/stage-rhs"/plan-accumulators"/' %s > %t.mlir
// RUN: %exits 1 %lower %t.mlir --pass-pipeline=lower-to-pto 2>&1 | FileCheck --check-prefix=PLAN %s
// STAGING: {{.*}}.mlir:[[#@LINE+4]]:10: error: the op has no 'staging' that can be read [PTL005]
// PLAN:    {{.*}}.mlir:[[#@LINE+3]]:10: error: the op has no 'plan' that can be read [PTL005]
module attributes {ptolower.ir = "stage-rhs"} {
  func.func @k(%a: !pto.partition_tensor_view<16x32xi8>, %b: !pto.partition_tensor_view<32x32xi8>) {
    %0 = "ptolower.matmul_dual_acc"(%a, %b) {plan = {}} : (!pto.partition_tensor_view<16x32xi8>, !pto.partition_tensor_view<32x32xi8>) -> tensor<16x32xi32>
    return
  }
}
