"""The book: the only writer of state; every transition and its ledger entry in one transaction."""
