"""Pages: fetch or 404, permit or 403, bind, respond."""
