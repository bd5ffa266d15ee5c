package org.edgebert.run

import kotlin.math.floor

/** The value that [share] percent of [values] are below, interpolated between neighbours as NumPy does. */
fun percentile(values: DoubleArray, share: Double): Double {
    val sorted = values.sortedArray()
    val place = share / 100 * (sorted.size - 1)
    val below = floor(place).toInt()
    val above = minOf(below + 1, sorted.size - 1)
    return sorted[below] + (place - below) * (sorted[above] - sorted[below])
}

/** Milliseconds that [action] takes, and what it gives. */
inline fun <Found> timed(action: () -> Found): Pair<Double, Found> {
    val start = System.nanoTime()
    val found = action()
    return (System.nanoTime() - start) / 1e6 to found
}
