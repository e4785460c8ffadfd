"""Scrapy's settings. What users may set stands in newsbot.config; this is how Scrapy is told of it."""

from __future__ import annotations

from scrapy.settings import default_settings

from newsbot.config import load

_own = load()

BOT_NAME = "newsbot"
SPIDER_LOADER_CLASS = "newsbot.spiders.loader.SiteLoader"

ITEM_PIPELINES = {
    "pipelines.extract.ExtractPipeline": 100,
    "pipelines.clean.CleanPipeline": 200,
    "pipelines.deduplicate.DeduplicatePipeline": 300,
    "pipelines.store.StorePipeline": 400,
}
SPIDER_MIDDLEWARES = {
    "newsbot.middlewares.known.KnownStories": 100,
    "newsbot.middlewares.archive.Archiving": 200,
    "scrapy.spidermiddlewares.referer.RefererMiddleware": None,
    "scrapy.spidermiddlewares.depth.DepthMiddleware": None,
    "scrapy.spidermiddlewares.metacopy.MetaCopyDetectionMiddleware": None,
}
DOWNLOADER_MIDDLEWARES = {
    "newsbot.middlewares.guard.AddressGuard": 40,
    "newsbot.middlewares.robots.Robots": 100,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "newsbot.middlewares.answers.Unpacking": 590,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "newsbot.middlewares.archive.Receiving": 595,
    "newsbot.middlewares.redirects.Redirects": 600,
    "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": None,
    "newsbot.middlewares.hosts.Hosts": 900,
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapy.downloadermiddlewares.httpauth.HttpAuthMiddleware": None,
}
EXTENSIONS = {
    "newsbot.tally.Tally": 0,
    "newsbot.middlewares.time.VisitTime": 0,
    "scrapy.extensions.telnet.TelnetConsole": None,
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.corestats.CoreStats": None,
    "scrapy.extensions.logcount.LogCount": None,
    "scrapy.extensions.closespider.CloseSpider": None,
    "scrapy.extensions.feedexport.FeedExporter": None,
    "scrapy.extensions.logstats.LogStats": None,
    "scrapy.extensions.memdebug.MemoryDebugger": None,
    "scrapy.extensions.memusage.MemoryUsage": None,
    "scrapy.extensions.spiderstate.SpiderState": None,
    "scrapy.extensions.throttle.AutoThrottle": None,
}
NEWSBOT_ALLOW_PRIVATE = list(_own.allow_private)
TWISTED_DNS_RESOLVER = "newsbot.middlewares.guard.PublicResolver"
DOWNLOAD_HANDLERS = {
    "http": "newsbot.middlewares.answers.Answers",
    "https": "newsbot.middlewares.answers.Answers",
    "data": None,
    "file": None,
    "ftp": None,
    "s3": None,
}

# Manners
USER_AGENT = _own.user_agent
ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = _own.delay
DOWNLOAD_DELAY_JITTER = 0.0  # a site that asks for two seconds gets two, not one to three
CONCURRENT_REQUESTS_PER_DOMAIN = 1
CONCURRENT_REQUESTS = 8
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"  # the newest story first, as the spider asks
RETRY_TIMES = _own.retries
# A host that no name server knows will not be known a second later either; the next crawl asks again.
RETRY_EXCEPTIONS = [e for e in default_settings.RETRY_EXCEPTIONS if "CannotResolveHost" not in str(e)]
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # who gave up and why is logged once, by the spider
DOWNLOAD_TIMEOUT = _own.timeout
REDIRECT_MAX_TIMES = 8

# Bounds
NEWSBOT_VISIT_SECONDS = _own.visit_seconds
DOWNLOAD_MAXSIZE = _own.page_bytes
DOWNLOAD_WARNSIZE = 0
# Bytes of a site's pages that may wait for a reader before its next one is asked for. Scrapy's 5 MB are 150 in a crawl
# of thirty sites at once.
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 1_000_000
DOWNLOAD_VERIFY_CERTIFICATES = True
URLLENGTH_LIMIT = 2083

# Cost (docs/cost.md): what a crawl of news does not need is off, here and in the tables above. A response makes as many
# tasks as there are CONCURRENT_ITEMS, and a story's has one item.
CONCURRENT_ITEMS = 1
COOKIES_ENABLED = False
METAREFRESH_ENABLED = False
STATS_DUMP = False
LOG_LEVEL = _own.log_level
DEFAULT_REQUEST_HEADERS = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
