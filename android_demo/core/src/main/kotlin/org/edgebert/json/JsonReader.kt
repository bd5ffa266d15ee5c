package org.edgebert.json

/** A reader of JSON texts (RFC 8259); whole numbers become Long, others Double. */
internal class JsonReader(private val text: String, private val name: String) {
    private var at = 0

    fun document(): Any? {
        val value = value(0)
        if (peek() != END) fail("the end")
        return value
    }

    private fun value(depth: Int): Any? {
        if (depth > DEEPEST) fail("fewer levels")
        return when (peek()) {
            '{' -> members(depth)
            '[' -> items(depth)
            '"' -> string()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> number()
        }
    }

    private fun members(depth: Int): Map<String, Any?> {
        val found = LinkedHashMap<String, Any?>()
        at++
        if (skip('}')) return found
        do {
            if (peek() != '"') fail("a name")
            val name = string()
            if (!skip(':')) fail("':'")
            found[name] = value(depth + 1)
        } while (skip(','))
        if (!skip('}')) fail("'}'")
        return found
    }

    private fun items(depth: Int): List<Any?> {
        val found = ArrayList<Any?>()
        at++
        if (skip(']')) return found
        do found.add(value(depth + 1)) while (skip(','))
        if (!skip(']')) fail("']'")
        return found
    }

    private fun string(): String {
        val found = StringBuilder()
        at++
        while (true) {
            val char = text.getOrNull(at++) ?: fail("'\"'")
            when {
                char == '"' -> return found.toString()
                char == '\\' -> found.append(escaped())
                char < ' ' -> fail("a character that may stand in a text")
                else -> found.append(char)
            }
        }
    }

    private fun escaped(): Char = when (val char = text.getOrNull(at++)) {
        '"', '\\', '/' -> char
        'b' -> '\b'
        'f' -> '\u000c'
        'n' -> '\n'
        'r' -> '\r'
        't' -> '\t'
        'u' -> {
            at += 4
            if (at > text.length) fail("four hexadecimal digits")
            (text.substring(at - 4, at).toIntOrNull(16) ?: fail("four hexadecimal digits")).toChar()
        }
        else -> fail("an escape")
    }

    private fun number(): Number {
        val start = at
        while (at < text.length && (text[at].isLetterOrDigit() || text[at] in "+-.")) at++
        val digits = text.substring(start, at)
        if (!NUMBER.matches(digits)) fail("a value")
        return digits.toLongOrNull() ?: digits.toDouble()
    }

    private fun <Value> word(word: String, value: Value): Value {
        if (!text.startsWith(word, at)) fail("a value")
        at += word.length
        return value
    }

    private fun skip(char: Char): Boolean = (peek() == char).also { if (it) at++ }

    private fun peek(): Char {
        while (at < text.length && text[at] in " \t\r\n") at++
        return text.getOrElse(at) { END }
    }

    private fun fail(expected: String): Nothing = throw JsonException("$name: $expected is missing at character $at")

    private companion object {
        const val END = '\uffff'
        const val DEEPEST = 100
        val NUMBER = Regex("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?")
    }
}
