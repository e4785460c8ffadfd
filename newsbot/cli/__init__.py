"""What people type. One module a group of commands: each parses, calls, prints, and holds no logic.

Data goes to stdout, talk to stderr. What a command does not need, it does not import.
"""
