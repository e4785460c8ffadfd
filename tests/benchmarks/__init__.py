"""The benchmarks' machinery, on invented pages and small numbers; nothing here is timed."""
