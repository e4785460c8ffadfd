"""Scrapy item pipelines, one stage a file, thin skins over newsbot's pure rooms.

    extract.py      Page  -> Draft   what the page says
    clean.py        Draft -> Story   without the site's own text
    deduplicate.py  Story -> Story   with the fingerprint it is recognised by
    store.py        Story -> Kept    in the database, in one transaction
    stage.py        what they have in common

Each counts what it drops under a name, in the stats of its crawler.
"""
