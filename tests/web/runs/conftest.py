from tests.web.postgres import postgres

__all__ = ["postgres"]
