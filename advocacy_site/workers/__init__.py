"""The program behind ``manage.py worker``: the schedule and the tasks, kept going.

``supervisor.py`` starts child processes and never runs anything itself, so nothing that
raises, exits, hangs or eats memory can stop it. ``children.py`` is how a child begins and
ends, ``pulse.py`` how workers know of each other which is alive, ``tasks.py`` what
django-tasks-db 0.13 lacks (drop it when upstream has it).
"""
