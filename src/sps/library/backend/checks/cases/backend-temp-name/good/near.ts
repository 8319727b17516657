export const target = path.join(folder, `export-${Date.now()}.csv`);
