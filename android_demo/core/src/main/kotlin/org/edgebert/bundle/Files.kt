package org.edgebert.bundle

import java.io.FileNotFoundException
import java.io.InputStream
import java.security.MessageDigest

/** Where the files of a bundle are: an app's assets, or a folder. */
interface Files {
    /** Open the file [name]; a [FileNotFoundException] says that there is none. */
    fun open(name: String): InputStream
}

/** A bundle that cannot be used, in words for whoever put it into the app. */
class BundleException(message: String, cause: Throwable? = null) : Exception(message, cause)

/** All bytes of the file [name]. */
fun Files.read(name: String): ByteArray = try {
    open(name).use { it.readBytes() }
} catch (missing: FileNotFoundException) {
    throw BundleException("The bundle has no $name. $MEND", missing)
}

/** The text of the file [name], UTF-8. */
fun Files.text(name: String): String = String(read(name), Charsets.UTF_8)

/** Hex sha256 of the file [name], however large; null if there is none. */
fun Files.sha256(name: String): String? {
    val digest = MessageDigest.getInstance("SHA-256")
    try {
        open(name).use { stream ->
            val buffer = ByteArray(1 shl 16)
            generateSequence { stream.read(buffer).takeIf { it >= 0 } }.forEach { digest.update(buffer, 0, it) }
        }
    } catch (missing: FileNotFoundException) {
        return null
    }
    return digest.digest().joinToString("") { "%02x".format(it) }
}

/** What mends a bundle. */
const val MEND = "Put a bundle into the app: edgebert export --android android_demo"
