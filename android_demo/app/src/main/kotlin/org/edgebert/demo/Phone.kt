package org.edgebert.demo

import android.os.Build
import org.edgebert.run.Device

/** This phone, in words. */
fun phone() = Device(
    processor = "${Build.MANUFACTURER} ${Build.MODEL} (${Build.HARDWARE}, ${Build.SUPPORTED_ABIS.first()})",
    cores = Runtime.getRuntime().availableProcessors(),
    system = "Android ${Build.VERSION.RELEASE} (API ${Build.VERSION.SDK_INT})",
)
