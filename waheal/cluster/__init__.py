"""How orders come to the machines that share a ledger; knows no campaign."""
