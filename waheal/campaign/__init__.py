"""Campaign files: read, judged and rendered; it sends nothing and knows no ledger."""
