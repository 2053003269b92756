"""Settings of Django. What differs from place to place comes from the environment; see docs/deployment."""

from __future__ import annotations

import os
from pathlib import Path

from coachline.web.config import environment

COACHLINE_CENTRE = environment.folder()
SECRET_KEY = environment.secret_key()
DEBUG = False
HTTPS = environment.flag("COACHLINE_HTTPS")
ALLOWED_HOSTS = environment.listed("COACHLINE_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = environment.listed("COACHLINE_ORIGINS")

INSTALLED_APPS = [
    "coachline.web.home",
    "coachline.web.capability",
    "coachline.web.quality",
    "coachline.web.operations",
    "coachline.web.facts",
    "coachline.web.runs",
    "coachline.web.org",
    "coachline.web.accounts",
    "coachline.web.journal",
    "coachline.web.base",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks_db",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "coachline.web.base.content_policy.ContentPolicyMiddleware",
    "coachline.web.base.upload_limit.UploadLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "coachline.web.base.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "coachline.web.base.refusals.RefusalMiddleware",
    # Inside the refusals: what the library raises on purpose, such as asking for the password again, is its own to answer.
    "allauth.account.middleware.AccountMiddleware",
    "coachline.web.accounts.middleware.PasswordDueMiddleware",
]

ROOT_URLCONF = "coachline.web.config.urls"
WSGI_APPLICATION = "coachline.web.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coachline.web.base.context.frame",
            ],
        },
    }
]

DATABASES = environment.databases()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Shared by the server's processes and the worker: login throttling, and pages drawn from results that never change.
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": COACHLINE_CENTRE / ".cache",
        "OPTIONS": {"MAX_ENTRIES": 5000},
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "coachline.web.org.permissions.RolesBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "coachline.web.accounts.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "coachline.web.accounts.adapter.SocialAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
# Behind the address of one centre sit hundreds of people.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "30/m/ip,5/5m/key"}
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Behind a proxy, the address of a visitor is the one that the proxy names.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if environment.flag("COACHLINE_BEHIND_PROXY") else 0
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Coachline"
# Mail addresses are entered by administrators and verified by nobody; a second factor needs none.
MFA_ALLOW_UNVERIFIED_EMAIL = True
SOCIALACCOUNT_PROVIDERS = environment.single_sign_on()
SOCIALACCOUNT_AUTO_SIGNUP = True
# By link: the policy of our pages lets no form lead to another server.
SOCIALACCOUNT_LOGIN_ON_GET = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# Safety
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("COACHLINE_BEHIND_PROXY") else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "coachline.web.base.refusals.csrf_failed"
UPLOAD_LIMIT_BYTES = int(os.environ.get("COACHLINE_UPLOAD_LIMIT_MB", "2048")) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 3_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_PERMISSIONS = 0o600

# Language and time: Chinese unless somebody chooses English; times are those of the centre.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_HTTPONLY = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = COACHLINE_CENTRE / ".static"
STATICFILES_DIRS = [Path(__file__).parents[1] / "static", ("report", Path(__file__).parents[2] / "report" / "assets")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Work in the background
RUN_ATTEMPTS = 3
RUN_SILENT_AFTER_S = 60

# Messages to people and chat groups
COACHLINE_ADDRESS = os.environ.get("COACHLINE_ADDRESS", "").rstrip("/")
WEBHOOK_HTTP = environment.flag("COACHLINE_WEBHOOK_HTTP")
WEBHOOK_LOCAL = environment.flag("COACHLINE_WEBHOOK_LOCAL")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"coachline": {"level": "INFO"}, "django.security.DisallowedHost": {"level": "ERROR"}},
}

globals().update(environment.mail())
