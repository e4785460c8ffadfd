"""What stands between Scrapy and the network: which requests are made at all."""
