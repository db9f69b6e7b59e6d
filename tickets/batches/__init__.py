"""Lists of invoices: checked row by row, then one ticket with many items."""
