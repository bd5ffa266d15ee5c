package org.edgebert.engine

import java.io.Closeable
import org.edgebert.bundle.Entry

/** What an engine runs on; all but the CPU only where the user picks it. */
enum class Accelerator { CPU, NNAPI }

/** Why an engine could not open or run a file. */
class EngineException(message: String, cause: Throwable) : Exception(message, cause)

/** A runtime. */
interface Engine {
    /** "ort" or "litert", as in the manifest. */
    val name: String

    val version: String

    /** The file format that it reads: "onnx" or "tflite". */
    val format: String

    val accelerators: List<Accelerator>

    /**
     * Open a model file.
     *
     * @param model all of its bytes.
     * @throws EngineException if the engine cannot.
     */
    fun open(model: ByteArray, threads: Int, accelerator: Accelerator = Accelerator.CPU): Session
}

/** An open model file. */
interface Session : Closeable {
    /**
     * Run one row.
     *
     * @param entry of the file.
     * @param inputs int32 [1, length] for each input's name.
     * @return the output, float32 [labels].
     * @throws EngineException if the engine cannot.
     */
    fun run(entry: Entry, inputs: Map<String, IntArray>): FloatArray
}
