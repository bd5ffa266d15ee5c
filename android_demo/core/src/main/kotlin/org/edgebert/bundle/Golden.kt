package org.edgebert.bundle

import org.edgebert.json.Json

/** What a text cut at [length] tokens must give. */
class Cut(val length: Int, val ids: IntArray, val types: IntArray, val logits: DoubleArray)

/** A text of `golden.json`; one that is a dev row has a label. */
class GoldenText(val name: String, val text: String, val pair: String?, val isDevRow: Boolean, val cuts: List<Cut>) {
    /** What must come of it at [length] tokens. */
    fun at(length: Int): Cut = cuts.firstOrNull { it.length == length }
        ?: throw BundleException("golden.json says nothing of '$name' at $length tokens. $MEND")
}

/** `golden.json`: texts with their token ids and logits. */
class Golden(val labels: List<String>, val texts: List<GoldenText>) {
    companion object {
        private const val SCHEMA = 1

        /** Read goldens. */
        fun of(json: Json): Golden {
            if (json["schema"].int != SCHEMA) json["schema"].wrong("$SCHEMA, which this app reads")
            return Golden(json["labels"].strings, json["texts"].items.map(::text))
        }

        private fun text(json: Json) = GoldenText(
            json["name"].string, json["text"].string, json["pair"].orNull?.string, json["label"].value != null,
            json["cuts"].items.map(::cut),
        )

        private fun cut(json: Json) = Cut(
            json["length"].int, json["input_ids"].ints, json["token_type_ids"].ints,
            json["logits"].items.map { it.double }.toDoubleArray(),
        )
    }
}
