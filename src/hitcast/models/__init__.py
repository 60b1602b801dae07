"""MLflow's side: runs, registered versions and their aliases, metrics, promotion."""
