// Gate and up of one a, as tensors.
func.func @pair(%a: tensor<16x128xi8>, %gate_w: tensor<128x64xi8>, %up_w: tensor<128x64xi8>)
    -> (tensor<16x64xi32>, tensor<16x64xi32>) {
  %zero = arith.constant 0 : i32
  %empty = tensor.empty() : tensor<16x64xi32>
  %init = linalg.fill ins(%zero : i32) outs(%empty : tensor<16x64xi32>) -> tensor<16x64xi32>
  %gate = linalg.matmul ins(%a, %gate_w : tensor<16x128xi8>, tensor<128x64xi8>)
                        outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  %up = linalg.matmul ins(%a, %up_w : tensor<16x128xi8>, tensor<128x64xi8>)
                      outs(%init : tensor<16x64xi32>) -> tensor<16x64xi32>
  return %gate, %up : tensor<16x64xi32>, tensor<16x64xi32>
}
