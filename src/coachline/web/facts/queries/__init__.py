"""What may be read of files, facts and tickets; pages and API ask here."""
