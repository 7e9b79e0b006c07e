"""People and what they say to each other. A plain package; five apps live inside.

``policies``    the posted texts (rules, privacy, ...) and their earlier versions
``members``     who signs in: accounts, profiles, privacy rights, memorials
``comments``    the conversation under an article
``newsletter``  email signup with consent, and the letter
``moderation``  the moderators' desk: the queue, decisions, what writers are told, appeals

Arrows point one way: ``policies <- members <- articles <- comments, newsletter <- moderation``.
A sixth concept is a sixth folder.
"""
