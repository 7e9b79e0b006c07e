"""The moderators' desk, and what it owes the people it decides about.

``models`` the record, messages, appeals, the desk's own rows · ``deeds`` what can be decided and
what each needs · ``telling`` what the writer reads · ``deciding`` the verb behind every decision ·
``appeals``, ``sending_again`` the writer's ways back · ``queue`` the four lines · ``case`` one
item as a moderator sees it · ``looking`` who else has it open · ``alerts``, ``digest``, ``rota``,
``hours`` when somebody is here and who hears of what · ``record``, ``numbers`` looking back ·
``pinned`` notes and locks that show in a conversation,
``locking`` with who began it told · ``rights`` who may do what · ``views``.

Knows comments, members and policies; none of them knows it. What it adds to a comment's HTML or
to a reason not to write, it registers with ``comments.words`` and ``comments.openness``.
"""
