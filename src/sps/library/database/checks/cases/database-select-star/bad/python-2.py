QUERY = """
  select *
  from users u
  join teams t on t.id = u.team_id
"""
