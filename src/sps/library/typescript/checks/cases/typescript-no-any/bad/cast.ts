const rows: Map<string, any[]> = load();
const first = rows.get("a") as any;
