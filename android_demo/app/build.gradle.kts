plugins {
    id("com.android.application")
    id("org.jetbrains.kotlin.android")
}

android {
    namespace = "org.edgebert.demo"
    compileSdk = 35

    defaultConfig {
        applicationId = "org.edgebert.demo"
        minSdk = 26
        targetSdk = 35
        versionCode = 1
        versionName = "0.1.0"
        ndk { abiFilters += listOf("arm64-v8a", "x86_64") }
    }

    // The core is plain Kotlin, which the checks compile for a JVM as well.
    sourceSets["main"].kotlin.srcDir("../core/src/main/kotlin")
    sourceSets["main"].resources.srcDir("../core/src/main/resources")

    // Models hardly shrink, and stored files open faster.
    androidResources { noCompress += listOf("onnx", "tflite") }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }
    kotlinOptions { jvmTarget = "1.8" }
}

dependencies {
    implementation("com.microsoft.onnxruntime:onnxruntime-android:1.22.0")
    implementation("com.google.ai.edge.litert:litert:2.1.4")
}
