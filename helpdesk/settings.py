"""One settings file; everything that differs between places comes from the environment (docs/deployment.md)."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

import environ
from django.utils.translation import gettext_lazy as _

from helpdesk import env, logs

BASE_DIR = env.BASE
HOME = env.home()
TESTING = "PYTEST_VERSION" in os.environ
SECRET_KEY = env.secret(HOME)
HOST = env.text("HOST", "127.0.0.1")
PORT = env.integer("PORT", 8000)
SITE_URL = env.text("SITE_URL", f"http://{f'[{HOST}]' if ':' in HOST else HOST}:{PORT}").rstrip("/")
#: Nobody but this machine can come in: by address, and by the name that a proxy would give it.
LOOPBACK = env.is_loopback(HOST) and env.is_loopback(urlsplit(SITE_URL).hostname or "")
DEMO = env.flag("DEMO", default=LOOPBACK) and LOOPBACK
HTTPS = SITE_URL.startswith("https://")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS") or ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if HTTPS else []

INSTALLED_APPS = [
    "helpdesk",
    "tickets",
    "kb",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "lucide",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "helpdesk.middleware.StrictInput",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "helpdesk.middleware.Addresses",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "helpdesk.middleware.Preferences",
    "helpdesk.middleware.Visitors",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "helpdesk.middleware.OwnPassword",
    "helpdesk.middleware.DomainErrors",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "helpdesk.urls"
WSGI_APPLICATION = "helpdesk.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "helpdesk.localised.Localised",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "helpdesk.shell.shell",
            ],
            "builtins": ["helpdesk.templatetags.helpdesk"],
        },
    }
]

# Database: SQLite in the data folder, or DATABASE_URL (PostgreSQL).
DATABASES = {"default": environ.Env.db_url_config(env.text("DATABASE_URL", f"sqlite:///{HOME / 'helpdesk.sqlite3'}"))}
_database = DATABASES["default"]
_given = _database.get("OPTIONS", {})  # ?sslmode=… and its kind win
if _database["ENGINE"].endswith("sqlite3"):
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a read-then-write transaction waits its turn instead of failing at once
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        **_given,
    }
    if TESTING:  # a file, for connections to one in memory don't wait for each other as they do in service
        _database["TEST"] = {"NAME": str(HOME / f"test-{os.getpid()}.sqlite3")}  # two suites may run side by side
        _database["OPTIONS"]["init_command"] = (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"
        )
elif _database["ENGINE"].endswith("postgresql"):
    _database["OPTIONS"] = {
        "options": "-c statement_timeout=15000 -c lock_timeout=10000",
        "connect_timeout": 5,
        **({} if TESTING else {"pool": {"min_size": 1, "max_size": 8, "timeout": 3}}),
        **_given,
    }
    _database["CONN_HEALTH_CHECKS"] = True
else:
    raise ValueError("DATABASE_URL: use sqlite:///file or postgres://…")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": environ.Env.cache_url_config(env.text("CACHE_URL"))
    if env.text("CACHE_URL")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if TESTING
    else {"BACKEND": "helpdesk.cache.Files", "LOCATION": str(HOME / "cache")}
}
CACHES["suggestions"] = {  # keyed by audience; each process keeps its own
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "LOCATION": "suggestions",
    "OPTIONS": {"MAX_ENTRIES": 1000},
}
if CACHES["default"]["BACKEND"].endswith("RedisCache"):
    CACHES["default"] |= {
        "BACKEND": "helpdesk.cache.Redis",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},  # a cache that hangs is no cache
    }

STORAGES = {
    "default": env.storage(env.text("STORAGE_URL"), HOME / "files"),
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_AUTOREFRESH = TESTING  # without collectstatic there is no folder to scan at start
STATICFILES_DIRS = [BASE_DIR / "static"]

# Mail: into a folder, or EMAIL_URL (smtp://…).
_email = environ.Env.email_url_config(env.text("EMAIL_URL", f"filemail:///{HOME / 'mail'}"))
EMAIL_BACKEND = _email.pop("EMAIL_BACKEND")
EMAIL_FILE_PATH = _email.pop("EMAIL_FILE_PATH", "") or str(HOME / "mail")
EMAIL_HOST = _email.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _email.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "helpdesk@localhost")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Languages and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.Accounts",
]
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["accounts.hashers.Argon2", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "after_login"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none" if DEMO else "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
# Lock-out is axes' work (account and address together): allauth's per-account limit lets a stranger lock a victim out.
ACCOUNT_RATE_LIMITS = {"login_failed": False}
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.lockout.answer"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "accounts.lockout.username"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_IPWARE_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
AXES_IPWARE_META_PRECEDENCE_ORDER = ["HTTP_X_FORWARDED_FOR"] if env.integer("TRUSTED_PROXIES", 0) else ["REMOTE_ADDR"]
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"  # read from the cache, written to both
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# Transport and headers
SECURE_SSL_REDIRECT = False  # the proxy's work; a second redirect behind it loops
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.integer("TRUSTED_PROXIES", 0) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W008"] + ([] if HTTPS else ["security.W004", "security.W012", "security.W016"])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "manifest-src": ["'self'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler", "helpdesk.uploads.Nameless"]

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.BearerAuthentication",
        "accounts.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["helpdesk.common.api.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "helpdesk.common.paging.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "helpdesk.openapi.Described",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "600/min", "user": "3000/min"},
    "EXCEPTION_HANDLER": "helpdesk.common.api.problem",
    "NUM_PROXIES": env.integer("TRUSTED_PROXIES", 0),
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Invoice Helpdesk API",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,  # labels are in the reader's language, values are the contract
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "helpdesk.openapi.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "TicketStatus": "tickets.models.STATUSES",
        "IncidentStatus": "kb.status.models.STATUSES",
        "BackfillStatus": "tickets.backfill.models.STATUSES",
        "BatchState": "tickets.batches.models.STATES",
        "BatchResult": "tickets.batches.models.RESULTS",
        "EvidenceState": "tickets.evidence.models.State",
        "ReconciliationState": "tickets.reconciliation.models.State",
        "MaterialState": "tickets.backfill.models.MaterialState",
        "ComparisonResult": "tickets.api.reconciliations.RESULTS",
        "CheckSite": "tickets.checks.models.Site",
        "CheckOutcome": "tickets.checks.models.CheckOutcome",
    },
}

# Work in the background: a broker in the data folder that needs no server, or BROKER_URL (Redis, RabbitMQ).
_queue = HOME / "queue"
CELERY_BROKER_URL = env.text("BROKER_URL", "filesystem://localhost")  # a host only so that kombu does not warn
_SOON = {"max_retries": 1, "interval_start": 0}  # who files a ticket doesn't wait for a broker; the sweep comes round
if CELERY_BROKER_URL.startswith("filesystem://"):
    for _folder in ("messages", "control", "processed"):
        (_queue / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_queue / "messages"),
        "data_folder_out": str(_queue / "messages"),
        "control_folder": str(_queue / "control"),
        "processed_folder": str(_queue / "processed"),
        "polling_interval": 0.1,  # seconds; kombu's own second is what a person waits for at every step
    }
elif CELERY_BROKER_URL.startswith(("redis://", "rediss://")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 600,  # longer than any task
        "unacked_restore_throttle": 1,  # look for messages of dead workers each 10 s, not each 100 s
        "socket_connect_timeout": 5,
        **_SOON,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True, **_SOON}  # sent is what the broker says it has
CELERY_TASK_DEFAULT_QUEUE = env.text("QUEUE", "helpdesk")  # another one for each service on the same broker
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 240_000  # KB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "schedule")
_EVERY = env.integer("SWEEP_SECONDS", 20)
CELERY_BEAT_SCHEDULE = {  # a sweep that nobody took expires: without a worker they would pile up
    name: {"task": f"{name}.sweep", "schedule": float(_EVERY), "options": {"expires": _EVERY}}
    for name in (
        "tickets.tasks",
        "tickets.evidence.tasks",
        "tickets.notifications.tasks",
        "tickets.rechecks.tasks",
        "tickets.batches.tasks",
        "tickets.reconciliation.tasks",
        "tickets.clusters.tasks",
        "tickets.triage.tasks",
        "tickets.incidents.tasks",
        "tickets.escalations.tasks",
        "kb.tasks",
        "kb.status.tasks",
    )
}
CELERY_BEAT_SCHEDULE["kb.count"] = {"task": "kb.tasks.count", "schedule": 600.0, "options": {"expires": 600}}
CELERY_BEAT_SCHEDULE["kb.forget"] = {"task": "kb.tasks.forget", "schedule": 3600.0, "options": {"expires": 3600}}

# Look-ups by themselves: a service that speaks docs/check-source.openapi.json; without one people are reminded
CHECK_URL = env.text("CHECK_URL")
CHECK_TOKEN = env.text("CHECK_TOKEN")
CHECK_SITE = env.text("CHECK_SITE", "authority")
CHECK_CA_FILE = env.text("CHECK_CA_FILE")
CHECK_ALLOW_PRIVATE = env.flag("CHECK_ALLOW_PRIVATE")
CHECK_LIMITS = {"total": env.integer("CHECK_SECONDS", 15)}  # the others: helpdesk.common.outbound.Limits
OUTBOUND_LOG_DAYS = env.integer("OUTBOUND_LOG_DAYS", 30)
if CHECK_SITE not in {"issuer", "buyer", "authority"}:  # the public site answers people, five times a day
    raise ValueError(f"CHECK_SITE={CHECK_SITE!r}: use issuer, buyer or authority")
if CHECK_LIMITS["total"] > 60:  # shorter than the lease of a question, in tickets/rechecks/services.py
    raise ValueError("CHECK_SECONDS: at most 60")
if CHECK_URL and urlsplit(CHECK_URL).scheme not in ({"https", "http"} if CHECK_ALLOW_PRIVATE else {"https"}):
    raise ValueError("CHECK_URL: use https://…, or http:// with CHECK_ALLOW_PRIVATE=1")

# Files
CLAMD_URL = env.text("CLAMD_URL")  # tcp://host:3310 or unix:///run/clamav/clamd.ctl; empty: no virus scanner
OCR = env.flag("OCR", default=not TESTING)  # letters in pictures, where the extra `ocr` is installed
EVIDENCE_MAX_BYTES = 50 * 1024 * 1024
EVIDENCE_MAX_FILES = 20

# The log of questions to the search, and what became of them
QUERY_LOG_DAYS = env.integer("QUERY_LOG_DAYS", 180)
READING_LOG_DAYS = env.integer("READING_LOG_DAYS", 400)  # sittings with articles; who read is forgotten after 72 hours

# Cases
REOPEN_DAYS = 14
SAME_PROBLEM_ALARM = env.integer("SAME_PROBLEM_ALARM", 5)  # different enterprises within 24 hours that call the desk
LATE_FEE_RATE = env.share("LATE_FEE_RATE", "0.0005")  # of the unpaid tax for each day late

LOGGING = logs.config(env.text("LOG_LEVEL", "WARNING"), as_json=not DEMO)

PRODUCT_NAME = _("Invoice Helpdesk")
