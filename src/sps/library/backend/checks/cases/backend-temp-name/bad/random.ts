export const target = join(tmpdir(), "export-" + Math.random() + ".csv");
