// q, k and v of one block of Qwen3-14B, whose weights are not of one width: one kernel, in which the
// activation is loaded once.

// RUN: split-file %s %t
// RUN: %lower %t/bf16.mlir --remarks -o %t/bf16.pto 2>&1 | FileCheck --check-prefix=ONE %s
// RUN: FileCheck %t/bf16.mlir < %t/bf16.pto
// RUN: %lower %t/i8.mlir --target=a5 --remarks -o %t/i8.pto 2>&1 | FileCheck --check-prefix=ONE %s
// RUN: FileCheck %t/i8.mlir < %t/i8.pto
// RUN: %ptolower check --require-proof %t/bf16.pto %t/i8.pto
// As IR between the passes, the products are one op, which loads when a text has it.
// RUN: %lower %t/bf16.mlir --stop-after=fuse-products -o %t/fused.mlir
// RUN: FileCheck --check-prefix=FUSED %s < %t/fused.mlir
// RUN: %lower %t/fused.mlir --pass-pipeline=stage-rhs,plan-accumulators,lower-to-pto,settle-tiles,emit-pto | cmp - %t/bf16.pto
// RUN: not %lower %t/own.mlir 2>&1 | FileCheck --check-prefix=OWN %s
// FUSED: "ptolower.matmul_accs_3"
// OWN: own.mlir:2:12: error: op expects exactly 3 operands, but got 2 [PTL001]
// ONE: remark: 'qkv' is fused: modelled at
// ONE-COUNT-3: the kernels 'qkv' do the same

//--- bf16.mlir
// CHECK: pto.tload ins(%x_part : !pto.partition_tensor_view<16x5120xbf16>)
// CHECK-NOT: pto.tload ins(%x_part
// CHECK-DAG: pto.tstore {{.*}} outs(%q_pview
// CHECK-DAG: pto.tstore {{.*}} outs(%k_pview
// CHECK-DAG: pto.tstore {{.*}} outs(%v_pview
func.func @qkv(%x: tensor<16x5120xbf16>, %wq: tensor<5120x512xbf16>, %wk: tensor<5120x128xbf16>,
               %wv: tensor<5120x128xbf16>)
    -> (tensor<16x512xf32>, tensor<16x128xf32>, tensor<16x128xf32>) {
  %zq = arith.constant dense<0.0> : tensor<16x512xf32>
  %q = linalg.matmul ins(%x, %wq : tensor<16x5120xbf16>, tensor<5120x512xbf16>) outs(%zq : tensor<16x512xf32>) -> tensor<16x512xf32>
  %zk = arith.constant dense<0.0> : tensor<16x128xf32>
  %k = linalg.matmul ins(%x, %wk : tensor<16x5120xbf16>, tensor<5120x128xbf16>) outs(%zk : tensor<16x128xf32>) -> tensor<16x128xf32>
  %v = linalg.matmul ins(%x, %wv : tensor<16x5120xbf16>, tensor<5120x128xbf16>) outs(%zk : tensor<16x128xf32>) -> tensor<16x128xf32>
  return %q, %k, %v : tensor<16x512xf32>, tensor<16x128xf32>, tensor<16x128xf32>
}

//--- i8.mlir
// CHECK: pto.tload ins(%x_part : !pto.partition_tensor_view<16x5120xi8>)
// CHECK-NOT: pto.tload ins(%x_part
// CHECK-DAG: pto.tstore {{.*}} outs(%q_pview
// CHECK-DAG: pto.tstore {{.*}} outs(%k_pview
// CHECK-DAG: pto.tstore {{.*}} outs(%v_pview
func.func @qkv(%x: tensor<16x5120xi8>, %wq: tensor<5120x512xi8>, %wk: tensor<5120x128xi8>,
               %wv: tensor<5120x128xi8>)
    -> (tensor<16x512xi32>, tensor<16x128xi32>, tensor<16x128xi32>) {
  %zq = arith.constant dense<0> : tensor<16x512xi32>
  %q = linalg.matmul ins(%x, %wq : tensor<16x5120xi8>, tensor<5120x512xi8>) outs(%zq : tensor<16x512xi32>) -> tensor<16x512xi32>
  %zk = arith.constant dense<0> : tensor<16x128xi32>
  %k = linalg.matmul ins(%x, %wk : tensor<16x5120xi8>, tensor<5120x128xi8>) outs(%zk : tensor<16x128xi32>) -> tensor<16x128xi32>
  %v = linalg.matmul ins(%x, %wv : tensor<16x5120xi8>, tensor<5120x128xi8>) outs(%zk : tensor<16x128xi32>) -> tensor<16x128xi32>
  return %q, %k, %v : tensor<16x512xi32>, tensor<16x128xi32>, tensor<16x128xi32>
}

//--- own.mlir
func.func @own(%x: tensor<16x64xi8>, %w: tensor<64x32xi8>) -> (tensor<16x32xi32>, tensor<16x16xi32>) {
  %p, %q = "ptolower.matmul_accs_2"(%x, %w) : (tensor<16x64xi8>, tensor<64x32xi8>) -> (tensor<16x32xi32>, tensor<16x16xi32>)
  return %p, %q : tensor<16x32xi32>, tensor<16x16xi32>
}
