"""DataFrame -> DataFrame steps and the Spark ML stages that make features."""
