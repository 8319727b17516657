const b = <ul>{rows.map((r) => <li key={r.id} onClick={() => pick(r)}>{r.name}</li>)}</ul>;
