const text = "console.log(1)";
// console.log(text)
const log = console.log;
