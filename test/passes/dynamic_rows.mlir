// Rows of a left operand may be dynamic: the kernel takes their number, and no more than there may be.

// RUN: split-file %s %t
// RUN: %lower %t/rows.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/rows.mlir
// RUN: %lower %t/rows.mlir --remarks -o %t/rows.pto 2>&1 | FileCheck --check-prefix=SAME %t/rows.mlir
// RUN: %lower %t/rows.mlir --target=a5 -o %t/rows_a5.pto
// RUN: %ptolower check --require-proof %t/rows.pto %t/rows_a5.pto
// RUN: FileCheck --check-prefix=A2A3 %t/rows.mlir < %t/rows.pto
// RUN: sed -e 's/max_rows = 40/max_rows = 129/' %t/rows.mlir > %t/many.mlir
// RUN: %exits 1 %lower %t/many.mlir 2>&1 | FileCheck --check-prefix=MANY %t/rows.mlir
// RUN: %exits 1 %lower %t/columns.mlir 2>&1 | FileCheck %t/columns.mlir
// RUN: %exits 1 %lower %t/right.mlir 2>&1 | FileCheck %t/columns.mlir
// RUN: %exits 1 %lower %t/batch.mlir 2>&1 | FileCheck %t/columns.mlir
// RUN: %lower %t/given.mlir -o /dev/null 2>&1 | FileCheck %t/given.mlir

//--- rows.mlir
// The bound is the argument's attribute, else 128; results have the rows of their left operand.

// CHECK-LABEL: func.func @rows(
// CHECK-SAME:    %[[A_ROWS:arg7]]: index, %[[B_ROWS:arg8]]: index
// CHECK-SAME:    ptolower.arg_names = ["a", "w", "b", "v", "gate", "up", "rounded", "a_rows", "b_rows"]
// CHECK-DAG:   %[[M:.*]] = arith.minsi %[[A_ROWS]], %c40
// CHECK-DAG:   %[[VIEW:.*]] = "pto.make_tensor_view"(%arg0, %[[M]], %c128, %c128, %c1)
// CHECK-DAG:   %[[A:.*]] = "pto.partition_view"(%[[VIEW]], %c0, %c0, %[[M]], %c128) {{.*}} -> !pto.partition_tensor_view<?x128xbf16>
// CHECK-DAG:   "pto.partition_view"(%{{.*}}, %c0, %c0, %[[M]], %c64) {{.*}} -> !pto.partition_tensor_view<?x64xf32>
// CHECK:       "ptolower.matmul"(%[[A]], %{{.*}}) {compact, group = 0 : i64, max_rows = 40 : i64} {{.*}} -> tensor<?x64xf32>
// CHECK:       arith.minsi %[[B_ROWS]], %c128
// CHECK:       "ptolower.matmul"({{.*}}) {compact, group = 1 : i64, max_rows = 128 : i64, rhs_transposed} {{.*}} -> tensor<?x32xi32>
// SAME: the kernels 'rows' do the same (random data, a_rows = {{.*}}, b_rows =
// A2A3: loc=acc, dtype=f32, rows=48, {{.*}} compact=1
// MANY: error: M is 129: it must be from 1 to 128 [PTL031]
func.func @rows(%a: tensor<?x128xbf16> {ptolower.max_rows = 40 : i64}, %w: tensor<128x64xbf16>,
                %b: tensor<?x64xi8>, %v: tensor<32x64xi8>)
    -> (tensor<?x64xf32>, tensor<?x32xi32>, tensor<?x64xbf16>) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %a, %c0 : tensor<?x128xbf16>
  %n = tensor.dim %b, %c0 : tensor<?x64xi8>
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty(%m) : tensor<?x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<?x64xf32>) -> tensor<?x64xf32>
  %gate = linalg.matmul ins(%a, %w : tensor<?x128xbf16>, tensor<128x64xbf16>) outs(%init : tensor<?x64xf32>) -> tensor<?x64xf32>
  %rounded = arith.truncf %gate : tensor<?x64xf32> to tensor<?x64xbf16>
  %nothing = arith.constant 0 : i32
  %space = tensor.empty(%n) : tensor<?x32xi32>
  %zeros = linalg.fill ins(%nothing : i32) outs(%space : tensor<?x32xi32>) -> tensor<?x32xi32>
  %up = linalg.matmul_transpose_b ins(%b, %v : tensor<?x64xi8>, tensor<32x64xi8>) outs(%zeros : tensor<?x32xi32>) -> tensor<?x32xi32>
  return %gate, %up, %rounded : tensor<?x64xf32>, tensor<?x32xi32>, tensor<?x64xbf16>
}
//--- columns.mlir
// CHECK: error: products need plain tensors of two constant extents, and batches of them of three; only the rows of a left operand of two, and of its products, may be dynamic; give the function the shape that the kernel is for [PTL043]
func.func @k(%a: tensor<16x?xi8>, %w: tensor<?x64xi8>) -> tensor<16x64xi32> {
  %zeros = arith.constant dense<0> : tensor<16x64xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x?xi8>, tensor<?x64xi8>) outs(%zeros : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %0 : tensor<16x64xi32>
}
//--- right.mlir
func.func @k(%a: tensor<16x64xi8>, %w: tensor<?x64xi8>, %space: tensor<16x?xi32>) -> tensor<16x?xi32> {
  %zero = arith.constant 0 : i32
  %zeros = linalg.fill ins(%zero : i32) outs(%space : tensor<16x?xi32>) -> tensor<16x?xi32>
  %0 = linalg.matmul_transpose_b ins(%a, %w : tensor<16x64xi8>, tensor<?x64xi8>) outs(%zeros : tensor<16x?xi32>) -> tensor<16x?xi32>
  return %0 : tensor<16x?xi32>
}
//--- batch.mlir
func.func @k(%a: tensor<2x?x64xi8>, %w: tensor<2x64x64xi8>, %space: tensor<2x?x64xi32>) -> tensor<2x?x64xi32> {
  %zero = arith.constant 0 : i32
  %zeros = linalg.fill ins(%zero : i32) outs(%space : tensor<2x?x64xi32>) -> tensor<2x?x64xi32>
  %0 = linalg.batch_matmul ins(%a, %w : tensor<2x?x64xi8>, tensor<2x64x64xi8>) outs(%zeros : tensor<2x?x64xi32>) -> tensor<2x?x64xi32>
  return %0 : tensor<2x?x64xi32>
}
//--- given.mlir
// The extent of `empty` comes from outside: nobody knows whether it is that of the operand.
// CHECK: warning: 'k' was not validated: there is no plain computation of 'tensor.empty' [PTL321]
func.func @k(%a: tensor<?x64xi8>, %w: tensor<64x64xi8>, %m: index) -> tensor<?x64xi32> {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty(%m) : tensor<?x64xi32>
  %zeros = linalg.fill ins(%zero : i32) outs(%empty : tensor<?x64xi32>) -> tensor<?x64xi32>
  %0 = linalg.matmul ins(%a, %w : tensor<?x64xi8>, tensor<64x64xi8>) outs(%zeros : tensor<?x64xi32>) -> tensor<?x64xi32>
  return %0 : tensor<?x64xi32>
}
