package org.edgebert.demo

import java.nio.ByteBuffer
import java.nio.ByteOrder
import org.edgebert.bundle.Entry
import org.edgebert.engine.Accelerator
import org.edgebert.engine.Engine
import org.edgebert.engine.EngineException
import org.edgebert.engine.Session
import org.tensorflow.lite.Interpreter
import org.tensorflow.lite.TensorFlowLite

/** LiteRT's Interpreter, which runs on the CPU; entries of a file are its signatures. */
class LiteRtEngine : Engine {
    override val name = "litert"
    override val version: String get() = TensorFlowLite.runtimeVersion()
    override val format = "tflite"
    override val accelerators = listOf(Accelerator.CPU)

    override fun open(model: ByteArray, threads: Int, accelerator: Accelerator): Session {
        val bytes = ByteBuffer.allocateDirect(model.size).order(ByteOrder.nativeOrder())
        bytes.put(model).rewind()
        return attempt("open") { LiteRtModel(Interpreter(bytes, Interpreter.Options().setNumThreads(threads))) }
    }
}

private class LiteRtModel(private val interpreter: Interpreter) : Session {
    override fun run(entry: Entry, inputs: Map<String, IntArray>): FloatArray = attempt("run") {
        val output = interpreter.getSignatureOutputs(entry.signature).single()
        val shape = interpreter.getOutputTensorFromSignature(output, entry.signature).shape()
        val found = arrayOf(FloatArray(shape[1]))
        val rows: Map<String, Any> = inputs.mapValues { arrayOf(it.value) }
        interpreter.runSignature(rows, mapOf<String, Any>(output to found), entry.signature)
        found[0]
    }

    override fun close() = interpreter.close()
}

/** LiteRT says what is wrong with unchecked exceptions of several kinds. */
private inline fun <Found> attempt(what: String, action: () -> Found): Found = try {
    action()
} catch (failure: RuntimeException) {
    throw EngineException("LiteRT cannot $what the file: ${failure.message}", failure)
}
