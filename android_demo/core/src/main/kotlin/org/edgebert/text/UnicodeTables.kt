package org.edgebert.text

import java.util.BitSet

/**
 * What the Hugging Face `tokenizers` library takes for a space, a mark, punctuation, ... in BERT's tokenizer.
 *
 * Phones differ in the Unicode version of their own tables, and from the library's, which mixes several: `unicode.txt`
 * was read off the library itself by `android_demo/tools/unicode_tables.py`.
 */
internal object UnicodeTables {
    private val fields: Map<String, List<String>> = checkNotNull(javaClass.getResourceAsStream("unicode.txt"))
        .bufferedReader().useLines { lines ->
            lines.filter { !it.startsWith("#") }
                .map { it.split(' ') }.associate { it.first() to it.drop(1) }
        }

    /** Left out when a text is cleaned. */
    val control = set("control")

    /** Becomes a space when a text is cleaned. */
    val space = set("space")

    /** Separates words. */
    val blank = set("blank")

    /** A word of its own. */
    val punctuation = set("punctuation")

    /** A Chinese character, which is a word of its own. */
    val chinese = set("chinese")

    /** Left out when accents are stripped. */
    val mark = set("mark")

    private val lower = map("lower")
    private val decomposed = map("decomposed")
    private val order: Map<Int, Int> = map("order").mapValues { (_, rank) -> rank[0] }

    /** Add the lower case of a character to [out]. */
    fun lower(point: Int, out: CodePoints) = lower[point]?.forEach(out::add) ?: out.add(point)

    /** Add the canonical decomposition of a character to [out] (Unicode Standard, section 3.7; Hangul: 3.12). */
    fun decompose(point: Int, out: CodePoints) {
        val syllable = point - HANGUL
        if (syllable !in 0 until SYLLABLES) return decomposed[point]?.forEach(out::add) ?: out.add(point)
        out.add(LEADING + syllable / (VOWELS * TRAILERS))
        out.add(VOWEL + syllable % (VOWELS * TRAILERS) / TRAILERS)
        if (syllable % TRAILERS > 0) out.add(TRAILING + syllable % TRAILERS)
    }

    /** Rank of the canonical combining class of a character: marks in a row are sorted by it; 0 stays in its place. */
    fun order(point: Int): Int = order[point] ?: 0

    private fun set(name: String): BitSet = BitSet().also { set ->
        for (range in fields.getValue(name)) set.set(range.first(), range.last() + 1)
    }

    /** `41-5a:61` maps a range to one as long, `c0:41.300` a character to several, `300-314=9` all to one value. */
    private fun map(name: String): Map<Int, IntArray> = HashMap<Int, IntArray>().also { map ->
        for (field in fields.getValue(name)) {
            val (from, to) = field.split(':', '=')
            val targets = to.split('.').map { it.toInt(16) }.toIntArray()
            val step = if (':' in field) 1 else 0
            for (point in from.first()..from.last()) {
                map[point] = if (targets.size > 1) targets else intArrayOf(targets[0] + step * (point - from.first()))
            }
        }
    }

    private fun String.first(): Int = substringBefore('-').toInt(16)

    private fun String.last(): Int = substringAfter('-').toInt(16)

    private const val HANGUL = 0xac00
    private const val LEADING = 0x1100
    private const val VOWEL = 0x1161
    private const val TRAILING = 0x11a7
    private const val VOWELS = 21
    private const val TRAILERS = 28
    private const val SYLLABLES = 11172
}
