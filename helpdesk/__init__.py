"""Composition only: settings, addresses, checks. Rooms and who may call whom: docs/architecture.md."""
