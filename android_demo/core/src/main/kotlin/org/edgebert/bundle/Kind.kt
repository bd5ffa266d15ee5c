package org.edgebert.bundle

import kotlin.math.exp
import kotlin.math.tanh
import org.edgebert.json.Json

/** A label and its probability, or what a number measures and the number; [chosen]: it is (part of) the answer. */
class Scored(val label: String, val value: Double, val chosen: Boolean)

/** What the outputs of a model mean. */
enum class Kind {
    /** One label of several: the one of the largest value. */
    CLASSES {
        override fun values(logits: DoubleArray): DoubleArray {
            val largest = logits.maxOrNull() ?: 0.0
            val exponents = logits.map { exp(it - largest) }
            return exponents.map { it / exponents.sum() }.toDoubleArray()
        }

        override fun isChosen(values: DoubleArray, place: Int) = place == values.indices.maxByOrNull { values[it] }
    },

    /** Any number of labels: those of more than one half. */
    LABELS {
        // The sigmoid 1 / (1 + exp(-z)), by a function that does not overflow.
        override fun values(logits: DoubleArray) = DoubleArray(logits.size) { 0.5 * (1 + tanh(0.5 * logits[it])) }

        override fun isChosen(values: DoubleArray, place: Int) = values[place] > 0.5
    },

    /** The one output is the number. */
    NUMBER {
        override fun values(logits: DoubleArray) = logits

        override fun isChosen(values: DoubleArray, place: Int) = true
    };

    /** Probabilities (or the number) that logits stand for. */
    abstract fun values(logits: DoubleArray): DoubleArray

    protected abstract fun isChosen(values: DoubleArray, place: Int): Boolean

    /** Values of a model's [output], which is called [name]. */
    fun valuesOf(output: FloatArray, name: String): DoubleArray {
        val exact = DoubleArray(output.size) { output[it].toDouble() }
        return if (name == "probabilities") exact else values(exact)
    }

    /** The answer: every label with its value, the largest first. */
    fun answer(values: DoubleArray, labels: List<String>): List<Scored> =
        labels.mapIndexed { place, label -> Scored(label, values[place], isChosen(values, place)) }
            .sortedByDescending { it.value }

    companion object {
        /** The kind that the manifest names. */
        fun of(json: Json): Kind =
            values().firstOrNull { it.name.lowercase() == json.string } ?: json.wrong("a kind that this app knows")
    }
}
