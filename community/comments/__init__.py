"""The conversation under an article. Its panels have their places on the pages already."""
