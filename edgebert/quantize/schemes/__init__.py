"""One file a scheme. Names decode: the precision of the weights, then how the arithmetic is done.

`fp16`: 16-bit floats, arithmetic in float32; `int8`: 8-bit integers, a scale a channel, activations scaled as they
come; `int8-tensor`: a scale a tensor; `int8-static`: activations scaled by calibration; `int8-weights`: arithmetic in
float32; `int4`: 4-bit embeddings, and products where the runtime has them. `-mixed` behind any of them: some blocks
were left in float32.
"""
