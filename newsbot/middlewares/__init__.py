"""What stands between Scrapy and the network: which requests are made at all. How a story is made they do not know."""
