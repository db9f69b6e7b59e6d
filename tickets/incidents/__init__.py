"""Tickets that an incident of the status board explains."""
