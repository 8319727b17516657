// changed files, newest first
const d = [];
