const Name = ({ user }) => {
  const [name, setName] = React.useState("");
  const other = 1;
  setName(user.name);
  return <p>{name}</p>;
};
