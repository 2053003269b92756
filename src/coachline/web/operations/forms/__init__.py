"""What forms and addresses of this slice send, read and checked."""
