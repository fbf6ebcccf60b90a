"""Coarse, re-entrant, leased work: pull a channel, push an account, settle, count."""
