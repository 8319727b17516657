"""The pages: each module asks services and names a template."""
