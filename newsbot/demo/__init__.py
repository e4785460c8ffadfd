"""Two invented newspapers on the loopback interface, to crawl without a network.

sites/*.toml     the site files that newsbot crawls them with
papers/*.toml    their stories; papers/*.html their pages, boxes and all
paper.py         the stories, by edition
press.py         stories -> pages, feeds, sitemaps
expected.py      what a crawl must keep of them, and what it must not
web.py           the server: `from newsbot.demo.web import DemoWeb`

It knows nothing of the crawler: what it expects of one is written down, not worked out.
"""
