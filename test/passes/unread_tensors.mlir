// A function on tensors that cannot be read cannot become a kernel: by its arguments, or by an op.
//
// RUN: split-file %s %t
// RUN: %exits 1 %lower %t/argument.mlir 2>&1 | FileCheck %s
// RUN: %exits 1 %lower %t/op.mlir 2>&1 | FileCheck %s
// RUN: %exits 1 %lower %t/generic.mlir 2>&1 | FileCheck %s
// CHECK: error: the function on tensors cannot become a kernel: {{.*}} [PTL040]

//--- argument.mlir
func.func @f(%a: tensor<16x16xf32>) {
  pto.unknown %a
  return
}
//--- op.mlir
func.func @f() {
  %0 = tensor.empty() : tensor<16x16xf32>
  pto.unknown %0
  return
}
//--- generic.mlir
func.func @f() {
  %0 = "tensor.empty"() : () -> tensor<16x16xf32>
  pto.unknown %0
  return
}
