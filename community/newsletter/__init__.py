"""Email signup with consent that stands up, and the letter.

``consent``    the verbs of a subscription: ask, confirm, change, pause, stop, start again, erase
``notices``    the few mails about the subscription itself; they never wait for a letter
``tokens``     links that hold neither an address nor a word about health
``writing``    from an editor's Markdown to HTML and text for one kind of reader
``sending``    who gets a letter, and carrying it to the mail server exactly once
``returns``    bounces and complaints

Knows articles, members and policies. Polls lend their cards through ``advocacy_site.cards``.
"""
