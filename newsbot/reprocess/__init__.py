"""Stories made again: after the extraction, the cleaning, a fingerprint or a site's file changed.

    Standing -- making.py --> Story | why not -- differences.py --> what is different -- running.py --> the database

The page as fetched is read where the archive has it; where it has not, what the page's text was is put back together
and cleaned anew. It knows nothing of Scrapy and of the terminal.
"""
