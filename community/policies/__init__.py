"""The posted texts: rules, privacy, health data, editorial integrity, disclaimer.

Each is a ``Policy`` with numbered ``PolicyVersion`` rows. A version that is in force is
never changed again (the database refuses); a new wording is a new version, and readers
can open every earlier one. Knows only ``advocacy_site``.
"""
