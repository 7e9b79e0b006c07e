"""This or That, and community polls. Their panels have their places on the pages already."""
