"""The conversation under an article.

``models`` what is kept · ``words`` what people may write and how it becomes HTML ·
``writing`` posting, editing, deleting and the way back · ``threads`` which comments stand on a
page · ``panel`` how they are joined for one reader · ``moderation`` what readers may not see ·
``screening`` what waits for a moderator and why (``folding``, ``matching``, ``wordlists``,
``shapes``) · ``holding`` the line it waits in · ``reports`` what people tell moderators ·
``drafts`` words not yet posted · ``reacting``, ``following``, ``notices``, ``visits`` · ``views``.

Knows articles, members and policies; none of them knows it. Articles ask for the panel in
their template (``templatetags/comments.py``).
"""
