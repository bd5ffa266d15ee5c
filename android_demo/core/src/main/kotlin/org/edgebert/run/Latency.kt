package org.edgebert.run

/** The device, in words: nothing of it is known to the core. */
class Device(val processor: String, val cores: Int, val system: String)

/** Times of one setting, in milliseconds. */
class Times(val openMs: Double, val firstCallMs: Double, val warmup: Int, val ms: DoubleArray)

/**
 * One latency as `report.json` has it (`edgebert.profile.latency.Latency`).
 *
 * A phone does not tell an app the load of the others, nor the memory of a library inside it: these stay null.
 */
internal fun latency(setting: Setting, device: Device, version: String, times: Times): Map<String, Any?> = mapOf(
    "model" to "student",
    "files" to setting.files.map { it.path },
    "format" to setting.model.format,
    "scheme" to setting.model.scheme,
    "bytes" to setting.files.sumOf { it.bytes },
    "basis" to "measured",
    "at" to setting.at,
    "p50_ms" to percentile(times.ms, 50.0),
    "p90_ms" to percentile(times.ms, 90.0),
    "p99_ms" to percentile(times.ms, 99.0),
    "mean_ms" to times.ms.average(),
    "round_p50_ms" to listOf(percentile(times.ms, 50.0)),
    "open_ms" to times.openMs,
    "first_call_ms" to times.firstCallMs,
    "peak_memory_mb" to null,
    "conditions" to mapOf(
        "engine" to setting.engine.name,
        "engine_version" to version,
        "threads" to setting.threads,
        "length" to setting.length,
        "batch" to 1,
        "runs" to times.ms.size,
        "rounds" to 1,
        "warmup" to times.warmup,
        "processor" to device.processor,
        "cores" to device.cores,
        "system" to device.system,
        "load_average" to null,
        "others_busy" to null,
    ),
)
