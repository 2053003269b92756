"""The web application: pages, API and background work around a centre's folder."""
