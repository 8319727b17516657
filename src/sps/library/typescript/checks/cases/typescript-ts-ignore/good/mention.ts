// We do not use @ts-ignore here.
const text = "// @ts-ignore";
