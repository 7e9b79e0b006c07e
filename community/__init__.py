"""People and what they say to each other. A plain package; four apps live inside.

``policies``    the posted texts (rules, privacy, ...) and their earlier versions
``members``     who signs in: accounts, profiles, privacy rights, memorials
``comments``    the conversation under an article
``newsletter``  email signup with consent, and the letter

Arrows point one way: ``policies <- members <- articles <- comments, newsletter``.
A fifth concept is a fifth folder.
"""
