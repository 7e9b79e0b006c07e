"""This or That, and community polls: one press, one vote each, and nobody can see whose.

``models/``      Poll with its choices; the ballots and the counts made of them
``voters``       who votes, as a keyed hash that only the running site can make
``voting``       cast, take back, adopt at sign-in, forget; ``counting`` proves the totals
``results``      what readers are shown of a poll
``placing``      the polls of one page, in one query
``files``        polls in the front matter of article files
``admin/``       the editors' desk

Knows articles and members; they know nothing of polls.
"""
