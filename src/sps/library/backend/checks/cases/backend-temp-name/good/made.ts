export const folder = fs.mkdtempSync(path.join(os.tmpdir(), "export-"));
