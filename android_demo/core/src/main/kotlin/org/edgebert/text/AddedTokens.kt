package org.edgebert.text

import org.edgebert.json.Json

/**
 * Tokens that are looked for in a text as they stand, before it is cut into words: `[CLS]`, `[MASK]`, a user's own.
 *
 * @property ids id of each token's text.
 */
internal class AddedTokens(val ids: Map<String, Int>) {
    private val byFirst = ids.keys.filter { it.isNotEmpty() }.sortedByDescending { it.length }.groupBy { it[0] }

    /** Go through a text from the left, the longest token first: [token] takes ids, [other] what lies between. */
    inline fun split(text: String, token: (Int) -> Unit, other: (String) -> Unit) {
        var start = 0
        var at = 0
        while (at < text.length) {
            val found = byFirst[text[at]]?.firstOrNull { text.startsWith(it, at) }
            if (found == null) {
                at++
                continue
            }
            if (at > start) other(text.substring(start, at))
            token(ids.getValue(found))
            at += found.length
            start = at
        }
        if (at > start) other(text.substring(start, at))
    }

    companion object {
        /** Those of `added_tokens` that are looked for in the raw text, or ([normalized]) after it was normalised. */
        fun of(tokens: Json, normalized: Boolean, write: (String) -> String): AddedTokens {
            val chosen = tokens.items.filter { it["normalized"].boolean == normalized }
            for (token in chosen) {
                for (rule in listOf("single_word", "lstrip", "rstrip")) {
                    if (token[rule].boolean) token[rule].wrong("false, all that this app reads")
                }
            }
            return AddedTokens(chosen.associate { write(it["content"].string) to it["id"].int })
        }
    }
}
