"""Who signs in: ``Member`` is the site's user model, by email, without a username."""
