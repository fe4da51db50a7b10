// What gate_up.pto computes, as products on tensors: gate and up of a Qwen3-14B A8W8 decode step, 256
// columns of each weight.
func.func @gate_up(%x: tensor<16x5120xi8>, %w_gate: tensor<5120x256xi8>, %w_up: tensor<5120x256xi8>)
    -> (tensor<16x256xi32>, tensor<16x256xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x256xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x256xi32>) -> tensor<16x256xi32>
  %gate = linalg.matmul ins(%x, %w_gate : tensor<16x5120xi8>, tensor<5120x256xi8>)
                        outs(%init : tensor<16x256xi32>) -> tensor<16x256xi32>
  %up = linalg.matmul ins(%x, %w_up : tensor<16x5120xi8>, tensor<5120x256xi8>)
                      outs(%init : tensor<16x256xi32>) -> tensor<16x256xi32>
  return %gate, %up : tensor<16x256xi32>, tensor<16x256xi32>
}
