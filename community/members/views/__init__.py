"""Views by what people come for: signing in, their account, their data, others, memorials."""
