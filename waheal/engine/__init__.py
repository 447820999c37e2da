"""The coordinator: sends a campaign through host processes, and settles what became of it.

Which module does what, how a turn goes and what a death leads to stands in the README.md beside
this file.
"""
