// Where all of a column tile of the weights has room in Mat, it is loaded once and stays for all tiles of
// rows, which stream; their results leave tile by tile, column tile by column tile.

// RUN: %lower %s --remarks --plan=%t.json -o %t.pto 2>&1 | FileCheck --check-prefix=TOLD %s
// RUN: FileCheck %s < %t.pto
// RUN: FileCheck --check-prefix=PLAN %s < %t.json
// RUN: %ptolower check --require-proof %t.pto
// RUN: %lower %t.pto -o %t.again.pto
// RUN: diff %t.pto %t.again.pto
// RUN: %lower %s --target=a5 -o /dev/null
// TOLD: 'rows' is lowered: {{.*}} [PTL120]
// TOLD: 'turned' is lowered: {{.*}} [PTL120]
// PLAN: "m":	128,
// PLAN-NEXT: "row_tiles":	2,
// PLAN: "m":	128,
// PLAN-NEXT: "row_tiles":	3,

// Each column tile of w is loaded once, and x for each of them.
// CHECK-LABEL: func.func @rows
// CHECK-COUNT-1: pto.partition_view %w_view, offsets = [%c0_index, %c0_index], sizes = [%c256_index, %c256_index]
// CHECK-NOT: pto.partition_view %w_view, offsets = [%c0_index, %c0_index]
// CHECK: pto.partition_view %r_view, offsets = [%c0_index, %c0_index], sizes = [%c128_index, %c128_index]
// CHECK: pto.partition_view %r_view, offsets = [%c128_index, %c0_index], sizes = [%c128_index, %c128_index]
// CHECK: pto.partition_view %r_view, offsets = [%c0_index, %c256_index], sizes = [%c128_index, %c128_index]
// CHECK-LABEL: func.func @turned
func.func @rows(%x: tensor<256x512xf16>, %w: tensor<512x512xf16>) -> tensor<256x512xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<256x512xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<256x512xf32>) -> tensor<256x512xf32>
  %r = linalg.matmul ins(%x, %w : tensor<256x512xf16>, tensor<512x512xf16>)
                     outs(%i : tensor<256x512xf32>) -> tensor<256x512xf32>
  return %r : tensor<256x512xf32>
}

// x lies as k x m.
func.func @turned(%x: tensor<256x384xf16>, %w: tensor<256x256xf16>) -> tensor<384x256xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<384x256xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<384x256xf32>) -> tensor<384x256xf32>
  %r = linalg.matmul_transpose_a ins(%x, %w : tensor<256x384xf16>, tensor<256x256xf16>)
                                 outs(%i : tensor<384x256xf32>) -> tensor<384x256xf32>
  return %r : tensor<384x256xf32>
}
