"""Models without code: a leaf for each library, which opens that library's own files."""
