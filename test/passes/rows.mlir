// A product of more rows than an accumulator takes leaves in bands, each of which is cut along N where
// it has to be; the proof asks that they cover the result.

// RUN: %lower %s --remarks -o %t.pto 2>&1 | FileCheck --check-prefix=TOLD %s
// RUN: FileCheck %s < %t.pto
// RUN: %ptolower check --require-proof %t.pto
// RUN: %lower %s --target=a5 -o /dev/null
// TOLD: rows.mlir:[[#@LINE+9]]:8: remark: 'rows' is lowered: {{.*}} [PTL120]
// TOLD-NOT: PTL32{{[01]}}
// CHECK: pto.partition_view %r_view, offsets = [%c0_index, %{{.*}}], sizes = [%c96_index,
// CHECK: pto.partition_view %r_view, offsets = [%c96_index, %{{.*}}], sizes = [%c96_index,
// CHECK: pto.partition_view %r_view, offsets = [%c192_index, %{{.*}}], sizes = [%c66_index,
func.func @rows(%a: tensor<258x512xbf16>, %w: tensor<512x1024xbf16>) -> tensor<258x1024xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<258x1024xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<258x1024xf32>) -> tensor<258x1024xf32>
  %r = linalg.matmul ins(%a, %w : tensor<258x512xbf16>, tensor<512x1024xbf16>)
                     outs(%i : tensor<258x1024xf32>) -> tensor<258x1024xf32>
  return %r : tensor<258x1024xf32>
}
