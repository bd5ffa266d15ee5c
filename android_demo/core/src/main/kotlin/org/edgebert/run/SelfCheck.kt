package org.edgebert.run

import kotlin.math.abs
import org.edgebert.bundle.Bundle
import org.edgebert.bundle.BundleException
import org.edgebert.bundle.Cut
import org.edgebert.bundle.Entry
import org.edgebert.bundle.Model
import org.edgebert.bundle.ModelFile
import org.edgebert.bundle.read
import org.edgebert.bundle.sha256
import org.edgebert.bundle.text
import org.edgebert.engine.Choice
import org.edgebert.engine.Engine
import org.edgebert.engine.EngineException
import org.edgebert.engine.Session

/**
 * Does the bundle answer here as its goldens say?
 *
 * As `edgebert verify` asks: every file's hash, the order of the labels, the vocabulary, the token ids of every golden,
 * and the answers of every file. An fp32 file keeps each value within the report's tolerance on all texts;
 * another, on dev rows, within the largest change that was seen when the bundle was made, and a little more.
 */
class SelfCheck(private val bundle: Bundle, private val engines: List<Engine>) {
    private val manifest = bundle.manifest
    private val texts = bundle.golden.texts

    /** Everything that is wrong, a sentence each; [progress] is told what is looked at. */
    fun run(progress: (String) -> Unit = {}): List<String> {
        val found = ArrayList<String>()
        found += manifest.digests.keys.flatMap { name -> progress(name).let { digest(name) } }
        found += labels() + vocabulary() + tokens()
        for (model in manifest.models) {
            for (file in model.files) found += answers(model, file, progress)
        }
        return found
    }

    private fun digest(name: String): List<String> = when (bundle.files.sha256(name)) {
        null -> listOf("$name is missing.")
        manifest.digests[name] -> emptyList()
        else -> listOf("$name is another file than the manifest says.")
    }

    private fun labels(): List<String> {
        val (own, goldens) = manifest.labels to bundle.golden.labels
        if (bundle.files.sha256(LABELS) == null) return emptyList() // said already
        val named = bundle.files.text(LABELS).removeSuffix("\n").split('\n')
        if (own == goldens && own == named) return emptyList()
        return listOf("The labels are $own in manifest.json, $goldens in ${manifest.golden}, $named in $LABELS.")
    }

    private fun vocabulary(): List<String> {
        val name = manifest.vocabulary ?: return emptyList()
        if (bundle.files.sha256(name) == null) return emptyList() // said already
        val words = bundle.files.text(name).removeSuffix("\n").split('\n')
        if (words.withIndex().associate { (id, word) -> word to id } == bundle.tokenizer.vocabulary) return emptyList()
        return listOf("$name is not the vocabulary of ${manifest.tokenizer}.")
    }

    private fun tokens(): List<String> {
        for (text in texts) {
            val read = bundle.tokenizer.read(text.text, text.pair)
            for (cut in text.cuts) {
                val tokens = read.cut(cut.length)
                if (!tokens.ids.contentEquals(cut.ids) || !tokens.types.contentEquals(cut.types)) {
                    return listOf("The tokenizer gives other ids than the golden '${text.name}' at ${cut.length}.")
                }
            }
        }
        return emptyList()
    }

    private fun answers(model: Model, file: ModelFile, progress: (String) -> Unit): List<String> {
        val engine = engines.firstOrNull { it.format == model.format }
            ?: return listOf("${file.path}: no engine of this app reads ${model.format} files.")
        progress("${file.path} in ${engine.name}")
        return try {
            engine.open(bundle.files.read(file.path), 1).use { session ->
                file.entries.mapNotNull { entry -> entry(session, file, entry, model.scheme == "fp32") }
            }
        } catch (failure: EngineException) {
            listOf("${file.path}: ${failure.message}")
        } catch (failure: BundleException) {
            listOf("${file.path}: ${failure.message}")
        }
    }

    private fun entry(session: Session, file: ModelFile, entry: Entry, exact: Boolean): String? {
        val length = entry.length ?: manifest.maxLength
        val limit = if (exact) bundle.report["scores"]["fp32_tolerance"].double else entry.maxChange + SLACK
        val changes = texts.filter { exact || it.isDevRow }.map { text ->
            val tokens = bundle.tokenizer.read(text.text, text.pair).cut(length)
            val choice = Choice(file, entry, entry.length ?: tokens.size)
            val output = session.run(entry, choice.inputs(tokens, manifest.padId))
            change(output, file.output, text.at(length)) / entry.unit to text.name
        }
        val (worst, where) = changes.maxByOrNull { it.first } ?: return null
        if (worst <= limit) return null
        val (found, allowed) = "%.2g".format(worst) to "%.2g".format(limit)
        return "${file.path} at $length tokens is $found off the golden '$where'; $allowed is allowed."
    }

    private fun change(output: FloatArray, name: String, cut: Cut): Double {
        val wanted = manifest.kind.values(cut.logits)
        val values = manifest.kind.valuesOf(output, name)
        if (values.size != wanted.size || values.any { !it.isFinite() }) return Double.POSITIVE_INFINITY
        return wanted.indices.maxOf { abs(values[it] - wanted[it]) }
    }

    private companion object {
        const val LABELS = "labels.txt"

        /** How much more than on the dev rows a quantised file may change a value: processors round differently. */
        const val SLACK = 0.01
    }
}
