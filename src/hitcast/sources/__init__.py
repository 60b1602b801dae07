"""Where rows come from: Kaggle, files of each format, tables and the generated twin."""
