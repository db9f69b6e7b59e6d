"""PURE. The letters in a picture, read by an optional engine in a process of its own (`pip install .[ocr]`)."""
