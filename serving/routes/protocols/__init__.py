"""Others' protocols on the same scorer: MLflow's scoring server, the Open Inference Protocol."""
