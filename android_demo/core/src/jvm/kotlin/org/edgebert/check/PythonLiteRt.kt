package org.edgebert.check

import java.io.Closeable
import java.io.File
import org.edgebert.bundle.Entry
import org.edgebert.engine.Accelerator
import org.edgebert.engine.Engine
import org.edgebert.engine.EngineException
import org.edgebert.engine.Session
import org.edgebert.json.Json
import org.edgebert.json.writeJson

/**
 * LiteRT, which has no library for a desktop's JVM, in the Python process that the environment variable
 * `EDGEBERT_LITERT` starts: a JSON request a line, a JSON answer a line.
 */
class PythonLiteRt : Engine, Closeable {
    private val python by lazy {
        val command = checkNotNull(System.getenv("EDGEBERT_LITERT")) { "EDGEBERT_LITERT names no command" }
        ProcessBuilder(command.split(' ')).redirectError(ProcessBuilder.Redirect.INHERIT).start().also { started = it }
    }
    private val answers by lazy { python.inputStream.bufferedReader() }
    private var started: Process? = null

    override val name = "litert"
    override val version: String get() = ask(mapOf("ask" to "version"))["version"].string
    override val format = "tflite"
    override val accelerators = listOf(Accelerator.CPU)

    override fun open(model: ByteArray, threads: Int, accelerator: Accelerator): Session {
        val file = File.createTempFile("model", ".tflite").apply { writeBytes(model) }
        val session = ask(mapOf("ask" to "open", "path" to file.path, "threads" to threads))["session"].int
        return object : Session {
            override fun run(entry: Entry, inputs: Map<String, IntArray>): FloatArray {
                val rows = inputs.mapValues { it.value.toList() }
                val asked = mapOf("ask" to "run", "session" to session, "signature" to entry.signature)
                return ask(asked + ("inputs" to rows))["output"].items.map { it.double.toFloat() }.toFloatArray()
            }

            override fun close() {
                ask(mapOf("ask" to "close", "session" to session))
                file.delete()
            }
        }
    }

    private fun ask(request: Map<String, Any?>): Json {
        val line = writeJson(request).replace("\n", "")
        python.outputStream.apply { write("$line\n".toByteArray()) }.flush()
        val answer = Json.parse(answers.readLine() ?: error("LiteRT ended"), "LiteRT")
        answer.members["failure"]?.let { throw EngineException(it as String, IllegalStateException(it)) }
        return answer
    }

    override fun close() {
        started?.outputStream?.close()
        started?.waitFor()
    }
}
