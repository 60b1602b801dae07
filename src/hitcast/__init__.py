"""Hitcast: predicts whether a track is likely to be popular.

The package imports nothing heavy by itself; the scorer of a registered model runs on numpy and
onnxruntime alone.
"""
