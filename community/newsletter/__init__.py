"""Email signup with consent, and the letter. Its panel has its place on the pages already."""
