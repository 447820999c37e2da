"""What an operator can ask for, a module a verb: each does it, and tells what happens as data.

Nothing here prints, prompts or exits; the command line, and any program that imports waheal, do.
"""
