"""How a writer's Markdown is read: its bounds, its blocks, its sources, its problems.

Only ``advocacy_site.html`` calls this package; what it returns is not yet safe to show.
"""
