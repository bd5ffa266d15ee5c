package org.edgebert.check

import java.io.File
import java.io.FileInputStream
import org.edgebert.bundle.Bundle
import org.edgebert.bundle.BundleException
import org.edgebert.bundle.Files
import org.edgebert.engine.Engine
import org.edgebert.engine.OrtEngine
import org.edgebert.json.Json
import org.edgebert.json.writeJson
import org.edgebert.run.Benchmark
import org.edgebert.run.Classifier
import org.edgebert.run.Device
import org.edgebert.run.Pace
import org.edgebert.run.SelfCheck
import org.edgebert.text.Tokenizer

/** A bundle in a folder. */
class FolderFiles(private val folder: File) : Files {
    override fun open(name: String) = FileInputStream(File(folder, name))
}

/** What the app does, as a program for a JVM; it answers on standard output, in JSON. */
fun main(arguments: Array<String>) {
    val (command, folder) = arguments
    val files = FolderFiles(File(folder))
    try {
        when (command) {
            "tokenize" -> tokenize(File(folder))
            "check" -> engines { print(writeJson(SelfCheck(Bundle.open(files), it).run())) }
            "classify" -> engines { classify(Bundle.open(files), it) }
            "benchmark" -> engines { benchmark(Bundle.open(files), it) }
            else -> error("there is no command $command")
        }
    } catch (wrong: BundleException) {
        print(writeJson(listOf(wrong.message)))
    }
}

/** Rows of standard input, `{"text": ..., "pair": ..., "length": ...}` a line: ids and types, a line each. */
private fun tokenize(tokenizerJson: File) {
    val tokenizer = Tokenizer.of(Json.parse(tokenizerJson.readText(), tokenizerJson.name))
    val out = System.out.bufferedWriter()
    for (line in System.`in`.bufferedReader().lineSequence()) {
        val row = Json.parse(line, "row")
        val tokens = tokenizer.read(row["text"].string, row["pair"].orNull?.string).cut(row["length"].int)
        out.write("${tokens.ids.joinToString(" ")}|${tokens.types.joinToString("")}\n")
    }
    out.flush()
}

/** Texts of standard input, a JSON text a line, through every model. */
private fun classify(bundle: Bundle, engines: List<Engine>) {
    val texts = System.`in`.bufferedReader().lineSequence().map { Json.parse(it, "row") }.toList()
    val found = bundle.manifest.models.associate { model ->
        Classifier(bundle, model, engines.first { it.format == model.format }, threads = 1).use { classifier ->
            model.toString() to texts.map { row ->
                val answer = classifier.classify(row["text"].string, row["pair"].orNull?.string)
                mapOf(
                    "labels" to answer.scores.filter { it.chosen }.map { it.label },
                    "values" to answer.scores.associate { it.label to it.value },
                    "file" to answer.file,
                    "tokens" to answer.tokens,
                )
            }
        }
    }
    print(writeJson(found))
}

private fun benchmark(bundle: Bundle, engines: List<Engine>) {
    val jvm = Device("a Java virtual machine", cores = 1, system = System.getProperty("os.name"))
    val benchmark = Benchmark(bundle, engines, jvm, pace = Pace(warmup = 1, calls = 5, apart = 2, pauseMs = 1))
    benchmark.settings.forEach { benchmark.time(it) }
    print(benchmark.report())
}

private fun engines(use: (List<Engine>) -> Unit) = PythonLiteRt().use { use(listOf(OrtEngine(), it)) }
