const page = parseInt(query.page);
