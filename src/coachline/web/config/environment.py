"""What the surroundings say: the centre's folder, the database, secrets, mail, single sign-on. Everything by environment variable."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url

SECRET_VARIABLE = "COACHLINE_SECRET_KEY"  # noqa: S105 - the name of a variable
SECRET_FILE = ".web-secret"  # noqa: S105 - the name of a file
DATABASE_FILE = "coachline.sqlite3"


def folder() -> Path:
    """The centre that is served."""
    return Path(os.environ.get("COACHLINE_CENTRE", ".")).resolve()


def flag(name: str) -> bool:
    return os.environ.get(name, "").strip().lower() in ("1", "true", "yes", "on")


def listed(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def secret_key() -> str:
    """The key that signs sessions: from the environment, else from a file of the centre that only its owner can read.

    In a folder that is no centre yet, and that nothing may be written to, a key holds as long as the process.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return given
    file = folder() / SECRET_FILE
    if not file.exists() and (folder() / "centre.toml").exists():
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as fresh:
                fresh.write(secrets.token_urlsafe(64))
        except FileExistsError:
            # Server and worker started together; the other one was first.
            pass
    return file.read_text(encoding="ascii").strip() if file.exists() else secrets.token_urlsafe(64)


def databases() -> dict[str, Any]:
    """PostgreSQL by ``DATABASE_URL``, else SQLite in the centre's folder."""
    if os.environ.get("DATABASE_URL"):
        return {"default": dj_database_url.config(conn_max_age=60, conn_health_checks=True)}
    return {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": folder() / DATABASE_FILE,
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                "timeout": 20,
                # Server and worker write to one file: readers never wait, and writers queue from their first statement on.
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000;",
            },
        }
    }


def mail() -> dict[str, Any]:
    """Settings of outgoing mail; without a server, mail is written to the log."""
    host = os.environ.get("COACHLINE_SMTP_HOST", "")
    return {
        "EMAIL_BACKEND": f"django.core.mail.backends.{'smtp' if host else 'console'}.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": int(os.environ.get("COACHLINE_SMTP_PORT", "587")),
        "EMAIL_HOST_USER": os.environ.get("COACHLINE_SMTP_USER", ""),
        "EMAIL_HOST_PASSWORD": os.environ.get("COACHLINE_SMTP_PASSWORD", ""),
        "EMAIL_USE_TLS": not flag("COACHLINE_SMTP_PLAIN"),
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": os.environ.get("COACHLINE_MAIL_FROM", "coachline@localhost"),
    }


def single_sign_on() -> dict[str, Any]:
    """One OpenID Connect provider, if the surroundings name one."""
    server = os.environ.get("COACHLINE_OIDC_SERVER", "")
    if not server:
        return {}
    return {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "company",
                    "name": os.environ.get("COACHLINE_OIDC_NAME", "OpenID Connect"),
                    "client_id": os.environ.get("COACHLINE_OIDC_CLIENT", ""),
                    "secret": os.environ.get("COACHLINE_OIDC_SECRET", ""),
                    "settings": {"server_url": server},
                }
            ]
        }
    }
