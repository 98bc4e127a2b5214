"""One settings file. What operators set comes from the environment, and each name stands in .env.example.

Three ways to run:

- nothing configured (none of DEBUG, SECRET_KEY, ALLOWED_HOSTS): a local site for this machine alone, as safe as
  production: loopback hosts only, a secret made at the first start and kept in DATA_DIR;
- DEBUG=on: development;
- anything else is production: what is missing or unsafe refuses to start.
"""

from datetime import timedelta
from typing import Any

import django_stubs_ext
from corsheaders.defaults import default_headers
from whitenoise.compress import Compressor

from blogsite import env
from blogsite.pool import Connection

django_stubs_ext.monkeypatch()  # lets ListView[Article] be said at run time too

# How it runs
DEBUG = env.flag("DEBUG")
LOCAL = not (env.given("DEBUG") or env.given("SECRET_KEY") or env.given("ALLOWED_HOSTS"))
PRODUCTION = not (DEBUG or LOCAL)
BASE_DIR = env.BASE_DIR
DATA_DIR = env.folder("DATA_DIR", BASE_DIR / "var")  # the database, media and static files, unless set elsewhere
THEME_DIR = env.folder("THEME_DIR", BASE_DIR / "theme")  # what it has comes before ours: docs/theming.md

# Safety: nothing here is guessed in production
LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]
SECRET_KEY = env.secret("SECRET_KEY", generated_in=None if PRODUCTION else DATA_DIR / "secret_key")
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", [] if PRODUCTION else LOOPBACK)
if not ALLOWED_HOSTS:
    raise env.refuse("ALLOWED_HOSTS", "is not set; name the hosts of the site, separated by commas")
HTTPS = env.flag("HTTPS", PRODUCTION)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS", [])
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env.whole("HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.flag("HSTS_SUBDOMAINS")
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # what other subdomains do is the operator's to pledge
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
PROXIES = env.whole("PROXIES", 0)  # stand before every web process, each adding to X-Forwarded-For
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "default-src": ["'self'"],
    "img-src": ["'self'", "data:", "https:"],  # articles may show pictures of other sites
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
callers = env.callers("CORS_ALLOWED_ORIGINS", [] if PRODUCTION else ["http://localhost:3000"])
CORS_ALLOW_ALL_ORIGINS = "*" in callers
CORS_ALLOWED_ORIGINS = [origin for origin in callers if "*" not in origin]
CORS_ALLOWED_ORIGIN_REGEXES = [env.subdomains(origin) for origin in callers if "//*." in origin]
CORS_ALLOW_CREDENTIALS = False  # tokens come in a header of their own; cookies are the desk's alone
CORS_URLS_REGEX = r"^/(api/|openapi\.json/?\Z)"
CORS_ALLOW_HEADERS = [*default_headers, "idempotency-key", "if-match", "if-none-match", "prefer"]
CORS_EXPOSE_HEADERS = [
    *("Allow", "ETag", "Idempotency-Replayed", "Link", "Location", "Preference-Applied"),
    *("RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate", "X-Total-Count"),
]

# What it is made of
INSTALLED_APPS = [
    "accounts.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    # after django.contrib.auth, which makes the permissions that our groups are given after each migrate
    "accounts",
    "articles",
]
MIDDLEWARE = [
    "blogsite.bodies.NoBodyMiddleware",
    "blogsite.health.HealthMiddleware",
    "blogsite.compression.GZipMiddleware",  # before all that read an answer or give it an ETag
    "blogsite.problems.ProblemMiddleware",  # before all that answer by themselves
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "blogsite.policy.PolicyMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "blogsite.bodies.BodyLimitMiddleware",
    "blogsite.pages.middleware.AwayMiddleware",
    "blogsite.limits.RateLimitMiddleware",
    "blogsite.etags.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "articles.web.redirects.CommonMiddleware",
    "articles.web.middleware.ReadOnlyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.web.middleware.RevalidationMiddleware",
    "articles.web.middleware.SiteSettingsMiddleware",
    "articles.web.redirects.RedirectMiddleware",
    "blogsite.pages.middleware.PublicMiddleware",
]
ROOT_URLCONF = "blogsite.urls"
WSGI_APPLICATION = "blogsite.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [THEME_DIR / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# Where the data is
DATABASES = {"default": env.database("DATABASE_URL", DATA_DIR / "db.sqlite3")}
if DATABASES["default"]["ENGINE"] == env.SQLITE:
    # WAL lets readers read while one writes; IMMEDIATE takes the write lock at the start of a transaction, where
    # waiting for it works, not in its middle, where SQLite can only fail. Foreign keys are on in Django by itself.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": env.whole("SQLITE_BUSY_SECONDS", 20, least=1, most=3600),
        "init_command": "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -20000;",
    }
    DATABASES["default"]["CONN_MAX_AGE"] = None  # a connection a thread, kept with its page cache
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    DATABASES["default"]["OPTIONS"] = {
        **DATABASES["default"].get("OPTIONS", {}),
        # A request waits for a connection `timeout` seconds: with all threads waiting, not even /healthz is answered.
        "pool": {
            "min_size": 1,
            "max_size": env.whole("DATABASE_POOL_SIZE", 8, least=1),
            "timeout": 1,
            "connection_class": Connection,
        },
    }
    # Statements of blogsite.prepared are planned once a connection, not where a pooler gives out others' connections.
    prepares = env.flag("DATABASE_PREPARE", True)
    DATABASES["default"]["OPTIONS"]["prepare_threshold"] = 0 if prepares else None
    if prepares:
        # PostgreSQL would find that the dates in them differ, and plan some each time all the same. Of plans that know
        # no dates it expects many rows: to start other processes for these, or a compiler, costs more than they do.
        plans = "-c plan_cache_mode=force_generic_plan -c max_parallel_workers_per_gather=0 -c jit=off"
        asked = DATABASES["default"]["OPTIONS"].get("options", "")
        DATABASES["default"]["OPTIONS"]["options"] = f"{plans} {asked}".rstrip()
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True  # one that the database closed is replaced, not handed out
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.redis("REDIS_URL")
CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CACHES["default"] = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},  # seconds
    }

# What strangers get is kept: how much of it, how soon a change is known, how long it serves while the database is away
PAGE_CACHE_MB = env.whole("PAGE_CACHE_MB", 0 if DEBUG else 64, most=100_000)  # of memory, for all workers; 0 keeps none
CACHE_FRESHNESS = env.one_of("CACHE_FRESHNESS", "NOTIFY", ["NOTIFY", "STRICT"])
STALE_IF_ERROR_SECONDS = env.whole("STALE_IF_ERROR_SECONDS", 86_400)

# Files
STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", DATA_DIR / "static")
STATICFILES_DIRS = [folder / "static" for folder in (THEME_DIR, BASE_DIR) if (folder / "static").is_dir()]
MEDIA_URL = "/media/"
MEDIA_ROOT = env.folder("MEDIA_ROOT", DATA_DIR / "media")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "blogsite.static.StaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_ROOT = BASE_DIR / "static" / "root"  # what is asked for without a word in a page: /favicon.ico
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")  # for developer tools alone
DATA_UPLOAD_MAX_MEMORY_SIZE = env.whole("BODY_MAX_BYTES", 2_621_440, least=10_000)  # of a request, files aside
UPLOAD_MAX_BYTES = env.whole("UPLOAD_MAX_BYTES", 20_000_000, least=1)  # of one picture

# The feeds' hub, where subscribers hear of what is new
SITE_URL = env.origin("SITE_URL")
WEBSUB_HUB = env.web_address("WEBSUB_HUB")
if WEBSUB_HUB and not SITE_URL:
    raise env.refuse("SITE_URL", "is not set; with WEBSUB_HUB name the site's own address, as in https://example.org")

# Webhooks go to the public internet, and to these
WEBHOOKS_ALLOW_NETWORKS = env.networks("WEBHOOKS_ALLOW_NETWORKS")

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.NameOrEmailBackend", "articles.backends.ArticleBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2PasswordHasher",
    "accounts.hashers.BCryptPasswordHasher",  # what the service it replaces stored
    "django.contrib.auth.hashers.BCryptSHA256PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ADMIN_URL = env.address("ADMIN_URL", "admin/")
LOGIN_URL = "admin:login"

# Languages and times. The reader sees those of SiteSettings; these are for everything else.
LANGUAGE_CODE = "en"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
FORMAT_MODULE_PATH = "blogsite.formats"  # where Django lacks one

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticatedOrReadOnly"],
    "DEFAULT_RENDERER_CLASSES": ["blogsite.rendering.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["blogsite.rest.FilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": PROXIES,  # so that throttles count by visitor, and no visitor can make up another
    "EXCEPTION_HANDLER": "blogsite.rest.exception_handler",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.whole("ACCESS_TOKEN_EXPIRE_MINUTES", 30, least=1, most=525_600)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.whole("REFRESH_TOKEN_EXPIRE_DAYS", 14, least=1, most=3650)),
    "ALGORITHM": "HS256",
    "USER_ID_CLAIM": "sub",
    "LEEWAY": timedelta(minutes=1),  # by which the clocks of those who look at a token may differ
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "CHECK_REVOKE_TOKEN": True,
    "REVOKE_TOKEN_CLAIM": "stamp",  # the account's, and not the hash of its password: see accounts.api.tokens
}
REQUIRE_IF_MATCH = env.flag("REQUIRE_IF_MATCH")  # or else a change through the API is refused
# How many failed logins, and how many requests a minute; of these, 0 is no limit
COUNTERS_FILE = DATA_DIR / "counters"  # where there is no Redis
READS = 3_000 if PRODUCTION else 60_000
READS_PER_ACCOUNT = env.whole("READS_PER_ACCOUNT", READS)
READS_PER_TOKEN = env.whole("READS_PER_TOKEN", READS)
READS_PER_ADDRESS = env.whole("READS_PER_ADDRESS", READS)
WRITES_PER_ACCOUNT = env.whole("WRITES_PER_ACCOUNT", 300)
WRITES_PER_TOKEN = env.whole("WRITES_PER_TOKEN", 300)
WRITES_PER_ADDRESS = env.whole("WRITES_PER_ADDRESS", 300)
LOGIN_FAILURES_PER_ACCOUNT = env.whole("LOGIN_FAILURES_PER_ACCOUNT", 10, least=1)
LOGIN_FAILURES_PER_ADDRESS = env.whole("LOGIN_FAILURES_PER_ADDRESS", 50, least=1)
LOGIN_FAILURES_MINUTES = env.whole("LOGIN_FAILURES_MINUTES", 15, least=1, most=525_600)
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.1",
    "TITLE": "blogsite",
    "VERSION": "1",
    "LICENSE": {"name": "BSD 3-Clause", "identifier": "BSD-3-Clause"},
    "SERVERS": [{"url": "/", "description": "This site."}],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENFORCE_NON_BLANK_FIELDS": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # which says each choice twice
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "articles.api.webhooks.describe",
        "blogsite.document.complete",
    ],
}

# What it says of itself
LOG_LEVEL = env.one_of("LOG_LEVEL", "INFO", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django": {"handlers": []}},  # or in development it would say everything twice
}

# How gunicorn serves it
WEB_WORKERS = env.whole("WEB_WORKERS", 2, least=1)
WEB_THREADS = env.whole("WEB_THREADS", 4, least=1)  # of each worker
