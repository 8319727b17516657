const b = <Link to={url} target={"_blank"}>Docs</Link>;
