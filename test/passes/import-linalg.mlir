// import-linalg: functions on tensors become kernels on views.

// RUN: split-file %s %t
// RUN: %lower %t/pair.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/pair.mlir
// RUN: %lower %t/dual.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/dual.mlir
// RUN: %lower %t/others.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/others.mlir
// RUN: %exits 1 %lower %t/refused.mlir 2>&1 | FileCheck %t/refused.mlir

//--- pair.mlir
// Arguments keep their order, results follow; products of one lhs stand side by side (with one
// part for both), each product's store behind them. Between them may stand others.

// CHECK-LABEL: IR after import-linalg
// CHECK-LABEL: func.func @pair(
// CHECK-SAME:    %[[A:arg0]]: !pto.ptr<i8>{{.*}}, %[[B:arg1]]: !pto.ptr<i8>{{.*}}, %[[GW:arg2]]: !pto.ptr<i8>{{.*}}, %[[UW:arg3]]: !pto.ptr<i8>{{.*}}, %[[UP:arg4]]: !pto.ptr<i32>{{.*}}, %[[OTHER:arg5]]: !pto.ptr<i32>{{.*}}, %[[GATE:arg6]]: !pto.ptr<i32>
// CHECK-SAME:    pto.kernel_kind = #pto.kernel_kind<cube>
// CHECK-SAME:    ptolower.arg_names = ["a", "b", "gate_w", "up_w", "up", "other", "gate"]
// CHECK-DAG:   %[[A_VIEW:.*]] = "pto.make_tensor_view"(%[[A]], %c16, %c128, %c128, %c1) {layout = #pto.layout<nd>
// CHECK-DAG:   %[[A_PART:.*]] = "pto.partition_view"(%[[A_VIEW]], %c0, %c0, %c16, %c128)
// CHECK-DAG:   %[[GW_VIEW:.*]] = "pto.make_tensor_view"(%[[GW]], %c128, %c64, %c64, %c1)
// CHECK-DAG:   %[[GW_PART:.*]] = "pto.partition_view"(%[[GW_VIEW]],
// CHECK-DAG:   %[[UW_VIEW:.*]] = "pto.make_tensor_view"(%[[UW]],
// CHECK-DAG:   %[[UW_PART:.*]] = "pto.partition_view"(%[[UW_VIEW]],
// CHECK-DAG:   %[[GATE_VIEW:.*]] = "pto.make_tensor_view"(%[[GATE]], %c16, %c64, %c64, %c1)
// CHECK-DAG:   %[[GATE_PART:.*]] = "pto.partition_view"(%[[GATE_VIEW]], %c0, %c0, %c16, %c64)
// CHECK-DAG:   %[[UP_VIEW:.*]] = "pto.make_tensor_view"(%[[UP]],
// CHECK-DAG:   %[[UP_PART:.*]] = "pto.partition_view"(%[[UP_VIEW]],
// CHECK:       %[[G:.*]] = "ptolower.matmul"(%[[A_PART]], %[[GW_PART]]) {group = [[#GROUP:]] : i64} : {{.*}} -> tensor<16x64xi32>
// CHECK-NEXT:  %[[U:.*]] = "ptolower.matmul"(%[[A_PART]], %[[UW_PART]]) {group = [[#GROUP]] : i64} : {{.*}} -> tensor<16x64xi32>
// CHECK-NEXT:  "pto.tstore"(%[[G]], %[[GATE_PART]])
// CHECK-NEXT:  "pto.tstore"(%[[U]], %[[UP_PART]])
// CHECK:       %[[B_VIEW:.*]] = "pto.make_tensor_view"(%[[B]],
// CHECK:       %[[B_PART:.*]] = "pto.partition_view"(%[[B_VIEW]],
// CHECK:       %[[OTHER_VIEW:.*]] = "pto.make_tensor_view"(%[[OTHER]],
// CHECK:       %[[OTHER_PART:.*]] = "pto.partition_view"(%[[OTHER_VIEW]],
// CHECK:       %[[O:.*]] = "ptolower.matmul"(%[[B_PART]], %[[GW_PART]])
// CHECK-NEXT:  "pto.tstore"(%[[O]], %[[OTHER_PART]])
// CHECK-NEXT:  return
// CHECK-NOT:   = linalg.
func.func @pair(%a: tensor<16x128xi8>, %b: tensor<16x128xi8>, %gate_w: tensor<128x64xi8>,
                %up_w: tensor<128x64xi8>)
    -> (tensor<16x64xi32>, tensor<16x64xi32>, tensor<16x64xi32>) {
  %zeros = arith.constant dense<0> : tensor<16x64xi32>
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x64xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x64xi32>) -> tensor<16x64xi32>
  %gate = linalg.matmul ins(%a, %gate_w : tensor<16x128xi8>, tensor<128x64xi8>)
                        outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  %other = linalg.matmul ins(%b, %gate_w : tensor<16x128xi8>, tensor<128x64xi8>)
                         outs(%zeros : tensor<16x64xi32>) -> tensor<16x64xi32>
  %up = linalg.matmul ins(%a, %up_w : tensor<16x128xi8>, tensor<128x64xi8>)
                      outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %up, %other, %gate : tensor<16x64xi32>, tensor<16x64xi32>, tensor<16x64xi32>
}

//--- dual.mlir
// The op written by hand is taken as it is, transposed weights, too. A result that is
// returned twice is stored twice.

// CHECK-LABEL: IR after import-linalg
// CHECK-LABEL: func.func @dual(
// CHECK-SAME:    ptolower.arg_names = ["a", "gate_w", "up_w", "out0", "out1", "out2"]
// CHECK-DAG:   %[[V0:.*]] = "pto.make_tensor_view"(%arg3,
// CHECK-DAG:   %[[P0:.*]] = "pto.partition_view"(%[[V0]],
// CHECK-DAG:   %[[V1:.*]] = "pto.make_tensor_view"(%arg4,
// CHECK-DAG:   %[[P1:.*]] = "pto.partition_view"(%[[V1]],
// CHECK-DAG:   %[[V2:.*]] = "pto.make_tensor_view"(%arg5,
// CHECK-DAG:   %[[P2:.*]] = "pto.partition_view"(%[[V2]],
// CHECK:       %[[R:.*]]:2 = "ptolower.matmul_dual_acc"({{.*}}) {rhs_transposed} : (!pto.partition_tensor_view<5x96xbf16>, !pto.partition_tensor_view<32x96xbf16>, !pto.partition_tensor_view<32x96xbf16>) -> (tensor<5x32xf32>, tensor<5x32xf32>)
// CHECK-DAG:   "pto.tstore"(%[[R]]#0, %[[P0]])
// CHECK-DAG:   "pto.tstore"(%[[R]]#1, %[[P1]])
// CHECK-DAG:   "pto.tstore"(%[[R]]#0, %[[P2]])
// CHECK:       return
func.func @dual(%a: tensor<5x96xbf16>, %gate_w: tensor<32x96xbf16>, %up_w: tensor<32x96xbf16>)
    -> (tensor<5x32xf32>, tensor<5x32xf32>, tensor<5x32xf32>) {
  %0:2 = "ptolower.matmul_dual_acc"(%a, %gate_w, %up_w) {rhs_transposed}
      : (tensor<5x96xbf16>, tensor<32x96xbf16>, tensor<32x96xbf16>) -> (tensor<5x32xf32>, tensor<5x32xf32>)
  return %0#0, %0#1, %0#0 : tensor<5x32xf32>, tensor<5x32xf32>, tensor<5x32xf32>
}

//--- others.mlir
// linalg.matmul_transpose_b is a product with rhs_transposed. A function without tensors is
// left alone.

// CHECK-LABEL: func.func @transposed(
// CHECK:       "ptolower.matmul"({{.*}}) {{{.*}}rhs_transposed} : (!pto.partition_tensor_view<16x128xf16>, !pto.partition_tensor_view<64x128xf16>) -> tensor<16x64xf32>
func.func @transposed(%a: tensor<16x128xf16>, %w: tensor<64x128xf16>) -> tensor<16x64xf32> {
  %zero = arith.constant 0.0 : f32
  %empty = tensor.empty() : tensor<16x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x64xf32>) -> tensor<16x64xf32>
  %0 = linalg.matmul_transpose_b ins(%a, %w : tensor<16x128xf16>, tensor<64x128xf16>)
                                 outs(%init : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
// CHECK-LABEL: func.func @none(
// CHECK-SAME:    %arg0: index
// CHECK-NOT:     ptolower.imported
// CHECK:       arith.addi
func.func @none(%i: index) -> index {
  %0 = arith.addi %i, %i : index
  return %0 : index
}

//--- refused.mlir
// CHECK: refused.mlir:7:11: error: outs is not filled with zero; the kernel's accumulators begin at zero [PTL041]
// CHECK-NOT: error
func.func @refused(%a: tensor<16x128xf32>, %w: tensor<128x64xf32>) -> tensor<16x64xf32> {
  %zero = arith.constant -0.0 : f32
  %empty = tensor.empty() : tensor<16x64xf32>
  %init = linalg.fill ins(%zero : f32) outs(%empty : tensor<16x64xf32>) -> tensor<16x64xf32>
  %gate = linalg.matmul ins(%a, %w : tensor<16x128xf32>, tensor<128x64xf32>)
                        outs(%init : tensor<16x64xf32>) -> tensor<16x64xf32>
  return %gate : tensor<16x64xf32>
}
