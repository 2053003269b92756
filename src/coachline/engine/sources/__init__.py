"""From a file as a call system exports it to rows of a fact table: encodings, headers, map files, values, rejects."""
