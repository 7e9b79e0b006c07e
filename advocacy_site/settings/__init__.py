"""Settings: ``base`` is shared, ``production`` is the safe default, ``local`` is for
``make run`` and ``test`` for ``make test``."""
