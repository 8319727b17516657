const a = rows.map((row, i) => <Row key={i} row={row} />);
