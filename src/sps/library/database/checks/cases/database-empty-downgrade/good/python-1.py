"""Merge two heads."""


def upgrade():
    pass


def downgrade():
    pass
