package org.edgebert.engine

import org.edgebert.bundle.BundleException
import org.edgebert.bundle.Entry
import org.edgebert.bundle.Model
import org.edgebert.bundle.ModelFile
import org.edgebert.text.Tokens

/** A file, the entry of it that a row is given to, and how many tokens the row is padded to. */
class Choice(val file: ModelFile, val entry: Entry, val length: Int) {
    /** The row as the entry's inputs, padded with [padId]. */
    fun inputs(tokens: Tokens, padId: Int): Map<String, IntArray> = entry.inputs.associateWith { name ->
        when (name) {
            "input_ids", "ids" -> IntArray(length) { if (it < tokens.size) tokens.ids[it] else padId }
            "attention_mask", "mask" -> IntArray(length) { if (it < tokens.size) 1 else 0 }
            "token_type_ids", "segment_ids" -> IntArray(length) { if (it < tokens.size) tokens.types[it] else 0 }
            else -> throw BundleException("${file.path} has the input '$name', which this app does not know.")
        }
    }
}

/**
 * What a row of [tokens] tokens is run through: the shortest entry of all the model's files that it fits in; one that
 * takes any length takes the row as it is.
 */
fun Model.choose(tokens: Int): Choice = choices(tokens).firstOrNull()
    ?: throw BundleException("No file of $this takes $tokens tokens.")

/** Every entry of the model that takes so many tokens, the shortest first. */
fun Model.choices(tokens: Int): List<Choice> = files
    .flatMap { file -> file.entries.map { Choice(file, it, it.length ?: tokens) } }
    .filter { it.length >= tokens }
    .sortedBy { it.length }

/** The tokens that the model takes at most; [any] where it takes any number. */
fun Model.longest(any: Int): Int = files.flatMap { it.entries }.maxOf { it.length ?: any }
