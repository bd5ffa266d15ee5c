package org.edgebert.demo

import android.app.Activity
import android.view.View
import android.widget.Button
import android.widget.EditText
import android.widget.Spinner
import android.widget.TextView
import java.util.concurrent.Executor
import org.edgebert.bundle.Bundle
import org.edgebert.bundle.Kind
import org.edgebert.bundle.Model
import org.edgebert.engine.Accelerator
import org.edgebert.engine.Engine
import org.edgebert.run.Answer
import org.edgebert.run.Classifier

/** Type or pick a text, and see its labels. */
class ClassifyScreen(
    private val activity: Activity,
    private val bundle: Bundle,
    engines: List<Engine>,
    private val worker: Executor,
) {
    private class Way(val model: Model, val engine: Engine, val accelerator: Accelerator) {
        override fun toString() = "$model, ${engine.name}, ${accelerator.name}"
    }

    // The CPU first: it is what the spinner shows at the start.
    private val ways = bundle.manifest.models.flatMap { model ->
        engines.filter { it.format == model.format }
            .flatMap { engine -> engine.accelerators.map { Way(model, engine, it) } }
    }.sortedBy { it.accelerator }
    private val text: EditText = activity.view(R.id.text)
    private val pair: EditText = activity.view(R.id.pair)
    private val answer: TextView = activity.view(R.id.answer)
    private var way = ways.firstOrNull()
    private var opened: Pair<Way, Classifier>? = null

    /** Fill the screen. */
    fun show() {
        val examples = bundle.golden.texts
        activity.view<Spinner>(R.id.examples).offer(examples.map { "${it.name}: ${it.text.take(SHOWN)}" }) { place ->
            text.setText(examples[place].text)
            pair.setText(examples[place].pair.orEmpty())
        }
        pair.visibility = if (bundle.manifest.hasPair) View.VISIBLE else View.GONE
        activity.view<Spinner>(R.id.models).offer(ways.map { it.toString() }) { way = ways[it] }
        activity.view<Button>(R.id.classify).setOnClickListener {
            val (first, second) = text.text.toString() to pair.text.toString()
            val chosen = way
            worker.execute {
                val found = inWords {
                    if (chosen == null) "No engine reads these files." else classify(chosen, first, second)
                }
                activity.runOnUiThread { answer.text = found }
            }
        }
    }

    private fun classify(way: Way, first: String, second: String): String {
        if (opened?.first !== way) {
            opened?.second?.close()
            opened = null
            opened = way to Classifier(bundle, way.model, way.engine, threads = 1, accelerator = way.accelerator)
        }
        val classifier = checkNotNull(opened).second
        return words(way, classifier.classify(first, second.takeIf { bundle.manifest.hasPair }))
    }

    private fun words(way: Way, found: Answer): String = buildString {
        val number = bundle.manifest.kind == Kind.NUMBER
        for (score in found.scores) {
            val value = if (number) "%.4g".format(score.value) else "%.1f %%".format(100 * score.value)
            appendLine("${if (score.chosen) "●" else "○"} ${score.label}: $value")
        }
        appendLine()
        appendLine("${found.file}, ${way.engine.name} ${way.engine.version} on ${way.accelerator.name}")
        appendLine("tokenising %.2f ms, inference %.2f ms".format(found.tokenizeMs, found.inferMs))
        append("${found.tokens} tokens")
        if (found.tokens > found.cutAt) append(", cut at ${found.cutAt}")
    }

    private companion object {
        const val SHOWN = 40
    }
}
