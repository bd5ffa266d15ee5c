package org.edgebert.demo

import android.content.res.AssetManager
import java.io.InputStream
import org.edgebert.bundle.Files

/** The bundle that `edgebert export --android android_demo` put into the app's assets. */
class AssetFiles(private val assets: AssetManager) : Files {
    override fun open(name: String): InputStream = assets.open("edgebert/$name")
}
