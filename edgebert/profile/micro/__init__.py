"""Micro-models: files of a few operators of one kind, timed to find out what each of them costs on a device.

`grid` says which there are, `writer` what they are made of; `onnx` and `tflite` write them.
"""
