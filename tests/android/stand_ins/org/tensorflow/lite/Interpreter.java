package org.tensorflow.lite;

import java.nio.ByteBuffer;
import java.util.Map;

/** Signatures of LiteRT's class of this name, as far as the app calls it: for compiling only. */
public final class Interpreter implements AutoCloseable {
    public Interpreter(ByteBuffer model, Options options) {}

    public String[] getSignatureOutputs(String signature) {
        throw new UnsupportedOperationException();
    }

    public Tensor getOutputTensorFromSignature(String output, String signature) {
        throw new UnsupportedOperationException();
    }

    public void runSignature(Map<String, Object> inputs, Map<String, Object> outputs, String signature) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}

    /** Likewise. */
    public static class Options {
        public Options setNumThreads(int threads) {
            return this;
        }
    }
}
