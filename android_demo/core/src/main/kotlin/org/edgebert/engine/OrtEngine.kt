package org.edgebert.engine

import ai.onnxruntime.OnnxTensor
import ai.onnxruntime.OrtEnvironment
import ai.onnxruntime.OrtException
import ai.onnxruntime.OrtSession
import java.nio.IntBuffer
import org.edgebert.bundle.Entry

/** ONNX Runtime. */
class OrtEngine : Engine {
    private val environment = OrtEnvironment.getEnvironment()

    override val name = "ort"
    override val version: String get() = environment.version
    override val format = "onnx"
    override val accelerators = Accelerator.entries

    override fun open(model: ByteArray, threads: Int, accelerator: Accelerator): Session = try {
        OrtSession.SessionOptions().use { options ->
            options.setIntraOpNumThreads(threads)
            options.setInterOpNumThreads(1)
            if (accelerator == Accelerator.NNAPI) options.addNnapi()
            OrtModel(environment, environment.createSession(model, options))
        }
    } catch (failure: OrtException) {
        throw EngineException("ONNX Runtime $version cannot open the file: ${failure.message}", failure)
    }
}

private class OrtModel(private val environment: OrtEnvironment, private val session: OrtSession) : Session {
    override fun run(entry: Entry, inputs: Map<String, IntArray>): FloatArray {
        val tensors = HashMap<String, OnnxTensor>()
        try {
            for ((name, row) in inputs) {
                val shape = longArrayOf(1, row.size.toLong())
                tensors[name] = OnnxTensor.createTensor(environment, IntBuffer.wrap(row), shape)
            }
            session.run(tensors).use { found ->
                val output = (found[0] as OnnxTensor).floatBuffer
                return FloatArray(output.remaining()).also { output.get(it) }
            }
        } catch (failure: OrtException) {
            throw EngineException("ONNX Runtime cannot run the file: ${failure.message}", failure)
        } finally {
            tensors.values.forEach { it.close() }
        }
    }

    override fun close() = session.close()
}
