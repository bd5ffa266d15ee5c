package org.edgebert.demo

import android.app.Activity
import android.os.Bundle as State
import android.view.View
import android.widget.Button
import android.widget.TextView
import java.util.concurrent.Executors
import org.edgebert.bundle.Bundle
import org.edgebert.bundle.Manifest
import org.edgebert.bundle.sha256
import org.edgebert.engine.Engine
import org.edgebert.engine.OrtEngine
import org.edgebert.run.SelfCheck

/** Opens the bundle, checks at its first start that it answers right on this phone, and shows the two screens. */
class MainActivity : Activity() {
    private val worker = Executors.newSingleThreadExecutor()
    private var benchmark: BenchmarkScreen? = null

    override fun onCreate(state: State?) {
        super.onCreate(state)
        setContentView(R.layout.main)
        view<View>(R.id.check).visibility = View.GONE
        worker.execute { say(inWords(::open)) }
    }

    override fun onDestroy() {
        benchmark?.leave()
        worker.shutdown()
        super.onDestroy()
    }

    private fun open(): String {
        val files = AssetFiles(assets)
        val bundle = Bundle.open(files)
        val engines = listOf(LiteRtEngine(), OrtEngine())
        runOnUiThread { show(bundle, engines) }
        val (known, digest) = getPreferences(MODE_PRIVATE) to files.sha256(Manifest.FILE)
        return if (known.getString(CHECKED, null) == digest) "This bundle was checked on this phone: it answers right."
        else check(bundle, engines)
    }

    private fun show(bundle: Bundle, engines: List<Engine>) {
        ClassifyScreen(this, bundle, engines, worker).show()
        benchmark = BenchmarkScreen(this, bundle, engines, worker).apply { show() }
        val screens = mapOf(R.id.to_classify to R.id.classify_screen, R.id.to_benchmark to R.id.benchmark_screen)
        for ((button, screen) in screens) {
            view<Button>(button).setOnClickListener {
                for (other in screens.values) {
                    view<View>(other).visibility = if (other == screen) View.VISIBLE else View.GONE
                }
            }
        }
        view<View>(R.id.classify_screen).visibility = View.VISIBLE
        view<View>(R.id.check).visibility = View.VISIBLE
        view<Button>(R.id.check).setOnClickListener { worker.execute { say(inWords { check(bundle, engines) }) } }
    }

    private fun check(bundle: Bundle, engines: List<Engine>): String {
        val wrong = SelfCheck(bundle, engines).run { say("Checking $it …") }
        val passed = if (wrong.isEmpty()) AssetFiles(assets).sha256(Manifest.FILE) else null
        getPreferences(MODE_PRIVATE).edit().putString(CHECKED, passed).apply()
        return if (wrong.isEmpty()) "Checked: every file answers on this phone as its goldens say."
        else "Do not trust this bundle on this phone:\n\n${wrong.joinToString("\n")}"
    }

    private fun say(text: String) = runOnUiThread { view<TextView>(R.id.state).text = text }

    private companion object {
        const val CHECKED = "checked"
    }
}
