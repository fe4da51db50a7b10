// import-linalg: products with a name, and linalg.generic of their form.

// RUN: split-file %s %t
// RUN: %lower %t/generic.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/generic.mlir
// RUN: %lower %t/generic.mlir --remarks -o %t/generic.pto 2>&1 | FileCheck --check-prefix=SAME %t/generic.mlir
// RUN: %ptolower check --require-proof %t/generic.pto
// RUN: %lower %t/narrow.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/narrow.mlir
// RUN: %lower %t/narrow.mlir --remarks -o %t/narrow.pto 2>&1 | FileCheck --check-prefix=SAME %t/narrow.mlir
// RUN: %lower %t/narrow.mlir --target=a5 -o %t/narrow_a5.pto
// RUN: %ptolower check --require-proof %t/narrow.pto %t/narrow_a5.pto
// RUN: %lower %t/batch.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/batch.mlir
// RUN: %lower %t/batch.mlir --remarks -o %t/batch.pto 2>&1 | FileCheck --check-prefix=SAME %t/batch.mlir
// RUN: %lower %t/batch.mlir --target=a5 -o %t/batch_a5.pto
// RUN: %ptolower check --require-proof %t/batch.pto %t/batch_a5.pto
// RUN: %lower %t/turned.mlir --stop-after=import-linalg --print-ir-after-all -o /dev/null 2>&1 | FileCheck %t/turned.mlir
// RUN: %lower %t/turned.mlir --remarks -o %t/turned.pto 2>&1 | FileCheck --check-prefix=SAME %t/turned.mlir
// RUN: %exits 1 %lower %t/rolled.mlir 2>&1 | FileCheck %t/rolled.mlir
// RUN: %exits 1 %lower %t/loops.mlir 2>&1 | FileCheck %t/loops.mlir
// RUN: %exits 1 %lower %t/diagonal.mlir 2>&1 | FileCheck %t/loops.mlir
// RUN: %exits 1 %lower %t/body.mlir 2>&1 | FileCheck %t/body.mlir
// RUN: %exits 1 %lower %t/outer.mlir 2>&1 | FileCheck %t/body.mlir
// RUN: %exits 1 %lower %t/inputs.mlir 2>&1 | FileCheck %t/inputs.mlir
// RUN: %exits 1 %lower %t/twice.mlir 2>&1 | FileCheck %t/twice.mlir
// RUN: %exits 1 %lower %t/upward.mlir 2>&1 | FileCheck %t/upward.mlir

//--- generic.mlir
// Loops in any order; operands in any order; fills that are generic, too. The third product is the
// transpose of a product of its inputs: its rows are the columns of the second one.

// CHECK-LABEL: func.func @generic(
// CHECK-DAG:   %[[A:.*]] = "pto.partition_view"({{.*}} -> !pto.partition_tensor_view<16x128xi8>
// CHECK:       "ptolower.matmul"(%[[A]], %{{.*}}) {group = 0 : i64} : {{.*}} -> tensor<16x64xi32>
// CHECK-NEXT:  "ptolower.matmul"(%[[A]], %{{.*}}) {group = 0 : i64} : {{.*}} -> tensor<16x64xi32>
// CHECK:       "ptolower.matmul"(%{{.*}}, %[[A]]) {group = 1 : i64, rhs_transposed} : (!pto.partition_tensor_view<64x128xi8>, !pto.partition_tensor_view<16x128xi8>) -> tensor<64x16xi32>
// SAME: the kernels 'generic' do the same (extreme data)
#scalar = affine_map<(d0, d1) -> ()>
#same = affine_map<(d0, d1) -> (d0, d1)>
#mk = affine_map<(m, k, n) -> (m, k)>
#kn = affine_map<(m, k, n) -> (k, n)>
#mn = affine_map<(m, k, n) -> (m, n)>
func.func @generic(%a: tensor<16x128xi8>, %w: tensor<128x64xi8>, %u: tensor<128x64xi8>, %v: tensor<64x128xi8>)
    -> (tensor<16x64xi32>, tensor<16x64xi32>, tensor<64x16xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x64xi32>
  %init = linalg.generic {indexing_maps = [#scalar, #same], iterator_types = ["parallel", "parallel"]}
      ins(%zero : i32) outs(%empty : tensor<16x64xi32>) {
  ^bb0(%in: i32, %out: i32):
    linalg.yield %in : i32
  } -> tensor<16x64xi32>
  %0 = linalg.generic {indexing_maps = [#mk, #kn, #mn], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%a, %w : tensor<16x128xi8>, tensor<128x64xi8>) outs(%init : tensor<16x64xi32>) {
  ^bb0(%x: i8, %y: i8, %sum: i32):
    %xw = arith.extsi %x : i8 to i32
    %yw = arith.extsi %y : i8 to i32
    %product = arith.muli %yw, %xw : i32
    %added = arith.addi %product, %sum : i32
    linalg.yield %added : i32
  } -> tensor<16x64xi32>
  %1 = linalg.generic {indexing_maps = [#kn, #mk, #mn], iterator_types = ["parallel", "reduction", "parallel"]}
      ins(%u, %a : tensor<128x64xi8>, tensor<16x128xi8>) outs(%init : tensor<16x64xi32>) {
  ^bb0(%x: i8, %y: i8, %sum: i32):
    %xw = arith.extsi %x : i8 to i32
    %yw = arith.extsi %y : i8 to i32
    %product = arith.muli %xw, %yw : i32
    %added = arith.addi %sum, %product : i32
    linalg.yield %added : i32
  } -> tensor<16x64xi32>
  %zeros = arith.constant dense<0> : tensor<64x16xi32>
  %2 = linalg.generic {indexing_maps = [affine_map<(k, n, m) -> (n, k)>, affine_map<(k, n, m) -> (m, k)>,
                                        affine_map<(k, n, m) -> (m, n)>],
                       iterator_types = ["reduction", "parallel", "parallel"]}
      ins(%a, %v : tensor<16x128xi8>, tensor<64x128xi8>) outs(%zeros : tensor<64x16xi32>) {
  ^bb0(%x: i8, %y: i8, %sum: i32):
    %xw = arith.extsi %x : i8 to i32
    %yw = arith.extsi %y : i8 to i32
    %product = arith.muli %xw, %yw : i32
    %added = arith.addi %sum, %product : i32
    linalg.yield %added : i32
  } -> tensor<64x16xi32>
  return %0, %1, %2 : tensor<16x64xi32>, tensor<16x64xi32>, tensor<64x16xi32>
}

//--- narrow.mlir
// A product leaves as it is, and rounded to either type; an op of bf16 is summed in f32.

// CHECK-LABEL: func.func @narrow(
// CHECK-SAME:  %arg3: !pto.ptr<bf16>, %arg4: !pto.ptr<f16>, %arg5: !pto.ptr<f32>, %arg6: !pto.ptr<bf16>
// CHECK:       %[[R:.*]] = "ptolower.matmul"({{.*}} -> tensor<16x64xf32>
// CHECK-NEXT:  %[[S:.*]] = "ptolower.matmul"({{.*}} -> tensor<16x64xf32>
// CHECK-NEXT:  "pto.tstore"(%[[R]], %{{.*}}) {{.*}} : (tensor<16x64xf32>, !pto.partition_tensor_view<16x64xbf16>)
// CHECK-NEXT:  "pto.tstore"(%[[R]], %{{.*}}) {{.*}} : (tensor<16x64xf32>, !pto.partition_tensor_view<16x64xf16>)
// CHECK-NEXT:  "pto.tstore"(%[[R]], %{{.*}}) {{.*}} : (tensor<16x64xf32>, !pto.partition_tensor_view<16x64xf32>)
// CHECK-NEXT:  "pto.tstore"(%[[S]], %{{.*}}) {{.*}} : (tensor<16x64xf32>, !pto.partition_tensor_view<16x64xbf16>)
// SAME: narrow.mlir:27:8: remark: the product is summed in f32 and rounded to bf16 once, when it is stored [PTL047]
// SAME: the kernels 'narrow' do the same (extreme data)
#same = affine_map<(d0, d1) -> (d0, d1)>
func.func @narrow(%a: tensor<16x64xbf16>, %w: tensor<64x64xbf16>, %u: tensor<64x64xbf16>)
    -> (tensor<16x64xbf16>, tensor<16x64xf16>, tensor<16x64xf32>, tensor<16x64xbf16>) {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %none = arith.constant dense<0.0> : tensor<16x64xbf16>
  %0 = linalg.matmul ins(%a, %w : tensor<16x64xbf16>, tensor<64x64xbf16>) outs(%zeros : tensor<16x64xf32>) -> tensor<16x64xf32>
  %1 = arith.truncf %0 : tensor<16x64xf32> to tensor<16x64xbf16>
  %empty = tensor.empty() : tensor<16x64xf16>
  %2 = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]}
      ins(%0 : tensor<16x64xf32>) outs(%empty : tensor<16x64xf16>) {
  ^bb0(%in: f32, %out: f16):
    %cut = arith.truncf %in : f32 to f16
    linalg.yield %cut : f16
  } -> tensor<16x64xf16>
  %3 = linalg.matmul ins(%a, %u : tensor<16x64xbf16>, tensor<64x64xbf16>) outs(%none : tensor<16x64xbf16>) -> tensor<16x64xbf16>
  return %1, %2, %0, %3 : tensor<16x64xbf16>, tensor<16x64xf16>, tensor<16x64xf32>, tensor<16x64xbf16>
}

//--- batch.mlir
// The batches of a tensor are rows after each other. Products of one lhs share a loop; what is the
// same for all batches stands before it. Batches with one right operand are one product, and one
// batch is no loop.

// CHECK-LABEL: func.func @batch(
// CHECK-DAG:   "pto.make_tensor_view"(%arg0, %c60, %c64, %c64, %c1)
// CHECK-DAG:   "pto.make_tensor_view"(%arg1, %c192, %c32, %c32, %c1)
// CHECK:       scf.for %[[I:.*]] = %c0 to %c3 step %c1 {
// CHECK:         %[[ROW:.*]] = arith.muli %[[I]], %c20 : index
// CHECK:         %[[A:.*]] = "pto.partition_view"(%{{.*}}, %[[ROW]], %c0, %c20, %c64)
// CHECK:         %[[K:.*]] = arith.muli %[[I]], %c64 : index
// CHECK:         %[[W:.*]] = "pto.partition_view"(%{{.*}}, %[[K]], %c0, %c64, %c32)
// CHECK:         "ptolower.matmul"(%[[A]], %[[W]]) {group = 0 : i64} : {{.*}} -> tensor<20x32xf32>
// CHECK-NEXT:    "ptolower.matmul"(%[[A]], %{{.*}}) {group = 0 : i64} : {{.*}} -> tensor<20x32xf32>
// CHECK-NEXT:    "pto.tstore"
// CHECK-NEXT:    "pto.tstore"
// CHECK-NEXT: {{^ *}$}}
// CHECK-NOT:   scf.for
// CHECK:       %[[WHOLE:.*]] = "pto.partition_view"(%{{.*}}, %c0, %c0, %c60, %c64)
// CHECK:       "ptolower.matmul"(%[[WHOLE]], %[[S:.*]]) {group = 1 : i64} : {{.*}} -> tensor<60x32xf32>
// CHECK:       "ptolower.matmul"({{.*}}) {group = 2 : i64, rhs_transposed} : {{.*}} -> tensor<20x48xf32>
// CHECK:       %[[ONE:.*]] = "pto.partition_view"(%{{.*}}, %c0, %c0, %c8, %c64)
// CHECK:       scf.for
// CHECK:         "ptolower.matmul"(%[[ONE]], %{{.*}}) {group = 3 : i64} : {{.*}} -> tensor<8x32xf32>
// CHECK:       return
// SAME: the kernels 'batch' do the same (extreme data)
#bmk = affine_map<(b, m, n, k) -> (b, m, k)>
#bkn = affine_map<(b, m, n, k) -> (b, k, n)>
#bmn = affine_map<(b, m, n, k) -> (b, m, n)>
#mk = affine_map<(b, m, n, k) -> (m, k)>
#kn = affine_map<(b, m, n, k) -> (k, n)>
func.func @batch(%a: tensor<3x20x64xbf16>, %w: tensor<3x64x32xbf16>, %u: tensor<3x64x32xbf16>, %s: tensor<64x32xbf16>,
                 %b: tensor<1x20x64xbf16>, %v: tensor<1x48x64xbf16>, %one: tensor<8x64xbf16>)
    -> (tensor<3x20x32xf32>, tensor<3x20x32xf32>, tensor<3x20x32xbf16>, tensor<1x20x48xf32>, tensor<3x8x32xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<3x20x32xf32>
  %zero = arith.constant dense<0.0> : tensor<1x20x48xf32>
  %0 = linalg.batch_matmul ins(%a, %w : tensor<3x20x64xbf16>, tensor<3x64x32xbf16>) outs(%zeros : tensor<3x20x32xf32>) -> tensor<3x20x32xf32>
  %1 = linalg.batch_matmul ins(%a, %u : tensor<3x20x64xbf16>, tensor<3x64x32xbf16>) outs(%zeros : tensor<3x20x32xf32>) -> tensor<3x20x32xf32>
  %2 = linalg.generic {indexing_maps = [#bmk, #kn, #bmn],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%a, %s : tensor<3x20x64xbf16>, tensor<64x32xbf16>) outs(%zeros : tensor<3x20x32xf32>) {
  ^bb0(%x: bf16, %y: bf16, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %yw = arith.extf %y : bf16 to f32
    %product = arith.mulf %xw, %yw : f32
    %added = arith.addf %sum, %product : f32
    linalg.yield %added : f32
  } -> tensor<3x20x32xf32>
  %3 = arith.truncf %2 : tensor<3x20x32xf32> to tensor<3x20x32xbf16>
  %4 = linalg.batch_matmul_transpose_b ins(%b, %v : tensor<1x20x64xbf16>, tensor<1x48x64xbf16>) outs(%zero : tensor<1x20x48xf32>) -> tensor<1x20x48xf32>
  %few = arith.constant dense<0.0> : tensor<3x8x32xf32>
  %5 = linalg.generic {indexing_maps = [#mk, #bkn, #bmn],
                       iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%one, %w : tensor<8x64xbf16>, tensor<3x64x32xbf16>) outs(%few : tensor<3x8x32xf32>) {
  ^bb0(%x: bf16, %y: bf16, %sum: f32):
    %xw = arith.extf %x : bf16 to f32
    %yw = arith.extf %y : bf16 to f32
    %product = arith.mulf %xw, %yw : f32
    %added = arith.addf %sum, %product : f32
    linalg.yield %added : f32
  } -> tensor<3x8x32xf32>
  return %0, %1, %3, %4, %5 : tensor<3x20x32xf32>, tensor<3x20x32xf32>, tensor<3x20x32xbf16>, tensor<1x20x48xf32>, tensor<3x8x32xf32>
}

//--- turned.mlir
// The transpose of an argument is the argument, read the other way.

// CHECK-LABEL: func.func @turned(
// CHECK:       "ptolower.matmul"({{.*}}) {group = 0 : i64, rhs_transposed} : (!pto.partition_tensor_view<16x96xbf16>, !pto.partition_tensor_view<64x96xbf16>) -> tensor<16x64xf32>
// CHECK:       scf.for
// CHECK:         "ptolower.matmul"({{.*}}) {group = 1 : i64} : (!pto.partition_tensor_view<16x64xf32>, !pto.partition_tensor_view<64x32xf32>) -> tensor<16x32xf32>
// SAME: the kernels 'turned' do the same (random data)
func.func @turned(%a: tensor<16x96xbf16>, %w: tensor<64x96xbf16>, %b: tensor<2x16x64xf32>, %v: tensor<2x64x32xf32>)
    -> (tensor<16x64xf32>, tensor<2x16x32xf32>) {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %e = tensor.empty() : tensor<96x64xbf16>
  %t = linalg.transpose ins(%w : tensor<64x96xbf16>) outs(%e : tensor<96x64xbf16>) permutation = [1, 0]
  %0 = linalg.matmul ins(%a, %t : tensor<16x96xbf16>, tensor<96x64xbf16>) outs(%zeros : tensor<16x64xf32>) -> tensor<16x64xf32>
  %none = arith.constant dense<0.0> : tensor<2x16x32xf32>
  %f = tensor.empty() : tensor<2x32x64xf32>
  %u = linalg.transpose ins(%v : tensor<2x64x32xf32>) outs(%f : tensor<2x32x64xf32>) permutation = [0, 2, 1]
  %1 = linalg.batch_matmul_transpose_b ins(%b, %u : tensor<2x16x64xf32>, tensor<2x32x64xf32>) outs(%none : tensor<2x16x32xf32>) -> tensor<2x16x32xf32>
  return %0, %1 : tensor<16x64xf32>, tensor<2x16x32xf32>
}
//--- rolled.mlir
// CHECK: error: an operand of the product is not an argument of the function [PTL044]
func.func @k(%b: tensor<2x16x64xf32>, %v: tensor<64x2x32xf32>) -> tensor<2x16x32xf32> {
  %none = arith.constant dense<0.0> : tensor<2x16x32xf32>
  %f = tensor.empty() : tensor<2x32x64xf32>
  %u = linalg.transpose ins(%v : tensor<64x2x32xf32>) outs(%f : tensor<2x32x64xf32>) permutation = [1, 2, 0]
  %1 = linalg.batch_matmul_transpose_b ins(%b, %u : tensor<2x16x64xf32>, tensor<2x32x64xf32>) outs(%none : tensor<2x16x32xf32>) -> tensor<2x16x32xf32>
  return %1 : tensor<2x16x32xf32>
}
//--- loops.mlir
// A sum of three loops.
// CHECK: error: 'linalg.generic' has not the loops of a product: one that sums, and those of the result's dimensions; each dimension goes along one of them [PTL040]
func.func @k(%a: tensor<16x128xf32>, %w: tensor<128x64xf32>) -> tensor<16x64xf32> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "reduction", "reduction"]}
      ins(%a, %w : tensor<16x128xf32>, tensor<128x64xf32>) outs(%zeros : tensor<16x64xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %product = arith.mulf %x, %y : f32
    %added = arith.addf %sum, %product : f32
    linalg.yield %added : f32
  } -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
//--- diagonal.mlir
func.func @k(%a: tensor<16x128xf32>, %w: tensor<143x64xf32>) -> tensor<16x64xf32> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (m + k, n)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %w : tensor<16x128xf32>, tensor<143x64xf32>) outs(%zeros : tensor<16x64xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %product = arith.mulf %x, %y : f32
    %added = arith.addf %sum, %product : f32
    linalg.yield %added : f32
  } -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
//--- body.mlir
// The square of one input; and, in outer.mlir, a factor of the function's.
// CHECK: error: 'linalg.generic' does not add the product of its inputs to the result; they may be widened by extsi or extf before, and nothing else [PTL040]
func.func @k(%a: tensor<16x128xf32>, %w: tensor<128x64xf32>) -> tensor<16x64xf32> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %w : tensor<16x128xf32>, tensor<128x64xf32>) outs(%zeros : tensor<16x64xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %product = arith.mulf %x, %x : f32
    %added = arith.addf %sum, %product : f32
    linalg.yield %added : f32
  } -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
//--- outer.mlir
func.func @k(%scale: f32, %a: tensor<16x128xf32>, %w: tensor<128x64xf32>) -> tensor<16x64xf32> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                        affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %w : tensor<16x128xf32>, tensor<128x64xf32>) outs(%zeros : tensor<16x64xf32>) {
  ^bb0(%x: f32, %y: f32, %sum: f32):
    %product = arith.mulf %scale, %y : f32
    %added = arith.addf %sum, %product : f32
    linalg.yield %added : f32
  } -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
//--- inputs.mlir
// CHECK: error: 'linalg.generic' does not make one result of two inputs [PTL040]
func.func @k(%a: tensor<16x128xf32>, %w: tensor<128x64xf32>, %s: tensor<64xf32>) -> tensor<16x64xf32> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.generic {indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (k, n)>,
                                        affine_map<(m, n, k) -> (n)>, affine_map<(m, n, k) -> (m, n)>],
                       iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%a, %w, %s : tensor<16x128xf32>, tensor<128x64xf32>, tensor<64xf32>) outs(%zeros : tensor<16x64xf32>) {
  ^bb0(%x: f32, %y: f32, %z: f32, %sum: f32):
    %product = arith.mulf %x, %y : f32
    %scaled = arith.mulf %product, %z : f32
    %added = arith.addf %sum, %scaled : f32
    linalg.yield %added : f32
  } -> tensor<16x64xf32>
  return %0 : tensor<16x64xf32>
}
//--- twice.mlir
// A value that is rounded twice is rounded otherwise than once.
// CHECK: error: 'arith.extf' uses a product; the kernel stores products, as they are or rounded, and does nothing else with them [PTL040]
func.func @k(%a: tensor<16x128xf32>, %w: tensor<128x64xf32>) -> tensor<16x64xf16> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x128xf32>, tensor<128x64xf32>) outs(%zeros : tensor<16x64xf32>) -> tensor<16x64xf32>
  %1 = arith.truncf %0 : tensor<16x64xf32> to tensor<16x64xbf16>
  %2 = arith.extf %1 : tensor<16x64xbf16> to tensor<16x64xf32>
  %3 = arith.truncf %2 : tensor<16x64xf32> to tensor<16x64xf16>
  return %3 : tensor<16x64xf16>
}
//--- upward.mlir
// The store rounds to the nearest.
// CHECK: error: 'arith.truncf' uses a product; the kernel stores products, as they are or rounded, and does nothing else with them [PTL040]
func.func @k(%a: tensor<16x128xf32>, %w: tensor<128x64xf32>) -> tensor<16x64xf16> {
  %zeros = arith.constant dense<0.0> : tensor<16x64xf32>
  %0 = linalg.matmul ins(%a, %w : tensor<16x128xf32>, tensor<128x64xf32>) outs(%zeros : tensor<16x64xf32>) -> tensor<16x64xf32>
  %1 = arith.truncf %0 upward : tensor<16x64xf32> to tensor<16x64xf16>
  return %1 : tensor<16x64xf16>
}
