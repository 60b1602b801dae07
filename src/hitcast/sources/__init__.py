"""Where rows come from: Kaggle, CSV files and the generated twin."""
