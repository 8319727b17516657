const c = Array.from({ length: 3 }).map((_, i) => <Skeleton key={i} />);
const d = rows.map((row, i) => <Row key={`${row.id}-${i}`} />);
const e = rows.map((row, i) => ({ key: i, row }));
