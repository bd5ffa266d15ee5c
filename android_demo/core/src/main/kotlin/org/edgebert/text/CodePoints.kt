package org.edgebert.text

/** A growing list of Unicode code points. */
internal class CodePoints(capacity: Int) {
    var size = 0
        private set
    private var points = IntArray(maxOf(capacity, 16))

    operator fun get(place: Int): Int = points[place]

    operator fun set(place: Int, point: Int) {
        points[place] = point
    }

    fun add(point: Int) {
        if (size == points.size) points = points.copyOf(2 * size)
        points[size++] = point
    }

    inline fun forEach(action: (Int) -> Unit) {
        for (place in 0 until size) action(get(place))
    }

    override fun toString(): String = String(points, 0, size)

    companion object {
        fun of(text: String): CodePoints {
            val found = CodePoints(text.length)
            var at = 0
            while (at < text.length) {
                val point = text.codePointAt(at)
                found.add(point)
                at += Character.charCount(point)
            }
            return found
        }
    }
}
