"""Spiders: one class, made into one spider a site. They find leads and fetch pages, and know nothing of stories."""
