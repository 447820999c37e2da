"""The home on disk: its lock, the ledger and neonize's sessions; knows nothing of sending."""
