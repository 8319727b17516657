const a = <a href={user.site} target="_blank">Site</a>;
