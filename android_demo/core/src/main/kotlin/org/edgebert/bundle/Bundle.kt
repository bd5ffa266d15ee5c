package org.edgebert.bundle

import org.edgebert.json.Json
import org.edgebert.json.JsonException
import org.edgebert.text.Tokenizer

/**
 * A bundle that was opened.
 *
 * @property report the run's own `report.json`, which the phone's times are put into.
 */
class Bundle private constructor(
    val files: Files,
    val manifest: Manifest,
    val tokenizer: Tokenizer,
    val golden: Golden,
    val report: Json,
) {
    companion object {
        /**
         * Open a bundle.
         *
         * @throws BundleException if it is missing or broken, in words that say what to do.
         */
        fun open(files: Files): Bundle {
            val manifest = part(files, Manifest.FILE, Manifest::of)
            return Bundle(
                files,
                manifest,
                part(files, manifest.tokenizer, Tokenizer::of),
                part(files, manifest.golden, Golden::of),
                part(files, manifest.report) { it },
            )
        }

        private fun <Part> part(files: Files, name: String, read: (Json) -> Part): Part = try {
            read(Json.parse(files.text(name), name))
        } catch (wrong: JsonException) {
            throw BundleException("The bundle cannot be read: ${wrong.message}. $MEND", wrong)
        }
    }
}
