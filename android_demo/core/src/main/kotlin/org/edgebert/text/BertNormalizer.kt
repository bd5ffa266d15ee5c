package org.edgebert.text

import org.edgebert.json.Json

/**
 * BERT's basic text clean-up, as `tokenizers` does it: control characters, Chinese characters, accents, case.
 *
 * @property cleanText leave control characters out, and make every white space a space.
 * @property handleChinese put spaces around Chinese characters.
 * @property stripAccents decompose characters (NFD) and leave non-spacing marks out.
 * @property lowercase in the end.
 */
class BertNormalizer(
    private val cleanText: Boolean,
    private val handleChinese: Boolean,
    private val stripAccents: Boolean,
    private val lowercase: Boolean,
) {
    /** The text as the vocabulary writes it. */
    fun normalize(text: String): String = normalize(CodePoints.of(text)).toString()

    internal fun normalize(text: CodePoints): CodePoints {
        var found = text
        if (cleanText) found = found.rewritten(::clean)
        if (handleChinese) found = found.rewritten(::space)
        if (stripAccents) found = sorted(found.rewritten(UnicodeTables::decompose)).rewritten(::strip)
        if (lowercase) found = found.rewritten(UnicodeTables::lower)
        return found
    }

    private fun clean(point: Int, out: CodePoints) {
        if (!UnicodeTables.control[point]) out.add(if (UnicodeTables.space[point]) SPACE else point)
    }

    private fun space(point: Int, out: CodePoints) {
        val chinese = UnicodeTables.chinese[point]
        if (chinese) out.add(SPACE)
        out.add(point)
        if (chinese) out.add(SPACE)
    }

    private fun strip(point: Int, out: CodePoints) {
        if (!UnicodeTables.mark[point]) out.add(point)
    }

    /** Marks in a row in canonical order: an insertion sort, stable and quick on the few that there are. */
    private fun sorted(text: CodePoints): CodePoints {
        for (place in 1 until text.size) {
            val point = text[place]
            val order = UnicodeTables.order(point)
            var to = place
            while (order > 0 && to > 0 && UnicodeTables.order(text[to - 1]) > order) {
                text[to] = text[to - 1]
                to--
            }
            text[to] = point
        }
        return text
    }

    private inline fun CodePoints.rewritten(each: (Int, CodePoints) -> Unit): CodePoints {
        val found = CodePoints(size)
        forEach { each(it, found) }
        return found
    }

    companion object {
        private const val SPACE = ' '.code

        /** The rules of `normalizer` in a `tokenizer.json`. */
        fun of(rules: Json): BertNormalizer {
            if (rules["type"].string != "BertNormalizer") rules["type"].wrong("BertNormalizer, all that this app reads")
            val lowercase = rules["lowercase"].boolean
            return BertNormalizer(
                cleanText = rules["clean_text"].boolean,
                handleChinese = rules["handle_chinese_chars"].boolean,
                stripAccents = rules["strip_accents"].orNull?.boolean ?: lowercase,
                lowercase = lowercase,
            )
        }
    }
}
