"""Writes all that is made from the code in these pages: `python docs`. What needs a crawl is made by docs/pictures.py
and docs/console.py."""

import api
import manual
import reference
import rooms
import schema

if __name__ == "__main__":
    for each in (api, manual, reference, rooms, schema):
        each.main()
