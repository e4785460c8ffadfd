"""Scrapy item pipelines, one stage a file, thin skins over newsbot's pure rooms.

    extract.py      Page -> Work   to be read: what the page says
    clean.py        Work -> Work   then the site's own text is taken out
    deduplicate.py  Work -> Work   then the fingerprint is made by which it is recognised
    store.py        Work -> Kept   all this done in another process, and the story stored in one transaction
    stage.py        what they have in common

What takes time is not done here: each stage says what is to be done, and the last has it done in one trip to a reading
process, so that the event loop, which all sites share, only waits.
"""
