package org.edgebert.text

import org.edgebert.json.Json

/**
 * Words to pieces of the vocabulary, the longest that fits first (Wu et al. 2016, as BERT uses it).
 *
 * @property vocabulary id of each piece; pieces inside a word begin with [prefix].
 * @property unknown id of a word that the pieces cannot spell, or that has more than [longest] characters.
 */
class WordPiece(
    val vocabulary: Map<String, Int>,
    private val unknown: Int,
    private val prefix: String,
    private val longest: Int,
) {
    /** Add the ids of a normalised text to [ids]. */
    internal fun tokenize(text: String, ids: MutableList<Int>) {
        var start = 0
        var at = 0
        while (at < text.length) {
            val point = text.codePointAt(at)
            val next = at + Character.charCount(point)
            val alone = UnicodeTables.punctuation[point]
            if (alone || UnicodeTables.blank[point]) {
                if (at > start) word(text.substring(start, at), ids)
                if (alone) word(text.substring(at, next), ids)
                start = next
            }
            at = next
        }
        if (at > start) word(text.substring(start, at), ids)
    }

    private fun word(word: String, ids: MutableList<Int>) {
        val before = ids.size
        var start = if (word.codePointCount(0, word.length) > longest) UNSPELT else 0
        while (start in 0 until word.length) {
            var end = word.length
            var id: Int? = null
            while (end > start) {
                val piece = word.substring(start, end)
                id = vocabulary[if (start > 0) prefix + piece else piece]
                if (id != null) break
                end = word.offsetByCodePoints(end, -1)
            }
            if (id != null) ids.add(id)
            start = if (id == null) UNSPELT else end
        }
        if (start == UNSPELT) {
            while (ids.size > before) ids.removeAt(ids.size - 1)
            ids.add(unknown)
        }
    }

    companion object {
        private const val UNSPELT = -1

        /** The `model` of a `tokenizer.json`. */
        fun of(model: Json): WordPiece {
            if (model["type"].string != "WordPiece") model["type"].wrong("WordPiece, all that this app reads")
            val vocabulary = HashMap<String, Int>()
            for ((piece, id) in model["vocab"].members) {
                vocabulary[piece] = (id as? Long ?: model["vocab"].wrong("a table of ids")).toInt()
            }
            return WordPiece(
                vocabulary,
                vocabulary[model["unk_token"].string] ?: model["unk_token"].wrong("in the vocabulary"),
                model["continuing_subword_prefix"].string,
                model["max_input_chars_per_word"].int,
            )
        }
    }
}
