package org.edgebert.demo

import android.app.Activity
import android.view.WindowManager
import android.widget.Button
import android.widget.Spinner
import android.widget.TextView
import java.io.File
import java.util.concurrent.Executor
import org.edgebert.bundle.Bundle
import org.edgebert.engine.Accelerator
import org.edgebert.engine.Engine
import org.edgebert.run.Benchmark

/** Time every file, and write `report.json`. */
class BenchmarkScreen(
    private val activity: Activity,
    private val bundle: Bundle,
    private val engines: List<Engine>,
    private val worker: Executor,
) {
    private val button: Button = activity.view(R.id.benchmark)
    private val times: TextView = activity.view(R.id.times)
    private var accelerator = Accelerator.CPU

    @Volatile
    private var running = false

    /** Fill the screen. */
    fun show() {
        activity.view<Spinner>(R.id.accelerators).offer(Accelerator.entries.map { it.name }) {
            accelerator = Accelerator.entries[it]
        }
        button.setOnClickListener { if (running) leave() else start() }
    }

    /** End after the setting that is being timed. */
    fun leave() {
        running = false
    }

    private fun start() {
        running = true
        button.setText(R.string.stop)
        times.text = ""
        activity.window.addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
        val benchmark = Benchmark(bundle, engines, phone(), accelerator = accelerator)
        worker.execute {
            for ((place, setting) in benchmark.settings.withIndex()) {
                if (!running) break
                say("${place + 1} of ${benchmark.settings.size}: $setting")
                say(inWords { row(benchmark.time(setting)) })
            }
            say(inWords { save(benchmark) })
            activity.runOnUiThread(::stop)
        }
    }

    private fun row(times: Triple<Double, Double, Double>): String {
        val (p50, p90, apart) = times
        return "    p50 %.2f ms, p90 %.2f ms; a call every two seconds: p50 %.2f ms".format(p50, p90, apart)
    }

    private fun save(benchmark: Benchmark): String {
        val folder = activity.getExternalFilesDir(null) ?: return "There is no storage to write report.json to."
        val file = File(folder, "report.json")
        file.writeText(benchmark.report())
        return "\nWritten. On your computer:\nadb pull $file phone.json\nedgebert compare artefacts/ phone.json"
    }

    private fun say(line: String) = activity.runOnUiThread { times.append("$line\n") }

    private fun stop() {
        running = false
        button.setText(R.string.start)
        activity.window.clearFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON)
    }
}
