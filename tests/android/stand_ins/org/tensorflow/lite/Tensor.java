package org.tensorflow.lite;

/** Signatures of LiteRT's interface of this name, as far as the app calls it: for compiling only. */
public interface Tensor {
    int[] shape();
}
