"""The files on arm64, without a device: the engines' arm64 builds under QEMU's user-mode emulation."""
