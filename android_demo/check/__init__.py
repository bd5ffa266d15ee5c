"""Proof of the app without a phone: its core on a JVM, its APK built and verified with free tools."""
