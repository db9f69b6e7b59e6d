"""PURE. What an invoice (发票) is, how it is read, checked and compared. No Django below this folder."""
