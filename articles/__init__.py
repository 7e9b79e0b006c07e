"""The magazine: articles with their topics, contributors, pictures and sources.

``models/``       what is kept
``publishing``    publish, withdraw and their undoing
``pictures``      what an uploaded picture must pass; ``renditions`` makes its sizes
``front_matter``, ``importing``, ``exporting``   articles as Markdown files
``file_parts``    keys of those files that other apps own
``admin/``        the editors' desk
``demo/``         original demonstration articles

Knows ``community.policies`` and ``community.members``. Never imports polls, comments or
newsletter: the article page asks for their panels in its template.
"""
