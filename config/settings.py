"""Every setting. Those in README.md's table come from the environment or from `.env`."""

import tomllib
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path

import environ

from config.databases import databases
from config.logs import log_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")

# With neither DEMONSTRATION nor DEBUG this is real use: config/checks.py lists what that needs.
DEMONSTRATION = env.bool("DEMONSTRATION", default=False)
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = not (DEMONSTRATION or DEBUG)
DEMONSTRATION_PASSWORD = "strategy-2008"  # noqa: S105  public on purpose, for invented people alone

RELEASE: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# Real use on what is meant for trying the portal: refused by config/checks.py unless a setting allows it.
ALLOW_SQLITE = env.bool("ALLOW_SQLITE", default=False)
ALLOW_UNSENT_MAIL = env.bool("ALLOW_UNSENT_MAIL", default=False)

# Whose portal this is: the name beside the title, in page titles and e-mails, and a logo in the header.
CITY_NAME = env.str("CITY_NAME", default="Leicester")
CITY_LOGO = env.str("CITY_LOGO", default="")  # an image file; a relative path starts at BASE_DIR

# What an action counts in the weighted share of a vital few, by the strength of its relationship.
STRONG_WEIGHT = env.int("STRONG_WEIGHT", default=2)
SUPPORTING_WEIGHT = env.int("SUPPORTING_WEIGHT", default=1)

SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
LOCAL_ADDRESS = f"http://127.0.0.1:{env.int('PORT', default=8000)}"
PORTAL_ADDRESS = env.str("PORTAL_ADDRESS", default="" if PRODUCTION else LOCAL_ADDRESS).rstrip("/")
INSTALLED_APPS = [
    "history",
    "outbox",
    "strategy",
    "partners",
    "actions",
    "reporting",
    "web",
    "config.apps.PortalConfig",
    "config.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "config.apps.StaticConfig",
    "django.contrib.humanize",
    "django.forms",
    "django_tables2",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "config.request_log.log_requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.page_policy",
    "config.middleware.storable_input",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "partners.sessions.end_old_sessions",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "actions.middleware.keep_typed_words",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "partners.second_factor.required_of_staff",
    "reporting.middleware.PlanOfTheRequest",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context_processors.portal",
                "partners.context_processors.portal",
                "actions.context_processors.portal",
                "reporting.context_processors.portal",
            ],
            "builtins": ["web.templatetags.portal"],
        },
    }
]

# Database: an SQLite file by default, PostgreSQL for real use.
# A streaming replica to read pages from: the primary serves where it is behind or down (history/replica.py).
DATABASES = databases(
    env.str("DATABASE_URL", default="") or f"sqlite:///{BASE_DIR / 'var' / 'portal.sqlite3'}",
    env.str("DATABASE_REPLICA_URL", default=""),
)
# PostgreSQL: the role that serves the portal, if another role owns the tables and migrates (docs/deploying.md).
DATABASE_APPLICATION_ROLE = env.str("DATABASE_APPLICATION_ROLE", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits count in the cache, so all server processes must share it.
CACHES = {
    "default": {
        "BACKEND": "config.cache.PortalCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    }
}

# People sign in by e-mail address; there is no sign-up.
AUTH_USER_MODEL = "partners.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"  # partners.adapter sends each role to its own page
ACCOUNT_ADAPTER = "partners.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION = "none"  # staff create accounts; an invitation has reached its address
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # asks partners.adapter, which sends nothing but takes as long
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"confirm_login_code": "partners.sign_in_forms.CodeForm"}
# Guesses are counted for each account (partners/guesses.py). These stop floods: an office shares one address.
ACCOUNT_RATE_LIMITS = {
    "change_password": "10/5m/user",
    "reauthenticate": "10/5m/user",
    "login": "300/m/ip",
    "login_failed": "300/5m/ip",
    "request_login_code": "120/m/ip,3/m/key",
    "reset_password": "120/m/ip,5/m/key",
    "reset_password_from_key": "120/m/ip",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "partners.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "partners.sign_in_forms.SecondFactorForm",
    "reauthenticate": "partners.sign_in_forms.SecondFactorAgainForm",
    "login_webauthn": "partners.passkey_forms.LoginForm",
    "reauthenticate_webauthn": "partners.passkey_forms.ReauthenticateForm",
    "add_webauthn": "partners.passkey_forms.AddForm",
}
SECOND_FACTOR_FOR_STAFF = PRODUCTION
MFA_TOTP_ISSUER = f"{CITY_NAME} Strategy Action Framework".strip()
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Single sign-on with one OpenID Connect provider; off unless OIDC_ISSUER is set (docs/deploying.md).
OIDC_ISSUER = env.str("OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="your organisation's account")
OIDC_ID = "sso"  # in the addresses
SOCIALACCOUNT_ADAPTER = "partners.single_sign_on.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # to an existing account, by its verified address
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_LOGIN_ON_GET = True  # a link: our policy lets no form lead to another host
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_ID,
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "partners.passwords.LocalWordsValidator"},
]

# E-mail is printed on the terminal unless EMAIL_URL names a server.
EMAIL_CONFIG = env.email_url_config(env.str("EMAIL_URL", default="") or "consolemail://")
EMAIL_BACKEND = EMAIL_CONFIG["EMAIL_BACKEND"]
EMAIL_HOST = EMAIL_CONFIG["EMAIL_HOST"] or "localhost"
EMAIL_PORT = EMAIL_CONFIG["EMAIL_PORT"] or 25
EMAIL_HOST_USER = EMAIL_CONFIG["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = EMAIL_CONFIG["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = EMAIL_CONFIG.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL_CONFIG.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = EMAIL_CONFIG.get("EMAIL_FILE_PATH") or str(BASE_DIR / "var" / "mail")
EMAIL_TIMEOUT = 15  # for each answer of the mail server; the outbox waits, never a request
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="City Growth <portal@localhost>")
# Where people report a security problem (/.well-known/security.txt): an https: or mailto: address.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default=f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")

# Files: whitenoise serves static files. Evidence is stored outside the web root, and a view serves it.
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", ("guide/screenshots", BASE_DIR / "docs" / "screenshots")]
STATIC_ROOT = BASE_DIR / "var" / "static"
MEDIA_ROOT = env.str("EVIDENCE_FOLDER", default=str(BASE_DIR / "var" / "files"))
STORAGES: dict[str, dict[str, object]] = {
    "default": {"BACKEND": "config.storage.EvidenceStorage"},
    "staticfiles": {"BACKEND": "config.storage.StaticStorage"},
}
# Evidence in a bucket of an S3-compatible store, for more than one machine. boto3 reads its own AWS_… variables.
EVIDENCE_BUCKET = env.str("EVIDENCE_BUCKET", default="")
if EVIDENCE_BUCKET:
    STORAGES["default"] = {
        "BACKEND": "config.bucket.EvidenceBucket",
        # Private, never overwritten; files are read through the portal, which checks who asks.
        "OPTIONS": {"bucket_name": EVIDENCE_BUCKET, "default_acl": None, "file_overwrite": False},
    }
WHITENOISE_USE_FINDERS = DEBUG
# Where `manage.py backup` puts its files unless told otherwise, and where `doctor` looks for the last one.
BACKUP_FOLDER = env.str("BACKUP_FOLDER", default="")
EVIDENCE_MAX_BYTES = 10 * 1024 * 1024
REQUEST_MAX_BYTES = EVIDENCE_MAX_BYTES + 2 * 1024 * 1024  # the largest file and the rest of its form
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

# Security. TRUSTED_PROXIES counts the proxies in front that end TLS.
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # at most, however busy: partners/sessions.py
SESSION_IDLE_SECONDS = int(timedelta(hours=3).total_seconds())
SECURE_SSL_REDIRECT = env.bool("HTTPS_ONLY", default=PRODUCTION)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION or SECURE_SSL_REDIRECT
# __Host-: browsers accept the cookie over HTTPS alone and from this host alone, so no neighbour can plant one.
COOKIE_PREFIX = "__Host-" if SECURE_SSL_REDIRECT else ""
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
WRITTEN_COOKIE_NAME = f"{COOKIE_PREFIX}portal_written"  # how far the database was when this reader last wrote
MESSAGE_STORAGE = "config.storage.Messages"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds()) if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Language, and the time zone in which a day ends.
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# One JSON line for each request and event, on standard error.
LOG_REQUESTS = env.bool("LOG_REQUESTS", default=PRODUCTION)
LOGGING = log_settings(LOG_REQUESTS)
