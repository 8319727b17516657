const sql = `
  select *
  from users
`;
export default sql;
