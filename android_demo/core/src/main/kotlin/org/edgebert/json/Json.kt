package org.edgebert.json

/** A JSON document that is not what was expected: where, and what is wrong. */
class JsonException(message: String) : Exception(message)

/**
 * A value of a JSON document that knows its place, so that every complaint names it.
 *
 * @property value a Map, List, String, Long, Double, Boolean or null.
 * @property path where it stands, for messages: `manifest.json: models[0].driver`.
 */
class Json(val value: Any?, private val path: String) {
    /** The member [name] of an object, which must be there. */
    operator fun get(name: String): Json {
        val members = members
        if (name !in members) throw JsonException("$path has no '$name'")
        return Json(members[name], if (path.endsWith(":")) "$path $name" else "$path.$name")
    }

    /** The members of an object, in their order. */
    val members: Map<String, Any?>
        get() = (value as? Map<*, *> ?: wrong("an object")).entries.associate { (name, item) -> name as String to item }

    /** The members of an array. */
    val items: List<Json>
        get() = (value as? List<*> ?: wrong("an array")).mapIndexed { place, item -> Json(item, "$path[$place]") }

    /** This value, or null where it is JSON's null. */
    val orNull: Json? get() = if (value == null) null else this

    val string: String get() = value as? String ?: wrong("a text")
    val boolean: Boolean get() = value as? Boolean ?: wrong("true or false")
    val long: Long get() = value as? Long ?: wrong("a whole number")
    val int: Int get() = long.toInt().also { if (it.toLong() != long) wrong("a number of 32 bits") }
    val double: Double get() = (value as? Number)?.toDouble() ?: wrong("a number")
    val strings: List<String> get() = items.map { it.string }
    val ints: IntArray get() = items.map { it.int }.toIntArray()

    /** Refuse this value: [expected] says what should stand here. */
    fun wrong(expected: String): Nothing = throw JsonException("$path is not $expected")

    companion object {
        /** Read a document; [name] is what messages call it. */
        fun parse(text: String, name: String): Json = Json(JsonReader(text, name).document(), "$name:")
    }
}
