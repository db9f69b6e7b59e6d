"""Reconciliation of the own list with that of the tax side: files in, classes out, the missing ones to a ticket."""
