// Two products of one lhs, with the weights as n x k.
func.func @tiles(%a: tensor<16x7168xbf16>, %w1: tensor<64x7168xbf16>, %w2: tensor<64x7168xbf16>)
    -> (tensor<16x64xf32>, tensor<16x64xf32>) {
  %first, %second = "ptolower.matmul_dual_acc"(%a, %w1, %w2) {rhs_transposed}
      : (tensor<16x7168xbf16>, tensor<64x7168xbf16>, tensor<64x7168xbf16>)
      -> (tensor<16x64xf32>, tensor<16x64xf32>)
  return %first, %second : tensor<16x64xf32>, tensor<16x64xf32>
}
