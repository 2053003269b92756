"""The tag profile of every agent: what is known of them from all fact tables, and tags that follow from it by the centre's own rules."""
