const other = a.id != b.id;
