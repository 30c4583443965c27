"""The site's settings: everything that differs between machines comes from the environment.

`environment.py` reads each variable and refuses a bad one by name. The defaults are those of one
machine: SQLite, an embedded broker and files under `var/`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from agon import environment as env

# Lets Django's generic classes be subscripted (ModelForm[User]) as their type stubs describe them.
django_stubs_ext.monkeypatch()

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = Path(__file__).resolve().parent
STATE_DIR = Path(env.text("STATE_DIR", str(ROOT / "var"))).resolve()
TESTING = "pytest" in sys.modules

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    if not (DEBUG or TESTING):
        raise ImproperlyConfigured(
            "SECRET_KEY is not set: expected a random text of at least 50 characters, or SECRET_KEY_FILE "
            "with its path. `make serve` makes one in var/."
        )
    SECRET_KEY = "only-for-tests-and-debugging-" + "0" * 40

SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000", schemes=("http", "https")).rstrip("/")
INTERNAL_URL = env.url("INTERNAL_URL", SITE_URL, schemes=("http", "https")).rstrip("/")
HTTPS = env.boolean("HTTPS", default=SITE_URL.startswith("https://"))
ALLOWED_HOSTS = [
    *env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]"),
    *{urlsplit(address).hostname or "" for address in (SITE_URL, INTERNAL_URL)},
]
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", SITE_URL)

# --- Applications -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "agon.common",
    "agon.accounts",
    "agon.notifications",
    "agon.competitions",
    "agon.teams",
    "agon.leaderboards",
    "agon.submissions",
    "agon.notebooks",
    "agon.integrity",
    "agon.bundles",
    "agon.creation",
    "agon.hosting",
    "agon.api",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "whitenoise.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "agon.common.middleware.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "agon.api.middleware.JSONFaultsMiddleware",
    "agon.common.middleware.UploadSizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "agon.accounts.middleware.TimeZoneMiddleware",
    "agon.accounts.middleware.LanguageMiddleware",
    "agon.integrity.middleware.BrowserMiddleware",
]

ROOT_URLCONF = "agon.urls"
WSGI_APPLICATION = "agon.wsgi.application"
CSRF_FAILURE_VIEW = "agon.common.views.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "django.template.context_processors.tz",
                "agon.common.context_processors.interface",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")

# --- Data --------------------------------------------------------------------------------------

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{STATE_DIR / 'agon.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL")
if REDIS_URL:
    env.url("REDIS_URL", REDIS_URL, schemes=("redis", "rediss", "unix"))
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "agon",
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

STORAGES = {
    "default": env.storage("STORAGE_URL", f"file://{STATE_DIR / 'storage'}"),
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG or TESTING
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
STATIC_URL = "/static/"
STATIC_ROOT = STATE_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG or TESTING
WHITENOISE_AUTOREFRESH = DEBUG or TESTING

# The mathematics font is served from the package that ships it.
_ziamath = importlib.util.find_spec("ziamath")
STATICFILES_DIRS = (
    [("fonts", Path(_ziamath.origin).parent / "fonts")] if _ziamath and _ziamath.origin else []
)

# Files stream to disk from the first byte on that does not fit; forms themselves stay small.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = env.text("UPLOAD_DIR") or None
MAX_DRAFT_BYTES = env.integer("MAX_DRAFT_FILE_MB", 8192, minimum=1) * 1024 * 1024
MAX_UPLOAD_BYTES = env.integer("MAX_UPLOAD_MB", 512, minimum=1) * 1024 * 1024

# --- Queue -------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 3600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "results"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False

# How often the sweeper looks for submissions that nobody is working on, and its deadlines.
SWEEP_SECONDS = env.integer("SWEEP_SECONDS", 2, minimum=1)
MAX_ATTEMPTS = 3
UNSENT_SECONDS = env.integer("UNSENT_SECONDS", 5, minimum=1)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 60, minimum=2)
QUEUE_DEADLINE_SECONDS = env.integer("QUEUE_DEADLINE_SECONDS", 3600, minimum=10)
WORKER_ALIVE_SECONDS = 20

# --- Hosts ------------------------------------------------------------------------------------

HOSTING = env.choice("HOSTING", "everyone", ("everyone", "staff"))

# --- Competitions of the site -----------------------------------------------------------------

# Each folder here that holds a competition.yaml is a competition of the site; `prepare.py` makes its
# data, from the mirror if there is one (an address or a folder, one folder a data set).
COMPETITIONS_DIR = Path(env.text("COMPETITIONS_DIR", str(ROOT / "competitions"))).resolve()
DATA_MIRROR = env.text("AGON_DATA_MIRROR")
PREPARATION_SECONDS = env.integer("PREPARATION_SECONDS", 4 * 3600, minimum=1)
PREPARATION_LEASE_SECONDS = env.integer("PREPARATION_LEASE_SECONDS", 30, minimum=2)
PREPARATION_RUNS = 3

# --- People ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
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
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = env.choice(
    "EMAIL_VERIFICATION", "none", ("none", "optional", "mandatory")
)
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_USERNAME_VALIDATORS = "agon.accounts.validators.username_validators"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Agon] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "signup": "20/m/ip"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXY_COUNT", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Agon"
# The code before and after the present one: for slow fingers and phones with a clock of their own.
MFA_TOTP_TOLERANCE = 1
# Where addresses are never verified, an unverified one must not keep people from a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = ACCOUNT_EMAIL_VERIFICATION == "none"

vars().update(env.email("EMAIL_URL", f"filemail:///{STATE_DIR / 'mail'}"))
EMAIL_TIMEOUT = 10  # a mail server that falls silent must not hold up results
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "Agon <agon@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# How often the courier looks for letters and messages to webhooks that are due. Whoever got a letter
# gets the next one after a pause, with all that came up meanwhile.
COURIER_SECONDS = env.integer("COURIER_SECONDS", 3, minimum=1)
LETTER_PAUSE_SECONDS = env.integer("LETTER_PAUSE_SECONDS", 300, minimum=0)
# Hosts' webhooks may reach this machine and its network only where the site's owner says so.
WEBHOOK_ALLOW_PRIVATE = env.boolean("WEBHOOK_ALLOW_PRIVATE", default=False)

# --- Language and time -------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Safety ------------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = env.boolean("HTTPS_REDIRECT", default=HTTPS)
# Health checks and scoring workers reach the site behind its proxy, over plain HTTP.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^files/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.boolean("TRUST_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logging -----------------------------------------------------------------------------------

LOG_LEVEL = env.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")).upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}

if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    ACCOUNT_RATE_LIMITS = {}
