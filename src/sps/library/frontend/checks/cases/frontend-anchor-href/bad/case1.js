const a = <a onClick={save}>Save</a>;
