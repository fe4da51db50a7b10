// The shape at which gate and up of a Qwen3-14B decode step are checked.
func.func @gate_up(%a: tensor<16x512xi8>, %gate_w: tensor<512x256xi8>, %up_w: tensor<512x256xi8>)
    -> (tensor<16x256xi32>, tensor<16x256xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x256xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x256xi32>) -> tensor<16x256xi32>
  %gate = linalg.matmul ins(%a, %gate_w : tensor<16x512xi8>, tensor<512x256xi8>)
                        outs(%init : tensor<16x256xi32>) -> tensor<16x256xi32>
  %up = linalg.matmul ins(%a, %up_w : tensor<16x512xi8>, tensor<512x256xi8>)
                      outs(%init : tensor<16x256xi32>) -> tensor<16x256xi32>
  return %gate, %up : tensor<16x256xi32>, tensor<16x256xi32>
}
