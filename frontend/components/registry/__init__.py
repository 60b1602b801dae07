"""The versions in the registry: what they are, side by side, and which one is served."""
