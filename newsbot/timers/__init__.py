"""Set up once: what the clock runs, in the user's crontab or as systemd user timers.

jobs.py      which commands run, how often, and for which home: the one list of them
crontab.py   the text of a crontab with newsbot's block in it, and without      pure
units.py     the texts of systemd's units                                       pure
machine.py   crontab(1), systemctl(1) and loginctl(1) asked and told

What a crawl is, and the database, it does not know.
"""
