"""The scoring API: any version in the registry behind HTTP, without Spark, JVM or pickle."""
