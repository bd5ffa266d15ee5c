package org.edgebert.text

import org.edgebert.json.Json

/** Token ids of a text or pair, special tokens included, and for each the text that it belongs to (0 or 1). */
class Tokens(val ids: IntArray, val types: IntArray) {
    val size: Int get() = ids.size
}

/** The special tokens around a text or a pair. */
internal class Frame(private val parts: List<Part>) {
    /** A special token's ids, or ([text] 0 or 1) the place of a text. */
    class Part(val ids: List<Int>, val text: Int?, val type: Int)

    /** How many special tokens there are. */
    val size: Int = parts.sumOf { it.ids.size }

    /** Put [texts] into their places. */
    fun fill(texts: List<List<Int>>): Tokens {
        val pieces = parts.map { part -> (part.text?.let { texts[it] } ?: part.ids) to part.type }
        return Tokens(
            pieces.flatMap { (ids, _) -> ids }.toIntArray(),
            pieces.flatMap { (ids, type) -> List(ids.size) { type } }.toIntArray(),
        )
    }

    companion object {
        /** The frame of a `post_processor`. */
        fun of(rules: Json, pair: Boolean): Frame = when (rules["type"].string) {
            "TemplateProcessing" -> {
                val special = rules["special_tokens"]
                Frame(rules[if (pair) "pair" else "single"].items.map { part(it, special) })
            }
            "BertProcessing" -> {
                val (before, after) = listOf("cls", "sep").map { name -> listOf(rules[name].items[1].int) }
                val single = listOf(Part(before, null, 0), Part(NONE, 0, 0), Part(after, null, 0))
                Frame(if (pair) single + Part(NONE, 1, 1) + Part(after, null, 1) else single)
            }
            else -> rules["type"].wrong("TemplateProcessing or BertProcessing, all that this app reads")
        }

        private fun part(rule: Json, special: Json): Part {
            if ("SpecialToken" in rule.members) {
                val token = rule["SpecialToken"]
                return Part(special[token["id"].string]["ids"].ints.toList(), null, token["type_id"].int)
            }
            val text = rule["Sequence"]
            return Part(NONE, if (text["id"].string == "A") 0 else 1, text["type_id"].int)
        }

        private val NONE = emptyList<Int>()
    }
}
