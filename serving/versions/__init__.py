"""Which version answers: the registry followed, files cached, scorers warm, a switch."""
