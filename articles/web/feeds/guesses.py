from articles.models.announcement import FEEDS

# What readers try, and what WordPress, Jekyll, Hugo, Ghost and others have: in any case, with and without a slash.
GUESSES = {
    "rss": ["feed", "feeds", "rss", "rss2", "feed/rss", "feed/rss2", "rss.xml", "feed.xml", "index.xml", "index.rss"],
    "atom": ["atom", "feed/atom", "atom.xml", "index.atom"],
    "json": ["feed/json", "feed.json", "index.json"],
}
ALIASES = {alias: format for format, guesses in GUESSES.items() for alias in [*guesses, FEEDS[format]]}
