"""The scoring API: any version in the registry behind HTTP, without Spark, JVM or pickle."""

from serving.sharing import share_metrics

# Prometheus' client chooses where it counts when it is imported, which modules of this room do.
share_metrics()
