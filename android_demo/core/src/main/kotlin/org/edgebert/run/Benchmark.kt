package org.edgebert.run

import org.edgebert.bundle.Bundle
import org.edgebert.bundle.Entry
import org.edgebert.bundle.Model
import org.edgebert.bundle.ModelFile
import org.edgebert.bundle.read
import org.edgebert.engine.Accelerator
import org.edgebert.engine.Choice
import org.edgebert.engine.Engine
import org.edgebert.engine.Session
import org.edgebert.engine.choose
import org.edgebert.json.writeJson

/**
 * What is timed: files of one precision in one engine with so many threads.
 *
 * @property entry the one function that is called at its full length; null: each golden dev row through the shortest
 *     that it fits in.
 * @property length tokens at full length; null on the rows' own lengths.
 */
class Setting internal constructor(
    val model: Model,
    val files: List<ModelFile>,
    val engine: Engine,
    val threads: Int,
    internal val entry: Entry?,
    val length: Int?,
) {
    val at: String get() = if (length == null) "rows" else "length"

    override fun toString(): String {
        val name = files.singleOrNull()?.path ?: "$model by length"
        return "$name, ${length ?: "own"} tokens, ${engine.name}, threads: $threads"
    }
}

/** How a phone is timed: calls in a row, and calls apart as an app's user makes them, when clocks have dropped. */
class Pace(val warmup: Int = 5, val calls: Int = 50, val apart: Int = 5, val pauseMs: Long = 2000)

/** Times every file of a bundle in the engine that reads it, with each number of threads. */
class Benchmark(
    private val bundle: Bundle,
    private val engines: List<Engine>,
    private val device: Device,
    private val threads: List<Int> = listOf(1, 2, 4),
    private val accelerator: Accelerator = Accelerator.CPU,
    private val pace: Pace = Pace(),
) {
    private val manifest = bundle.manifest
    private val burst = ArrayList<Map<String, Any?>>()
    private val paced = ArrayList<Map<String, Any?>>()

    /** Everything that there is to time. */
    val settings: List<Setting> = manifest.models.flatMap { model ->
        engines.filter { it.format == model.format && accelerator in it.accelerators }.flatMap { engine ->
            threads.filter { it <= device.cores }.flatMap { count -> settings(model, engine, count) }
        }
    }

    /** Time one setting; gives its p50 and p90 in a row, and its p50 with pauses between calls, in milliseconds. */
    fun time(setting: Setting): Triple<Double, Double, Double> {
        val sessions = HashMap<ModelFile, Session>()
        try {
            val models = setting.files.associateWith { bundle.files.read(it.path) }
            val (openMs, _) = timed {
                for ((file, bytes) in models) sessions[file] = setting.engine.open(bytes, setting.threads, accelerator)
            }
            val rows = rows(setting)
            val call = { place: Int ->
                val (choice, inputs) = rows[place % rows.size]
                timed { sessions.getValue(choice.file).run(choice.entry, inputs) }.first
            }
            val first = rows.indices.distinctBy { rows[it].first.file }.sumOf { call(it) }
            repeat(pace.warmup) { call(it) }
            val ms = DoubleArray(pace.calls) { call(it) }
            val apart = DoubleArray(pace.apart) {
                Thread.sleep(pace.pauseMs)
                call(it)
            }
            burst += latency(setting, device, setting.engine.version, Times(openMs, first, pace.warmup, ms))
            paced += latency(setting, device, setting.engine.version, Times(openMs, first, pace.warmup, apart))
            return Triple(percentile(ms, 50.0), percentile(ms, 90.0), percentile(apart, 50.0))
        } finally {
            sessions.values.forEach { it.close() }
        }
    }

    /**
     * The run's report with what was timed so far in the place of its own times, for `edgebert compare`.
     *
     * `paced` holds the same records of the calls with pauses between them.
     */
    fun report(): String = writeJson(
        bundle.report.members + mapOf(
            "latencies" to burst,
            "paced" to paced,
            "pause_ms" to pace.pauseMs,
            "accelerator" to accelerator.name.lowercase(),
        ),
    )

    private fun settings(model: Model, engine: Engine, threads: Int): List<Setting> {
        val entries = model.files.flatMap { file -> file.entries.map { file to it } }
        val full = entries.map { (file, entry) ->
            Setting(model, listOf(file), engine, threads, entry, entry.length ?: manifest.maxLength)
        }
        // Through a single function of one length, every row takes as long as a full one.
        val own = if (entries.size == 1 && entries[0].second.length != null) emptyList()
        else listOf(Setting(model, model.files, engine, threads, null, null))
        return full + own
    }

    /** What is called in turn: a row that fills the entry, or the golden dev rows. */
    private fun rows(setting: Setting): List<Pair<Choice, Map<String, IntArray>>> {
        val texts = bundle.golden.texts.filter { it.isDevRow }
        val (entry, length) = setting.entry to setting.length
        val chosen = texts.map { text ->
            val tokens = bundle.tokenizer.read(text.text, text.pair).cut(length ?: manifest.maxLength)
            val choice = if (entry == null) setting.model.choose(tokens.size)
            else Choice(setting.files.single(), entry, length ?: tokens.size)
            choice to choice.inputs(tokens, manifest.padId)
        }
        return if (entry == null) chosen else chosen.take(1)
    }
}
