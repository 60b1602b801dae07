"""What the Experiments page is made of: what runs, its change, what jobs found about it."""
