export const target = path.join(os.tmpdir(), `export-${Date.now()}.csv`);
