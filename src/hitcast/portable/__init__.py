"""Portable scorers: a fitted Spark pipeline as one ONNX graph, run without Spark.

Importing this package imports nothing, so that a service pays only for the modules it uses:
`card` and `scorer` need numpy and onnxruntime, `export` needs pyspark and onnx, and `pyfunc` is
the only one that imports mlflow.
"""
