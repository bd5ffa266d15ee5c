package org.edgebert.bundle

import org.edgebert.json.Json

/** A function of a model file: the tokens that it takes (null: any number), and the names of its inputs. */
class Entry(val signature: String?, val length: Int?, val inputs: List<String>, val maxChange: Double, val unit: Double)

/**
 * A model file.
 *
 * @property entries the shortest first.
 * @property output name of every entry's output: "logits" or "probabilities".
 * @property runtimes name and version of those that gave right answers when the bundle was made.
 * @property refused likewise, of those that did not.
 */
class ModelFile(
    val path: String,
    val bytes: Long,
    val entries: List<Entry>,
    val output: String,
    val runtimes: List<String>,
    val refused: List<String>,
)

/** Files of one precision. */
class Model(val format: String, val scheme: String, val files: List<ModelFile>) {
    override fun toString(): String = "$format $scheme"
}

/**
 * `manifest.json`, as far as the app uses it; the fields are those of `edgebert.bundle.manifest`.
 *
 * @property digests sha256 of every file of the bundle but the manifest.
 */
class Manifest(
    val name: String,
    val task: String,
    val kind: Kind,
    val labels: List<String>,
    val hasPair: Boolean,
    val models: List<Model>,
    val tokenizer: String,
    val vocabulary: String?,
    val maxLength: Int,
    val padId: Int,
    val golden: String,
    val report: String,
    val digests: Map<String, String>,
) {
    companion object {
        const val FILE = "manifest.json"
        private const val SCHEMA = 3

        /** All of them run the shortest function that a text fits in: of one file, of several, or of its signatures. */
        private val DRIVERS = setOf("single", "by-length", "by-signature")

        /** Read a manifest. */
        fun of(json: Json): Manifest {
            if (json["schema"].int != SCHEMA) json["schema"].wrong("$SCHEMA, which this app reads")
            val tokenizer = json["tokenizer"]
            val files = json["assets"].items + json["models"].items.flatMap { it["files"].items }
            return Manifest(
                name = json["name"].string,
                task = json["task"].string,
                kind = Kind.of(json["kind"]),
                labels = json["labels"].strings,
                hasPair = json["has_pair"].boolean,
                models = json["models"].items.map(::model),
                tokenizer = tokenizer["file"].string,
                vocabulary = tokenizer["vocabulary"].orNull?.string,
                maxLength = tokenizer["max_length"].int,
                padId = tokenizer["pad_id"].int,
                golden = json["golden"].string,
                report = json["report"].string,
                digests = files.associate { it["path"].string to it["sha256"].string },
            )
        }

        private fun model(json: Json): Model {
            if (json["driver"].string !in DRIVERS) json["driver"].wrong("a driver that this app knows")
            return Model(json["format"].string, json["scheme"].string, json["files"].items.map(::file))
        }

        private fun file(json: Json): ModelFile {
            val (right, wrong) = json["runtimes"].items.partition { it["reasons"].items.isEmpty() }
            return ModelFile(
                json["path"].string, json["bytes"].long, json["entries"].items.map(::entry),
                json["output"]["name"].string, right.map(::runtime).distinct(), wrong.map(::runtime).distinct(),
            )
        }

        private fun entry(json: Json) = Entry(
            json["signature"].orNull?.string,
            json["length"].orNull?.int,
            json["inputs"].items.map { it["name"].string },
            json["quality"]["max_change"].double,
            json["quality"]["unit"].double,
        )

        private fun runtime(json: Json) = with(json["runtime"]) { "${this["name"].string} ${this["version"].string}" }
    }
}
