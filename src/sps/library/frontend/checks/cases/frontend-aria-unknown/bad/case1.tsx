const a = <nav aria-labeledby="title" />;
