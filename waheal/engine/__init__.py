"""The coordinator: whose turn it is, the hosts and their supervision, doubt and its settling."""
