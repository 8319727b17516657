const a = rows.map((row, i) => <Row key={row.id} index={i} />);
const b = [1, 2, 3].map((n, i) => <Bone key={i} n={n} />);
