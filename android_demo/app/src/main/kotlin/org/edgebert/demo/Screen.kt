package org.edgebert.demo

import android.app.Activity
import android.view.View
import android.widget.AdapterView
import android.widget.ArrayAdapter
import android.widget.Spinner
import org.edgebert.bundle.BundleException
import org.edgebert.engine.EngineException

/** The view [id] of this screen. */
inline fun <reified Kind : View> Activity.view(id: Int): Kind {
    val found: View = findViewById(id)
    return found as Kind
}

/** Offer [choices]; [onChoice] gets the place of the one that the user picks, and of the first one at once. */
fun Spinner.offer(choices: List<String>, onChoice: (Int) -> Unit) {
    adapter = ArrayAdapter(context, android.R.layout.simple_spinner_dropdown_item, choices)
    onItemSelectedListener = object : AdapterView.OnItemSelectedListener {
        override fun onItemSelected(parent: AdapterView<*>?, view: View?, position: Int, id: Long) = onChoice(position)

        override fun onNothingSelected(parent: AdapterView<*>?) = Unit
    }
}

/** What [action] gives, or in words why it cannot: a broken bundle and a full memory are no reasons to crash. */
fun inWords(action: () -> String): String = try {
    action()
} catch (broken: BundleException) {
    "${broken.message}"
} catch (failure: EngineException) {
    "${failure.message}"
} catch (missing: UnsatisfiedLinkError) {
    "The runtime's library does not fit this phone: ${missing.message}"
} catch (full: OutOfMemoryError) {
    "This phone has too little memory for that file: ${full.message}"
}
