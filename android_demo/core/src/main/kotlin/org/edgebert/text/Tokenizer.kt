package org.edgebert.text

import org.edgebert.json.Json

/**
 * BERT's tokenizer by the rules of a `tokenizer.json`; rules that it does not know are refused by name.
 *
 * The file's own cutting and padding are not used: the manifest says how long texts may be.
 */
class Tokenizer private constructor(
    private val normalizer: BertNormalizer,
    private val raw: AddedTokens,
    private val normalized: AddedTokens,
    private val model: WordPiece,
    private val single: Frame,
    private val pair: Frame,
    /** The id of every token. */
    val vocabulary: Map<String, Int>,
) {
    /** Token ids before anything is cut, and without special tokens. */
    class Read internal constructor(internal val texts: List<List<Int>>, internal val frame: Frame) {
        /** How many tokens the row has, special tokens included. */
        val size: Int get() = frame.size + texts.sumOf { it.size }

        /** The row in at most [length] tokens: of a pair the longer text loses tokens from its end first. */
        fun cut(length: Int): Tokens {
            val (first, second) = longestFirst(texts[0].size, texts.getOrNull(1)?.size ?: 0, length - frame.size)
            return frame.fill(texts.zip(listOf(first, second)) { ids, keep -> ids.take(keep) })
        }
    }

    /** Tokenise a text, or a pair of texts. */
    fun read(text: String, pair: String?): Read =
        if (pair == null) Read(listOf(ids(text)), single) else Read(listOf(ids(text), ids(pair)), this.pair)

    private fun ids(text: String): List<Int> = ArrayList<Int>().also { ids ->
        raw.split(text, { ids.add(it) }) { piece ->
            normalized.split(normalizer.normalize(piece), { ids.add(it) }) { model.tokenize(it, ids) }
        }
    }

    companion object {
        /** Read the rules. */
        fun of(rules: Json): Tokenizer {
            val before = rules["pre_tokenizer"]["type"]
            if (before.string != "BertPreTokenizer") before.wrong("BertPreTokenizer, all that this app reads")
            val (normalizer, tokens) = BertNormalizer.of(rules["normalizer"]) to rules["added_tokens"]
            val model = WordPiece.of(rules["model"])
            return Tokenizer(
                normalizer,
                AddedTokens.of(tokens, false) { it },
                AddedTokens.of(tokens, true, normalizer::normalize),
                model,
                Frame.of(rules["post_processor"], false),
                Frame.of(rules["post_processor"], true),
                model.vocabulary + tokens.items.associate { it["content"].string to it["id"].int },
            )
        }
    }
}

/** How many tokens of each text of a pair stay when both may have [room], as the `tokenizers` library cuts. */
internal fun longestFirst(first: Int, second: Int, room: Int): Pair<Int, Int> {
    if (first + second <= room) return first to second
    var shorter = minOf(first, second)
    var longer = maxOf(shorter, room - shorter)
    if (shorter + longer > room) {
        shorter = room / 2
        longer = room - shorter
    }
    return if (first > second) longer to shorter else shorter to longer
}
