package org.tensorflow.lite;

/** Signatures of LiteRT's class of this name, as far as the app calls it: for compiling only. */
public final class TensorFlowLite {
    public static String runtimeVersion() {
        throw new UnsupportedOperationException();
    }
}
