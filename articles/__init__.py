"""The magazine: articles with their topics, contributors, pictures and sources.

``models/``       what is kept
``revisions``     every save, kept; ``comparing`` shows what differs between two
``publishing``    submit, publish, schedule, withdraw and their undoing; ``due`` asks the clock
``rights``        who may do what; ``audit`` writes down who did
``writing_help``  errors and advice beside the text
``search``, ``feeds``, ``sitemap``, ``structured_data``, ``share_picture``   to be found by
``source_checks`` whether cited sources still answer; ``link_check`` asks one address
``where_used``    what stands in the way of deleting a thing; ``overview`` what waits for an editor
``pictures``      what an uploaded picture must pass; ``renditions`` makes its sizes
``front_matter``, ``importing``, ``exporting``   articles as Markdown files
``file_parts``    keys of those files that other apps own
``admin/``        the editors' desk
``demo/``         original demonstration articles

Knows ``community.policies`` and ``community.members``. Never imports polls, comments or
newsletter: the article page asks for their panels in its template.
"""
