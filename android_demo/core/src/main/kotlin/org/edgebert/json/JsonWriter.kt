package org.edgebert.json

/** [value] (Map, List, String, Number, Boolean, null) as JSON, indented by two spaces a level. */
fun writeJson(value: Any?): String = StringBuilder().also { write(value, it, "\n") }.append('\n').toString()

private fun write(value: Any?, out: StringBuilder, line: String) {
    when (value) {
        null, is Boolean, is Int, is Long -> out.append(value)
        is Double -> {
            require(value.isFinite()) { "JSON has no $value" }
            out.append(value)
        }
        is String -> quote(value, out)
        is Map<*, *> -> list(value.entries, "{}", out, line) { (name, item), inner ->
            quote(name as String, out)
            out.append(": ")
            write(item, out, inner)
        }
        is List<*> -> list(value, "[]", out, line) { item, inner -> write(item, out, inner) }
        else -> throw IllegalArgumentException("JSON has no ${value::class.java}")
    }
}

private fun <Item> list(
    items: Collection<Item>, brackets: String, out: StringBuilder, line: String, each: (Item, String) -> Unit,
) {
    out.append(brackets[0])
    items.forEachIndexed { place, item ->
        out.append(if (place > 0) "," else "").append("$line  ")
        each(item, "$line  ")
    }
    out.append(if (items.isEmpty()) "" else line).append(brackets[1])
}

private fun quote(text: String, out: StringBuilder) {
    out.append('"')
    for (char in text) {
        when {
            char == '"' || char == '\\' -> out.append('\\').append(char)
            char < ' ' || char.isSurrogate() -> out.append("\\u").append(char.code.toString(16).padStart(4, '0'))
            else -> out.append(char)
        }
    }
    out.append('"')
}
