// Nothing to bundle yet.
