package org.edgebert.run

import java.io.Closeable
import org.edgebert.bundle.Bundle
import org.edgebert.bundle.Model
import org.edgebert.bundle.Scored
import org.edgebert.bundle.read
import org.edgebert.engine.Accelerator
import org.edgebert.engine.Engine
import org.edgebert.engine.Session
import org.edgebert.engine.choose
import org.edgebert.engine.longest

/**
 * An answer.
 *
 * @property file that gave it.
 * @property tokens of the text, before it was cut at [cutAt].
 */
class Answer(
    val scores: List<Scored>,
    val file: String,
    val tokens: Int,
    val cutAt: Int,
    val tokenizeMs: Double,
    val inferMs: Double,
)

/** A model of the bundle, used as its driver says; files are opened when they are first needed. */
class Classifier(
    private val bundle: Bundle,
    private val model: Model,
    private val engine: Engine,
    private val threads: Int,
    private val accelerator: Accelerator = Accelerator.CPU,
) : Closeable {
    private val open = HashMap<String, Session>()
    private val manifest = bundle.manifest
    private val cutAt = minOf(manifest.maxLength, model.longest(manifest.maxLength))

    /** Classify a text, or a pair of texts. */
    fun classify(text: String, pair: String?): Answer {
        val (tokenizeMs, row) = timed { bundle.tokenizer.read(text, pair).let { it.size to it.cut(cutAt) } }
        val (size, tokens) = row
        val choice = model.choose(tokens.size)
        val file = choice.file
        val session = open.getOrPut(file.path) { engine.open(bundle.files.read(file.path), threads, accelerator) }
        val inputs = choice.inputs(tokens, manifest.padId)
        val (inferMs, output) = timed { session.run(choice.entry, inputs) }
        val scores = manifest.kind.answer(manifest.kind.valuesOf(output, file.output), manifest.labels)
        return Answer(scores, file.path, size, cutAt, tokenizeMs, inferMs)
    }

    override fun close() {
        open.values.forEach { it.close() }
        open.clear()
    }
}
